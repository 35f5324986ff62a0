import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import type { ConsoleKit } from '../kit.ts';
import type { Locale } from '../locale.ts';
import { DRY_RUN, tryPhase } from '../plan/dry-run.ts';
import type { SignedIn } from '../results.ts';
import { answerRequest, failureResponse, isKitAddress, readerLocale } from '../routes/answer.ts';
import type { UnifiedSignInFailure } from '../routes/failure-page.ts';

export type { UnifiedSignInFailure } from '../routes/failure-page.ts';

/** A request of `node:http`, or of a framework that adds to it what Express adds. */
export type NodeRequest = IncomingMessage & { originalUrl?: string; body?: unknown };

export type NodeRoutes<
  Request extends NodeRequest = NodeRequest,
  Response extends ServerResponse = ServerResponse,
> = {
  kit: ConsoleKit;
  /**
   * Starts the console's own session (a new session id, always) for `identity` and sets its cookie. If it sends no answer itself, the browser goes on to `identity.returnPath`.
   * Send an answer of your own to refuse (no such user, account closed).
   */
  onSignedIn(request: Request, response: Response, identity: SignedIn): unknown;
  /** Answers a sign-in that came to nothing. Default: a short page in the reader's language with a link to try again. */
  onSignInFailed?(request: Request, response: Response, failure: UnifiedSignInFailure): unknown;
  /** Language for the login server's pages. Default: none is asked for; the account's or the browser's decides. */
  locale?(request: Request): Locale | undefined;
};

/**
 * The kit's addresses for a server of `node:http`: true if the request was the kit's and has its answer, else nothing of it was touched. A console's function that throws becomes
 * a line in the log and a page that says so. Call `kit.start()` when the console starts and `kit.stop()` when it ends.
 */
export function consoleKitListener<Request extends NodeRequest, Response extends ServerResponse>(
  routes: NodeRoutes<Request, Response>,
): (request: Request, response: Response) => Promise<boolean> {
  return async (request, response) => {
    try {
      return await answerNode(routes, request, response);
    } catch (error) {
      routes.kit.log.error({ err: error }, 'console-kit: answering a request failed');
      if (!response.headersSent) {
        const locale = readerLocale(webRequest(routes.kit, request) ?? NO_READER, routes.locale?.(request));
        await write(response, failureResponse({ reason: 'console-failed' }, locale));
      } else if (!response.writableEnded) response.destroy();
      return true;
    }
  };
}

/** The same; what the console's functions throw is thrown. */
export async function answerNode<Request extends NodeRequest, Response extends ServerResponse>(
  routes: NodeRoutes<Request, Response>,
  request: Request,
  response: Response,
): Promise<boolean> {
  const asked = webRequest(routes.kit, request);
  if (asked === null) {
    const { method, headers } = request;
    const phase = await tryPhase({ method, header: headers[DRY_RUN] }, (token) => routes.kit.dryRun(token));
    if (phase !== null) response.setHeader(DRY_RUN, phase);
    return false;
  }
  const outcome = await answerRequest(routes.kit, asked, routes.locale?.(request));
  if (outcome === null) return false;
  if (outcome.kind !== 'answer') {
    // An answer of the console's own forgets the pending sign-in too.
    for (const cookie of outcome.response.headers.getSetCookie()) response.appendHeader('set-cookie', cookie);
    if (outcome.kind === 'signed-in') await routes.onSignedIn(request, response, outcome.identity);
    else await routes.onSignInFailed?.(request, response, outcome.failure);
    if (response.headersSent || response.writableEnded) return true;
  }
  await write(response, outcome.response);
  return true;
}

const NO_READER = new Request('http://console.invalid');

/**
 * Null for an address that is not the kit's. Behind a proxy the request's own host may be any: only path and query count, at the console's own origin.
 */
function webRequest(kit: ConsoleKit, request: NodeRequest): Request | null {
  const target = request.originalUrl ?? request.url ?? '';
  const url = target.startsWith('/') ? URL.parse(kit.consoleOrigin + target) : null;
  if (url === null || !isKitAddress(kit, request.method, url.pathname)) return null;
  const headers = new Headers();
  for (const name of ['accept-language', 'authorization', 'content-type', 'cookie']) {
    const value = request.headers[name];
    if (typeof value === 'string') headers.set(name, value);
  }
  if (request.method === 'GET') return new Request(url, { headers });
  const body = bodyOf(request);
  return new Request(url, { method: 'POST', headers, body, duplex: 'half' } as RequestInit);
}

/** The body as it comes; if the application has read it already, what it made of it, as far as that can be told. */
function bodyOf(request: NodeRequest): RequestInit['body'] {
  const { body } = request;
  if (!request.readableEnded)
    return Readable.toWeb(request) as ReadableStream<Uint8Array> as RequestInit['body'];
  if (typeof body === 'string') return body;
  if (body instanceof Uint8Array) return Buffer.from(body).toString();
  if (typeof body !== 'object' || body === null) return '';
  if (!request.headers['content-type']?.startsWith('application/x-www-form-urlencoded'))
    throw new Error('the body was parsed before the kit could read it: mount the kit before express.json()');
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(body))
    for (const one of Array.isArray(value) ? value : [value])
      if (typeof one === 'string') form.append(name, one);
  return form.toString();
}

async function write(response: ServerResponse, answer: Response): Promise<void> {
  const set = new Set([response.getHeader('set-cookie') ?? []].flat().map(String));
  for (const cookie of answer.headers.getSetCookie())
    if (!set.has(cookie)) response.appendHeader('set-cookie', cookie);
  for (const [name, value] of answer.headers) if (name !== 'set-cookie') response.setHeader(name, value);
  response.statusCode = answer.status;
  response.end(answer.body === null ? undefined : await answer.text());
}
