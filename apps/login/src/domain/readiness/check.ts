import { keepCheck, lookAtConsole, type ConsoleCheck } from '#domain/consoles/check.ts';
import { notChecked, type CheckName, type Finding, type NotCheckedCode } from '#domain/consoles/findings.ts';
import { planOf } from '#domain/migration/plans.ts';
import type { ConsoleRow } from '#support/db/schema.ts';
import { SECOND } from '#support/primitives/durations.ts';
import { cookieChecks } from './cookie-checks.ts';
import { cookieJar } from './cookie-jar.ts';
import { eventCheck } from './event-check.ts';
import { leavingChecks } from './leaving-checks.ts';
import { legacyChecks } from './legacy-checks.ts';
import { logoutTokenChecks } from './logout-token-checks.ts';
import { refusalChecks } from './refusal-checks.ts';
import type { CheckRun, CheckTools } from './run.ts';
import { firstSignIn, type FirstSignIn } from './sign-in.ts';
import { makeTestAccount, removeTestAccount } from './test-account.ts';

/**
 * Looks whether a console is ready (R19) and keeps the result as its last check: by what can be seen without signing in, then by signing in with a test account and trying what must be refused,
 * both ways of signing out, and the legacy page in each phase. Takes some seconds. Of the console only the session of its test user changes.
 */
export async function checkConsole(
  tools: CheckTools,
  console: ConsoleRow,
  by: { actor: string; now: Date },
): Promise<ConsoleCheck> {
  const seen = await lookAtConsole(tools, console, by.now);
  const entranceFails = seen.some(({ check, result }) => check === 'entrance' && result !== 'pass');
  const found = entranceFails ? unchecked(ALL, 'entrance-first') : await inside(tools, console, by.now);
  return keepCheck(tools.db, console.id, [...seen, ...found], by);
}

async function inside(tools: CheckTools, console: ConsoleRow, now: Date): Promise<readonly Finding[]> {
  const made = await makeTestAccount(tools.db, console, now);
  if (!made.ok) return unchecked(ALL, made.reason, console.check_user_id ?? '');
  const { account } = made;
  try {
    const loginServer = cookieJar();
    loginServer.keep(tools.pagesUrl, await tools.door.signIn(account.id), tools.clock());
    const run: CheckRun = { tools, console, account, loginServer };
    const legacy = await legacyChecks(run, await planOf(tools.db, console.id));
    const event = await eventCheck(run);
    return [...(await signedIn(run)), ...legacy, event];
  } finally {
    await removeTestAccount(tools.db, account.id);
  }
}

/** Nothing more is begun then: whoever waits for the answer waits behind proxies too. */
const LONGEST = 40 * SECOND;

/** What is looked at once a sign-in works, in this order: the last one ends the SSO session. */
const PARTS: readonly {
  checks: readonly CheckName[];
  look(run: CheckRun, done: FirstSignIn): Promise<readonly Finding[]>;
}[] = [
  {
    checks: [
      'sign-in-parameters',
      'state',
      'id-token',
      'id-token-signature',
      'response-issuer',
      'target-link',
    ],
    look: (run, { telling }) => refusalChecks(run, telling),
  },
  { checks: ['session-cookie', 'session-renewal', 'session-length', 'encryption'], look: cookieChecks },
  {
    checks: ['logout-tokens', 'logout-replay', 'logout-end'],
    look: (run, { telling }) => logoutTokenChecks(run, telling),
  },
  {
    checks: ['own-logout', 'own-logout-request'],
    look: (run, { telling, landing }) => leavingChecks(run, telling, landing),
  },
];

const ALL: readonly CheckName[] = [
  'sign-in',
  ...PARTS.flatMap(({ checks }) => checks),
  'legacy-phase',
  'login-id-event',
];

async function signedIn(run: CheckRun): Promise<readonly Finding[]> {
  const until = performance.now() + LONGEST;
  const { findings, done } = await firstSignIn(run);
  const found: Finding[] = [...findings];
  for (const { checks, look } of PARTS)
    if (!done) found.push(...unchecked(checks, 'sign-in-first'));
    else if (performance.now() > until) found.push(...unchecked(checks, 'out-of-time'));
    else found.push(...(await look(run, done)));
  return found;
}

function unchecked(checks: readonly CheckName[], code: NotCheckedCode, value = ''): readonly Finding[] {
  return checks.map((check) => notChecked(check, code, value));
}
