import { fault, noAnswer, notApplicable, notChecked, pass, type Finding } from '#domain/consoles/findings.ts';
import { phaseAt, type Phase, type Plan } from '#domain/migration/phase.ts';
import { signJwt } from '#support/keys/signing-keys.ts';
import { SECOND } from '#support/primitives/durations.ts';
import { newSecret } from '#support/primitives/secrets.ts';
import type { Place } from './check-browser.ts';
import { linksOf } from './page.ts';
import { isAtLoginServer, newBrowser, type CheckRun } from './run.ts';
import { withoutQuery } from './sign-in.ts';

/** With it a request is answered as in another phase, and the answer says so by the same header. The value is signed and holds for one request. */
export const DRY_RUN = 'hitokagi-dry-run';
const PHASES: readonly Phase[] = ['prepared', 'parallel', 'unified'];
const LINK = '統合認証画面はこちら';
const check = 'legacy-phase';

/** R12, R13: the legacy page as it is in the present phase, and, of a console that can show it, as it would be in the others. */
export async function legacyChecks(run: CheckRun, plan: Plan): Promise<readonly Finding[]> {
  const address = run.console.legacy_login_url;
  if (address === null) return [notApplicable(check)];
  const present = phaseAt(plan, run.tools.clock());
  const found: Finding[] = [];
  for (const phase of PHASES) {
    let answeredAs: string | undefined;
    const headers: Record<string, string> = phase === present ? {} : { [DRY_RUN]: await dryRun(run, phase) };
    const place = await newBrowser(run).go(address, {
      headers,
      stopAt: (url) => isAtLoginServer(run, url),
      seen: (page) => (answeredAs ??= [page.headers[DRY_RUN] ?? []].flat()[0]),
    });
    if (phase !== present && answeredAs !== phase) found.push(notChecked(check, 'no-dry-run', phase));
    else found.push(asIn(phase, place, run));
  }
  return found;
}

function asIn(phase: Phase, place: Place, run: CheckRun): Finding {
  if (place.at === 'nowhere') return noAnswer(check, withoutQuery(place.url), place.failure);
  if (place.at === 'circle') return fault(check, 'redirect-circle', withoutQuery(place.url));
  const isOpen = place.at === 'console' && place.page.status < 400;
  const leads = place.at === 'console' && hasLink(place.page.body, place.url, run);
  switch (phase) {
    case 'prepared':
      if (!isOpen) return fault(check, 'legacy-closed-early', withoutQuery(place.url), phase);
      return leads ? fault(check, 'legacy-link-early', withoutQuery(place.url)) : pass(check, phase);
    case 'parallel':
      if (!isOpen) return fault(check, 'legacy-closed-early', withoutQuery(place.url), phase);
      return leads || hasLinkScript(place, run)
        ? pass(check, phase)
        : fault(check, 'legacy-link-missing', withoutQuery(place.url));
    case 'unified': {
      if (place.at === 'stopped') return pass(check, phase);
      const asksPassword =
        place.at === 'console' && /<input\b[^>]*type\s*=\s*["']?password/i.test(place.page.body);
      return leads && !asksPassword
        ? pass(check, phase)
        : fault(check, 'legacy-still-open', withoutQuery(place.url));
    }
  }
}

/** The script of this server that shows the link by the clock, in a browser. */
function hasLinkScript(place: Place, { tools, console }: CheckRun): boolean {
  const script = new URL(`/consoles/${console.client_id}/link.js`, tools.issuer).href;
  return place.at === 'console' && place.page.body.includes(script);
}

function hasLink(html: string, url: string, { console }: CheckRun): boolean {
  const entrance = console.initiate_login_uri;
  return linksOf(html, url).some(
    ({ address, words }) =>
      words.includes(LINK) || (entrance !== null && withoutQuery(address) === withoutQuery(entrance)),
  );
}

function dryRun({ tools, console }: CheckRun, phase: Phase): Promise<string> {
  const seconds = Math.floor(tools.clock().getTime() / SECOND);
  return signJwt(tools.keys, console.id_token_alg, 'dry-run+jwt', {
    iss: tools.issuer,
    aud: console.client_id,
    jti: newSecret(),
    iat: seconds,
    exp: seconds + 60,
    phase,
  });
}
