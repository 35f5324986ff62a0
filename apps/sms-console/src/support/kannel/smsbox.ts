import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { TLSSocket } from 'node:tls';

/**
 * What became of a request to smsbox. `not-connected`: it did not leave this machine. `unanswered`: it may have arrived; no
 * answer came. Details are codes of the system, never texts of the other side.
 */
export type SmsboxAnswer =
  | { readonly kind: 'answered'; readonly status: number; readonly text: string }
  | { readonly kind: 'not-connected'; readonly detail: string }
  | { readonly kind: 'unanswered'; readonly detail: string };

/** smsbox says one sentence. */
const LONGEST_ANSWER = 500;

/**
 * Asks Kannel's smsbox by HTTP GET, as its user guide has it ("Using the HTTP interface to send SMS messages"). Each request has a connection of
 * its own: one that is kept could be closed by the other side in the moment of writing, and then nobody knows what arrived. Redirects are not followed.
 * @param timeout milliseconds for all of it; `signal` gives it up before
 */
export function askSmsbox(
  url: string,
  query: Readonly<Record<string, string>>,
  { timeout, signal }: { timeout: number; signal: AbortSignal },
): Promise<SmsboxAnswer> {
  return new Promise((resolve) => {
    const target = new URL(url);
    target.search = new URLSearchParams(query).toString();
    const secure = target.protocol === 'https:';
    let connected = false;
    const request = (secure ? requestHttps : requestHttp)(target, { agent: false, signal }, (response) => {
      let text = '';
      const answer = (): void => {
        resolve({ kind: 'answered', status: response.statusCode ?? 0, text });
        response.destroy();
      };
      response.setEncoding('latin1');
      response.on('data', (piece: string) => {
        text = (text + piece).slice(0, LONGEST_ANSWER);
        if (text.length === LONGEST_ANSWER) answer();
      });
      response.on('end', answer);
      // Its status was there: that is the answer.
      response.on('error', answer);
      response.on('aborted', answer);
    });
    request.on('socket', (socket: TLSSocket) =>
      socket.once(secure ? 'secureConnect' : 'connect', () => (connected = true)),
    );
    request.on('error', (error: NodeJS.ErrnoException) =>
      resolve({ kind: connected ? 'unanswered' : 'not-connected', detail: error.code ?? error.name }),
    );
    const late = setTimeout(
      () => request.destroy(Object.assign(new Error('no answer in time'), { code: 'ETIMEDOUT' })),
      timeout,
    );
    request.on('close', () => clearTimeout(late));
    request.end();
  });
}
