import type { ConsoleKit } from '../kit.ts';
import type { Locale } from '../locale.ts';
import type { SignedIn } from '../results.ts';
import { answerRequest } from '../routes/answer.ts';
import type { UnifiedSignInFailure } from '../routes/failure-page.ts';

export type { UnifiedSignInFailure } from '../routes/failure-page.ts';

export type WebRoutes = {
  kit: ConsoleKit;
  /**
   * Starts the console's own session (a new session id, always) for `identity` and appends its cookie to `headers`; the browser goes on to `identity.returnPath`. Return an answer
   * of your own to refuse (no such user, account closed).
   */
  onSignedIn(request: Request, headers: Headers, identity: SignedIn): Promise<Response | void>;
  /** Answers a sign-in that came to nothing. Default: a short page in the reader's language with a link to try again. */
  onSignInFailed?(request: Request, failure: UnifiedSignInFailure): Promise<Response | void>;
  /** Language for the login server's pages. Default: none is asked for; the account's or the browser's decides. */
  locale?(request: Request): Locale | undefined;
};

/**
 * The kit's addresses for whatever speaks Web `Request` and `Response`: null for a request that is not the kit's. Call `kit.start()` when the console starts and `kit.stop()`
 * when it ends.
 */
export function consoleKitHandler(routes: WebRoutes): (request: Request) => Promise<Response | null> {
  return async (request) => {
    const outcome = await answerRequest(routes.kit, request, routes.locale?.(request));
    if (outcome === null) return null;
    const { response } = outcome;
    if (outcome.kind === 'answer') return response;
    if (outcome.kind === 'failed')
      return withCookiesOf((await routes.onSignInFailed?.(request, outcome.failure)) ?? null, response);
    const headers = new Headers(response.headers);
    const own = await routes.onSignedIn(request, headers, outcome.identity);
    return withCookiesOf(own ?? null, new Response(null, { status: response.status, headers }));
  };
}

/** The console's own answer, if it gave one; what the kit wants forgotten is forgotten with it. */
function withCookiesOf(own: Response | null, ours: Response): Response {
  if (own === null) return ours;
  const headers = new Headers(own.headers);
  for (const cookie of ours.headers.getSetCookie()) headers.append('set-cookie', cookie);
  return new Response(own.body, { status: own.status, statusText: own.statusText, headers });
}
