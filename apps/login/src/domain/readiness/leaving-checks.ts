import { fault, noAnswer, notChecked, type Finding } from '#domain/consoles/findings.ts';
import type { CheckBrowser, Place } from './check-browser.ts';
import { wayOut, type PageForm } from './page.ts';
import { passedBeside } from './refusal-checks.ts';
import { isAtLoginServer, newBrowser, type CheckRun } from './run.ts';
import { isSignedIn, lookAt, signIn, withoutQuery, type Telling } from './sign-in.ts';
import { sidAt } from './test-account.ts';

const CHECKS = ['own-logout', 'own-logout-request'] as const;

/**
 * Signs out in the console as a person would (R9; OpenID Connect RP-Initiated Logout 1.0): the console's session ends, and the browser is led to the login server, which ends the rest. The last
 * of all checks: there is no SSO session afterwards.
 */
export async function leavingChecks(
  run: CheckRun,
  telling: Telling,
  landing: Place,
): Promise<readonly Finding[]> {
  const browser = newBrowser(run);
  await signIn(run, browser);
  const place = await lookAt(run, browser, telling);
  if (!telling.isIn(place)) return CHECKS.map((check) => notChecked(check, 'sign-in-first'));
  const way = await findWayOut(run, browser, [place, landing]);
  if (!way) return CHECKS.map((check) => notChecked(check, 'no-way-out-found', withoutQuery(telling.url)));
  const asked = await browser.go(way.action, {
    form: way,
    stopAt: (url) => isAtLoginServer(run, url),
  });
  const address = withoutQuery(way.action);
  if (asked.at === 'nowhere') return others(noAnswer('own-logout', address, asked.failure));
  if (asked.at === 'circle') return others(fault('own-logout', 'redirect-circle', address));
  if (asked.at === 'console' && asked.page.status >= 500)
    return others(fault('own-logout', 'answers-error', address, String(asked.page.status)));
  if (asked.at !== 'stopped' || new URL(asked.url).pathname !== '/logout')
    return others(fault('own-logout', 'logout-stays', address, withoutQuery(asked.url)));

  const found = requestFindings(run, asked.url);
  const sidBefore = await sidAt(run.tools.db, run.account.id, run.console.client_id);
  // What follows is the page that waits for other consoles to be told.
  const led = await browser.go(asked.url, { stopAt: () => true });
  const sidAfter = await sidAt(run.tools.db, run.account.id, run.console.client_id);
  if (found.length === 0 && sidBefore !== undefined && sidAfter !== undefined)
    found.push(
      fault('own-logout', 'logout-refused', address, led.at === 'login-server' ? String(led.status) : ''),
    );
  if (await isSignedIn(run, browser, telling)) found.push(fault('own-logout', 'session-survives', address));
  return passedBeside(CHECKS, found);

  function others(finding: Finding): readonly Finding[] {
    return [finding, notChecked('own-logout-request', 'no-way-out-found', address)];
  }
}

/** On the page that tells, on the one where the sign-in ended, or on the home page. */
async function findWayOut(
  run: CheckRun,
  browser: CheckBrowser,
  places: readonly Place[],
): Promise<PageForm | undefined> {
  for (const place of places) {
    const way = place.at === 'console' ? wayOut(place.page.body, place.url) : undefined;
    if (way) return way;
  }
  const home = await browser.go(run.console.home_url, { stopAt: (url) => isAtLoginServer(run, url) });
  return home.at === 'console' ? wayOut(home.page.body, home.url) : undefined;
}

/** RP-Initiated Logout §2: with the ID token nobody is asked whether they meant it; and only a registered address is led back to. */
function requestFindings({ console }: CheckRun, url: string): Finding[] {
  const { searchParams } = new URL(url);
  const found: Finding[] = [];
  if (!searchParams.has('id_token_hint')) found.push(fault('own-logout', 'id-token-hint-missing', ''));
  const clientId = searchParams.get('client_id');
  if (clientId === null) found.push(fault('own-logout-request', 'logout-client-missing', console.client_id));
  else if (clientId !== console.client_id)
    found.push(fault('own-logout', 'client-id-wrong', console.client_id, clientId));
  const back = searchParams.get('post_logout_redirect_uri');
  if (back !== null && !console.post_logout_redirect_uris.includes(back))
    found.push(fault('own-logout', 'post-logout-unregistered', back));
  return found;
}
