import { consoleEntrance } from '#domain/consoles/consoles.ts';
import {
  fault,
  notChecked,
  pass,
  type CheckName,
  type Finding,
  type FindingCode,
} from '#domain/consoles/findings.ts';
import { alterAnswers, whatWasGiven, type Altered } from './altered-answer.ts';
import { isAtLoginServer, newBrowser, type CheckRun } from './run.ts';
import { isSignedIn, signIn, type Telling } from './sign-in.ts';

/** A place that nobody has (RFC 2606 §2). */
const ELSEWHERE = 'https://readiness-check.invalid';

/** What a console must refuse at a sign-in (OpenID Connect Core §3.1.2.7, §3.1.3.7; RFC 9700 §4.7): each is tried with a browser of its own that must not be signed in afterwards. */
export async function refusalChecks(run: CheckRun, telling: Telling): Promise<readonly Finding[]> {
  return [
    ...(await parameterFindings(run)),
    ...(await stateFindings(run, telling)),
    ...(await idTokenFindings(run, telling)),
    await responseIssuerFinding(run, telling),
    ...(await targetFindings(run)),
  ];
}

/** Two sign-ins ask with other values, or one of them can be answered with what was meant for the other. */
async function parameterFindings(run: CheckRun): Promise<readonly Finding[]> {
  const check = 'sign-in-parameters';
  const [one, other] = await Promise.all([requestOf(run), requestOf(run)]);
  if (!one || !other) return [notChecked(check, 'entrance-first')];
  const faults = (
    [
      ['state', 'state-constant'],
      ['nonce', 'nonce-constant'],
      ['code_challenge', 'challenge-constant'],
    ] as const
  ).filter(([name]) => one.has(name) && one.get(name) === other.get(name));
  return faults.length > 0 ? faults.map(([, code]) => fault(check, code, '')) : [pass(check)];
}

async function requestOf(run: CheckRun): Promise<URLSearchParams | undefined> {
  const begun = await newBrowser(run).go(consoleEntrance(run.console, run.tools.issuer), {
    stopAt: (url) => isAtLoginServer(run, url),
  });
  return begun.at === 'stopped' ? new URL(begun.url).searchParams : undefined;
}

async function stateFindings(run: CheckRun, telling: Telling): Promise<readonly Finding[]> {
  const altered = newBrowser(run);
  await signIn(run, altered, {
    alter: ({ searchParams }) => searchParams.set('state', `${searchParams.get('state') ?? ''}x`),
  });
  if (await isSignedIn(run, altered, telling)) return [fault('state', 'state-unchecked', '')];
  const stranger = newBrowser(run);
  await signIn(run, newBrowser(run), { arrivesIn: stranger });
  return (await isSignedIn(run, stranger, telling))
    ? [fault('state', 'browser-unchecked', '')]
    : [pass('state')];
}

const ID_TOKENS: readonly { altered: Altered; check: CheckName; code: FindingCode }[] = [
  { altered: 'nonce', check: 'id-token', code: 'nonce-unchecked' },
  { altered: 'issuer', check: 'id-token', code: 'issuer-unchecked' },
  { altered: 'audience', check: 'id-token', code: 'audience-unchecked' },
  { altered: 'expiry', check: 'id-token', code: 'expiry-unchecked' },
  { altered: 'signature', check: 'id-token-signature', code: 'signature-unchecked' },
  { altered: 'unsigned', check: 'id-token-signature', code: 'unsigned-taken' },
];

async function idTokenFindings(run: CheckRun, telling: Telling): Promise<readonly Finding[]> {
  const found: Finding[] = [];
  const { db } = run.tools;
  for (const { altered, check, code } of ID_TOKENS) {
    await alterAnswers(db, run.account.id, altered);
    const browser = newBrowser(run);
    await signIn(run, browser);
    const given = await whatWasGiven(db, run.account.id);
    await alterAnswers(db, run.account.id, null);
    // A node of the previous release gives good tokens only; a console may have been out of order for a moment.
    if (!given.altered) found.push(notChecked(check, 'token-not-asked', altered));
    else if (await isSignedIn(run, browser, telling)) found.push(fault(check, code, ''));
  }
  return passedBeside(['id-token', 'id-token-signature'], found);
}

/** RFC 9207 §2.4, which the discovery document announces. */
async function responseIssuerFinding(run: CheckRun, telling: Telling): Promise<Finding> {
  const browser = newBrowser(run);
  await signIn(run, browser, { alter: ({ searchParams }) => searchParams.set('iss', ELSEWHERE) });
  return (await isSignedIn(run, browser, telling))
    ? fault('response-issuer', 'response-issuer-unchecked', '')
    : pass('response-issuer');
}

/** OpenID Connect Core §4: neither the issuer nor the target of a sign-in that begins elsewhere may lead anybody astray. */
async function targetFindings(run: CheckRun): Promise<readonly Finding[]> {
  const check = 'target-link';
  const { console, tools } = run;
  const target = new URL(consoleEntrance(console, tools.issuer));
  target.searchParams.set('target_link_uri', `${ELSEWHERE}/target`);
  const { place } = await signIn(run, newBrowser(run), { entrance: target.href });
  const faults: Finding[] = [];
  if (place.at === 'elsewhere' && place.url.startsWith(ELSEWHERE))
    faults.push(fault(check, 'open-redirect', 'target_link_uri'));
  const foreign = new URL(consoleEntrance(console, ELSEWHERE));
  const led = await newBrowser(run).go(foreign.href, { stopAt: (url) => isAtLoginServer(run, url) });
  if (led.at === 'elsewhere' && led.url.startsWith(ELSEWHERE))
    faults.push(fault(check, 'foreign-issuer-followed', 'iss'));
  return faults.length > 0 ? faults : [pass(check)];
}

/** Each check of which nothing is told passes. */
export function passedBeside(checks: readonly CheckName[], found: readonly Finding[]): readonly Finding[] {
  return checks.flatMap((check) => {
    const told = found.filter((one) => one.check === check);
    return told.length > 0 ? told : [pass(check)];
  });
}
