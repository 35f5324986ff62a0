import { fault, notApplicable, pass, type Finding } from '#domain/consoles/findings.ts';
import { MINUTE } from '#support/primitives/durations.ts';
import type { Cookie } from './cookie-jar.ts';
import { cookieJar } from './cookie-jar.ts';
import { unencrypted } from './page.ts';
import { newBrowser, type CheckRun } from './run.ts';
import { isSignedIn, signIn, withoutQuery, type FirstSignIn } from './sign-in.ts';

/** The cookies that carry the console's session: those without which nobody is signed in. What else a console keeps in a browser is its own matter. */
export async function cookieChecks(
  run: CheckRun,
  { browser, telling, landing }: FirstSignIn,
): Promise<readonly Finding[]> {
  const cookies: Cookie[] = [];
  for (const cookie of browser.jar.of(telling.url))
    if (!(await isSignedIn(run, newBrowser(run, browser.jar.copy([cookie.name])), telling)))
      cookies.push(cookie);
  const isSecure = telling.url.startsWith('https:');
  const attributes = cookies.flatMap((one) => attributeFaults(one, isSecure));
  const pages = [landing].flatMap((place) => (place.at === 'console' ? [place] : []));
  const open = pages.flatMap(({ url, page }) => unencrypted(page.body, url));
  return [
    ...(attributes.length > 0
      ? attributes
      : [pass('session-cookie', cookies.map(({ name }) => name).join(', '))]),
    await renewalFinding(run, cookies, telling),
    lengthFinding(run, cookies),
    ...(isSecure
      ? open.length > 0
        ? open.map((address) => fault('encryption', 'unencrypted-link', withoutQuery(address)))
        : [pass('encryption')]
      : [notApplicable('encryption')]),
  ];
}

/** OWASP Session Management: no script reads it, nothing unencrypted carries it, no other site sends it along. */
export function attributeFaults(
  { name, httpOnly, secure, sameSite }: Cookie,
  isSecure: boolean,
): readonly Finding[] {
  const wrong = (code: Parameters<typeof fault>[1]): Finding => fault('session-cookie', code, name);
  return [
    ...(httpOnly ? [] : [wrong('cookie-not-http-only')]),
    ...(isSecure && !secure ? [wrong('cookie-not-secure')] : []),
    ...(sameSite === undefined ? [wrong('cookie-no-same-site')] : []),
    ...(sameSite === 'none' ? [wrong('cookie-same-site-none')] : []),
  ];
}

/** A value that somebody planted in the browser before must be worth nothing after the sign-in (session fixation). */
async function renewalFinding(
  run: CheckRun,
  cookies: readonly Cookie[],
  telling: FirstSignIn['telling'],
): Promise<Finding> {
  const check = 'session-renewal';
  if (cookies.length === 0) return notApplicable(check);
  // Of the form of a value that the console gave itself: one that it does not know, and one that it does.
  const planted = cookies.map((one) => ({ ...one, value: one.value }));
  const browser = newBrowser(run, cookieJar(planted));
  await signIn(run, browser);
  const after = browser.jar.of(telling.url);
  const kept = planted.filter((one) => after.find(({ name }) => name === one.name)?.value === one.value);
  return kept.length === planted.length
    ? fault(check, 'session-id-kept', kept.map(({ name }) => name).join(', '))
    : pass(check);
}

/** R10: time-outs are the console's own; what it declares for the support desk should be true. A time-out cannot be waited for here; a cookie that is kept longer is one that can be seen. */
function lengthFinding({ console, tools }: CheckRun, cookies: readonly Cookie[]): Finding {
  const check = 'session-length';
  const declared = console.session_absolute_minutes;
  const lasting = cookies.filter((one) => one.expiresAt !== null);
  if (declared === null || lasting.length === 0) return notApplicable(check);
  const end = tools.clock().getTime() + (declared + 1) * MINUTE;
  const long = lasting.find((one) => (one.expiresAt?.getTime() ?? 0) > end);
  const minutes = (one: Cookie): number =>
    Math.round(((one.expiresAt?.getTime() ?? 0) - tools.clock().getTime()) / MINUTE);
  return long ? fault(check, 'cookie-outlives', long.name, String(minutes(long))) : pass(check);
}
