import { belowIssuer, type CheckedOptions } from './checked-options.ts';
import { SECOND } from './durations.ts';
import { type LoginServerUnreachable, type Outbound, unreachableIn } from './outbound.ts';

/** An answer of the login server's console API: 2xx, 304 or 4xx. */
export type ApiAnswer = {
  status: number;
  headers: Headers;
  /** The JSON body if it is an object; otherwise empty. */
  body: Record<string, unknown>;
};

export type ApiRequest = {
  method: 'GET' | 'POST';
  path: string;
  body?: object;
  headers?: Record<string, string>;
  /** Asks the login server to wait so many seconds for something new (RFC 7240 §4.3); the answer may take that much longer. */
  waitSeconds?: number;
  signal?: AbortSignal;
};

/** One call to `{issuer}/api/console/v1`; returns the cause if the login server cannot be reached. */
export type CallConsoleApi = (request: ApiRequest) => Promise<ApiAnswer | LoginServerUnreachable>;

/** Calls the console API with the console's client id and secret (HTTP Basic, RFC 7617). */
export function consoleApi(options: CheckedOptions, outbound: Outbound): CallConsoleApi {
  const authorization = `Basic ${Buffer.from(`${options.clientId}:${options.clientSecret}`).toString('base64')}`;
  return async ({ method, path, body, headers, waitSeconds = 0, signal }) => {
    try {
      const init = {
        method,
        headers: {
          accept: 'application/json',
          authorization,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...(waitSeconds > 0 ? { prefer: `wait=${waitSeconds}` } : {}),
          ...headers,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        ...(signal === undefined ? {} : { signal }),
      };
      const url = belowIssuer(options, `/api/console/v1${path}`).href;
      const response = await outbound(url, init, waitSeconds * SECOND);
      return { status: response.status, headers: response.headers, body: objectIn(await response.text()) };
    } catch (error) {
      const unreachable = unreachableIn(error);
      if (unreachable === null) throw error;
      return unreachable;
    }
  };
}

/** The stable error code of a problem document (RFC 9457); `http-401` and the like if there is none. */
export function problemCode(answer: ApiAnswer): string {
  return typeof answer.body.code === 'string' ? answer.body.code : `http-${answer.status}`;
}

/** Whole seconds to wait by `Retry-After` (seconds or HTTP date, RFC 9110 §10.2.3); null if there is none. */
export function retryAfterSeconds(answer: ApiAnswer, now: Date): number | null {
  const value = answer.headers.get('retry-after');
  if (value === null) return null;
  if (/^\d+$/u.test(value)) return Number(value);
  const until = Date.parse(value);
  return Number.isNaN(until) ? null : Math.max(0, Math.ceil((until - now.getTime()) / SECOND));
}

function objectIn(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : {};
  } catch {
    return {};
  }
}
