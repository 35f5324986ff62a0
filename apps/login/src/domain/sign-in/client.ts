/** Where a request comes from, for limits and the audit log. */
export type Client = {
  ip: string;
  network: string;
  requestId: string;
  /** What the browser calls itself, as far as a person can read it. */
  userAgent: string | null;
};
