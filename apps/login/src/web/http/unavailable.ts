/** Of the system: nobody listens there, the way there is gone, or so many wait at the door (EAGAIN: of a Unix socket) that nobody else gets in. */
const UNREACHABLE: ReadonlySet<string> = new Set([
  ...['ECONNREFUSED', 'ECONNRESET', 'ENOENT', 'EPIPE', 'EAGAIN'],
  ...['ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOTFOUND', 'EAI_AGAIN'],
]);

/** Whether an error means that the database cannot be reached, has no connection free, or its disk fails it (classes 08, 53, 57P and 58 of PostgreSQL's codes): nothing was done, and trying again helps. */
export function isUnavailable(error: unknown): boolean {
  const { code, message } = error as { code?: unknown; message?: unknown };
  return (
    /^(08|53|57P|58)/.test(String(code)) ||
    UNREACHABLE.has(String(code)) ||
    /timeout exceeded when trying to connect|Connection terminated|is not queryable/.test(String(message))
  );
}
