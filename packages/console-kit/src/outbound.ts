import type { CheckedOptions } from './checked-options.ts';

const LARGEST_BODY = 1024 * 1024;
const WITHOUT_BODY = new Set([204, 205, 304]);

/** A request to the login server that brought nothing usable: no connection, no answer in time, a redirect, a 5xx. */
export class LoginServerUnreachable extends Error {
  override name = 'LoginServerUnreachable';
}

/** @param extra milliseconds that the answer may take longer, because it was asked to wait */
export type Outbound = (url: string, init: RequestInit, extra?: number) => Promise<Response>;

/**
 * The only way out of the kit: requests to the issuer's origin, a time limit from connect to the last byte, redirects not followed,
 * answers up to 1 MiB. Whatever goes wrong is thrown as `LoginServerUnreachable`; statuses 2xx, 304 and 4xx are returned.
 */
export function outboundTo(options: CheckedOptions): Outbound {
  const { issuerUrl, timeoutMilliseconds, fetch: fetchImplementation = globalThis.fetch } = options;
  return async (url, init, extra = 0) => {
    if (new URL(url).origin !== issuerUrl.origin)
      throw new LoginServerUnreachable(`not an address of the login server: ${url}`);
    const signals = [AbortSignal.timeout(timeoutMilliseconds + extra), init.signal].filter(
      (signal) => signal !== null && signal !== undefined,
    );
    const response = await answer(url, () =>
      fetchImplementation(url, { ...init, redirect: 'manual', signal: AbortSignal.any(signals) }),
    );
    if (response.type === 'opaqueredirect' || response.status >= 500 || isRedirect(response.status)) {
      await response.body?.cancel().catch(() => undefined);
      throw new LoginServerUnreachable(`status ${response.status} from ${pathOf(url)}`);
    }
    const body = await answer(url, () => readAll(response));
    const { status, statusText, headers } = response;
    return new Response(WITHOUT_BODY.has(status) ? null : body, { status, statusText, headers });
  };
}

/** The unreachable login server somewhere in the chain of causes of `error`, or null. */
export function unreachableIn(error: unknown): LoginServerUnreachable | null {
  for (let at = error; at instanceof Error; at = at.cause)
    if (at instanceof LoginServerUnreachable) return at;
  return null;
}

async function answer<T>(url: string, step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (cause) {
    throw new LoginServerUnreachable(`no answer from ${pathOf(url)}`, { cause });
  }
}

async function readAll(response: Response): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength;
    if (size > LARGEST_BODY) throw new Error('answer too large');
    chunks.push(chunk);
  }
  return new Uint8Array(Buffer.concat(chunks));
}

function isRedirect(status: number): boolean {
  return status >= 300 && status < 400 && status !== 304;
}

/** Queries carry hints and codes: logs get the path only. */
function pathOf(url: string): string {
  const { origin, pathname } = new URL(url);
  return origin + pathname;
}
