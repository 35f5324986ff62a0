/** Whether an error means that the database cannot be reached or has no connection free: nothing was done, and trying again helps. */
export function isUnavailable(error: unknown): boolean {
  const { code, message } = error as { code?: unknown; message?: unknown };
  return (
    /^(08|53|57P)/.test(String(code)) ||
    ['ECONNREFUSED', 'ECONNRESET', 'ENOENT', 'EPIPE'].includes(String(code)) ||
    /timeout exceeded when trying to connect|Connection terminated|is not queryable/.test(String(message))
  );
}
