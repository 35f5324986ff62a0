import type { ConsoleKit } from '../kit.ts';
import type { Locale } from '../locale.ts';
import type { SignedIn } from '../results.ts';
import { safeReturnPath } from '../sign-in/return-path.ts';
import { failurePage, preferredLocale, type UnifiedSignInFailure } from './failure-page.ts';

/** In bytes; of a logout request, an event and a question about a legacy password. */
export const LARGEST_REQUEST = 64 * 1024;
const LONGEST_HINT = 320;
/** Of every answer to a browser: addresses with codes in them are neither kept nor passed on. */
const HEADERS = { 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' };

/**
 * What a request to one of the kit's addresses came to. `response` is what to answer; of `signed-in` only after the console has started its own session for `identity`, of
 * `failed` only if the console has no page of its own.
 */
export type KitOutcome =
  | { kind: 'answer'; response: Response }
  | { kind: 'signed-in'; identity: SignedIn; response: Response }
  | { kind: 'failed'; failure: UnifiedSignInFailure; response: Response };

/** Whether an address is the kit's; `pathname` without query. HEAD never is: it would redeem the code of a callback. */
export function isKitAddress(kit: ConsoleKit, method: string | undefined, pathname: string): boolean {
  switch (`${method} ${pathname}`) {
    case 'GET /auth/start':
    case 'GET /auth/callback':
    case 'GET /auth/reachable':
    case 'POST /auth/backchannel-logout':
      return true;
    case 'POST /auth/events':
      return kit.takesAccountEvents;
    case 'POST /auth/legacy-password-check':
      return kit.answersLegacyPasswords;
    default:
      return false;
  }
}

/**
 * Answers a request to one of the kit's addresses; null for every other one. `/auth/start` takes `return_path`, `login_hint` and `prompt=none` (silent: nobody sees a page, and who is
 * not signed in is back at `return_path`), or the parameters of a sign-in that the login server began (`iss`, `target_link_uri`, `login_hint`; OpenID Connect Core §4).
 *
 * @param locale language for the login server's pages; without one the account's or the browser's decides
 */
export async function answerRequest(
  kit: ConsoleKit,
  request: Request,
  locale?: Locale,
): Promise<KitOutcome | null> {
  const { pathname, searchParams } = new URL(request.url);
  if (!isKitAddress(kit, request.method, pathname)) return null;
  if (pathname === '/auth/start') return start(kit, request, searchParams, locale);
  if (pathname === '/auth/callback') return finish(kit, request, locale);
  if (pathname === '/auth/reachable') return { kind: 'answer', response: reachable() };
  const body = await textOf(request);
  if (body === null)
    return { kind: 'answer', response: new Response(null, { status: 413, headers: HEADERS }) };
  const { status, headers, body: text } = await receive(kit, request, pathname, body);
  const response = new Response(text === '' ? null : text, { status, headers: { ...HEADERS, ...headers } });
  return { kind: 'answer', response };
}

/** R22: the connection test of the login server asks from the person's browser, which may read this answer and nothing else. */
function reachable(): Response {
  return Response.json({ reachable: true }, { headers: { ...HEADERS, 'access-control-allow-origin': '*' } });
}

/** Servers speak to these addresses, and are answered with what the kit says. */
function receive(kit: ConsoleKit, request: Request, pathname: string, body: string) {
  const type = request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase();
  if (pathname === '/auth/backchannel-logout')
    return kit.receiveLogoutToken(type === 'application/x-www-form-urlencoded' ? body : '');
  if (pathname === '/auth/events')
    return kit.receiveEventToken(type === 'application/secevent+jwt' ? body.trim() : '');
  const authorization = request.headers.get('authorization') ?? undefined;
  return kit.receiveLegacyPasswordCheck({ authorization, body });
}

async function start(
  kit: ConsoleKit,
  request: Request,
  query: URLSearchParams,
  locale: Locale | undefined,
): Promise<KitOutcome> {
  const wanted = query.has('iss') ? kit.initiateSignIn(query) : ownStart(query);
  if (!wanted.ok) return failed(request, wanted, [], locale);
  const { ok: _ok, ...input } = wanted;
  const started = await kit.startSignIn({ ...input, ...(locale === undefined ? {} : { locale }) });
  if (!started.ok) return failed(request, { ...started, returnPath: input.returnPath }, [], locale);
  const cookies = kit.pendingCookies.keep(request.headers.get('cookie') ?? undefined, started);
  return { kind: 'answer', response: seeOther(started.redirectTo, cookies) };
}

async function finish(kit: ConsoleKit, request: Request, locale: Locale | undefined): Promise<KitOutcome> {
  const pending = kit.pendingCookies.find(request.headers.get('cookie') ?? undefined, request.url);
  const result = await kit.finishSignIn({ callbackUrl: request.url, pending });
  const forget = kit.pendingCookies.forget(request.url);
  if (!result.ok) return failed(request, result, forget, locale);
  return { kind: 'signed-in', identity: result, response: seeOther(result.returnPath, forget) };
}

function failed(
  request: Request,
  failure: UnifiedSignInFailure,
  cookies: string[],
  locale: Locale | undefined,
): KitOutcome {
  // A silent question was answered with no: the person goes on where they were, without a page about it.
  if (failure.reason === 'login-required')
    return { kind: 'failed', failure, response: seeOther(failure.returnPath, cookies) };
  return {
    kind: 'failed',
    failure,
    response: failureResponse(failure, readerLocale(request, locale), cookies),
  };
}

/** The plain page as an answer; its only content is the page itself. */
export function failureResponse(
  failure: Parameters<typeof failurePage>[0],
  locale: Locale,
  cookies: string[] = [],
): Response {
  const { status, html } = failurePage(failure, locale);
  const headers = withCookies(cookies);
  headers.set('content-type', 'text/html; charset=utf-8');
  headers.set('content-security-policy', "default-src 'none'");
  return new Response(html, { status, headers });
}

/** The language of a page for this reader. */
export function readerLocale(request: Request, locale: Locale | undefined): Locale {
  return locale ?? preferredLocale(request.headers.get('accept-language') ?? undefined);
}

function ownStart(query: URLSearchParams): {
  ok: true;
  returnPath: string;
  loginHint?: string;
  prompt?: 'none';
} {
  const returnPath = safeReturnPath(query.get('return_path')) ?? '/';
  const hint = query.get('login_hint');
  return {
    ok: true,
    returnPath,
    ...(hint === null || hint === '' || hint.length > LONGEST_HINT ? {} : { loginHint: hint }),
    ...(query.get('prompt') === 'none' ? { prompt: 'none' as const } : {}),
  };
}

function seeOther(location: string, cookies: string[]): Response {
  const headers = withCookies(cookies);
  headers.set('location', location);
  return new Response(null, { status: 303, headers });
}

function withCookies(cookies: string[]): Headers {
  const headers = new Headers(HEADERS);
  for (const cookie of cookies) headers.append('set-cookie', cookie);
  return headers;
}

/** Null if it is larger than anything that is meant for these addresses. */
async function textOf(request: Request): Promise<string | null> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body ?? []) {
    size += chunk.byteLength;
    if (size > LARGEST_REQUEST) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
