/** Where a request comes from, for limits and the audit log. */
export type Client = { ip: string; network: string; requestId: string };
