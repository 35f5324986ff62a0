import type { ConsoleRow } from '#support/db/schema.ts';
import type { Outbound } from '#support/primitives/outbound.ts';
import { consoleEntrance } from './consoles.ts';
import { fault, noAnswer, notApplicable, pass, type Finding, type FindingCode } from './findings.ts';

const TIME_LIMIT = 5_000;
/** Beyond this a console takes our ID tokens for expired, or for made in the future. In milliseconds. */
const CLOCK_TOLERANCE = 30_000;

/** Starts a sign-in as a browser would and reads what the console asks for: which request, with which safeguards, bound to the browser by which cookie, at which time. */
export async function checkEntrance(
  { outbound, issuer, pagesUrl }: { outbound: Outbound; issuer: string; pagesUrl?: string },
  console: ConsoleRow,
  now: Date,
): Promise<readonly Finding[]> {
  const entrance = console.initiate_login_uri;
  if (entrance === null)
    return (['entrance', 'entrance-request', 'entrance-cookie', 'clock'] as const).map(notApplicable);
  const asked = performance.now();
  const answer = await outbound.look(consoleEntrance(console, issuer), { timeout: TIME_LIMIT });
  if (!answer.ok)
    return [
      noAnswer('entrance', entrance, answer),
      ...(['entrance-request', 'entrance-cookie', 'clock'] as const).map(notApplicable),
    ];
  const took = performance.now() - asked;
  // A console that was given the addresses by hand has them at the issuer, which leads on to the pages.
  const leads = whereItLeads(answer.status, answer.location, entrance, [issuer, pagesUrl ?? issuer]);
  return [
    leads.ok ? pass('entrance', entrance) : fault('entrance', leads.code, entrance, leads.found),
    ...(leads.ok ? requestFindings(leads.request, console) : [notApplicable('entrance-request')]),
    ...(leads.ok
      ? cookieFindings(answer.setCookies, entrance.startsWith('https:'))
      : [notApplicable('entrance-cookie')]),
    clockFinding(answer.date, now, took),
  ];
}

function whereItLeads(
  status: number,
  location: string | undefined,
  entrance: string,
  ours: readonly string[],
): { ok: true; request: URLSearchParams } | { ok: false; code: FindingCode; found: string } {
  if (status === 404) return { ok: false, code: 'not-found', found: String(status) };
  if (status >= 500) return { ok: false, code: 'answers-error', found: String(status) };
  if (status < 300 || status >= 400 || location === undefined || !URL.canParse(location, entrance))
    return { ok: false, code: 'leads-nowhere', found: String(status) };
  const target = new URL(location, entrance);
  if (!ours.includes(target.origin) || target.pathname !== '/authorize')
    return { ok: false, code: 'leads-elsewhere', found: `${target.origin}${target.pathname}` };
  return { ok: true, request: target.searchParams };
}

/** RFC 9700 §2.1: an exact redirect URI, PKCE, a state; OpenID Connect Core §3.1.2.1 for the rest. */
function requestFindings(request: URLSearchParams, console: ConsoleRow): readonly Finding[] {
  const check = 'entrance-request';
  const given = (name: string): string => request.get(name) ?? '';
  const faults: Finding[] = [];
  const wrong = (code: FindingCode, value = '', found = ''): void =>
    void faults.push(fault(check, code, value, found));
  if (given('client_id') !== console.client_id)
    wrong('client-id-wrong', console.client_id, given('client_id'));
  if (given('redirect_uri') === '') wrong('redirect-uri-missing');
  else if (!console.redirect_uris.includes(given('redirect_uri')))
    wrong('redirect-uri-unregistered', given('redirect_uri'));
  if (given('response_type') !== 'code') wrong('response-type-wrong', '', given('response_type'));
  if (!given('scope').split(' ').includes('openid')) wrong('scope-openid-missing', '', given('scope'));
  if (given('code_challenge') === '') {
    if (console.require_pkce) wrong('pkce-missing');
  } else if (given('code_challenge_method') !== 'S256')
    wrong('pkce-plain', '', given('code_challenge_method'));
  if (given('state') === '') wrong('state-missing');
  if (given('nonce') === '') wrong('nonce-missing');
  return faults.length > 0 ? faults : [pass(check)];
}

/** What the console remembers of the sign-in must come back with the person, from our pages: SameSite=Lax does, Strict does not (RFC 6265bis §5.2). */
function cookieFindings(setCookies: readonly string[], isSecure: boolean): readonly Finding[] {
  const check = 'entrance-cookie';
  const cookies = setCookies.filter((line) => !/;\s*max-age=0\b/i.test(line));
  if (cookies.length === 0) return [fault(check, 'cookie-missing', '')];
  const faults = cookies.flatMap((line) => {
    const [name = ''] = line.split('=');
    const has = (attribute: RegExp): boolean =>
      line
        .split(';')
        .slice(1)
        .some((part) => attribute.test(part.trim()));
    const wrong = (code: FindingCode): Finding => fault(check, code, name.trim());
    return [
      ...(has(/^httponly$/i) ? [] : [wrong('cookie-not-http-only')]),
      ...(isSecure && !has(/^secure$/i) ? [wrong('cookie-not-secure')] : []),
      ...(has(/^samesite=strict$/i) ? [wrong('cookie-strict')] : []),
    ];
  });
  return faults.length > 0 ? faults : [pass(check)];
}

function clockFinding(date: Date | undefined, now: Date, took: number): Finding {
  if (!date) return notApplicable('clock');
  const ahead = date.getTime() - now.getTime();
  return Math.abs(ahead) <= CLOCK_TOLERANCE + took
    ? pass('clock')
    : fault('clock', 'clock-differs', '', String(Math.round(ahead / 1_000)));
}
