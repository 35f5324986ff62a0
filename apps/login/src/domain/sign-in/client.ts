/** Where a request comes from, for limits and the audit log. */
export type Client = {
  ip: string;
  network: string;
  /** Keyed hash of what this browser keeps since its last sign-in; only where passwords are typed. */
  browserHash?: string | undefined;
  requestId: string;
  /** What the browser calls itself, as far as a person can read it. */
  userAgent: string | null;
};
