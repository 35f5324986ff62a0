/** Where Kannel tells what became of a message: with the gateway's name, its secret and the message's id, all of which are safe in a path. */
export function receiptPath({
  gateway,
  secret,
  message,
}: Readonly<Record<'gateway' | 'secret' | 'message', string>>): string {
  return `/internal/v1/kannel/${gateway}/${secret}/${message}`;
}
