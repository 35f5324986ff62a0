import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ConsoleCheck } from '#domain/consoles/check.ts';
import { CHECKS, type Finding } from '#domain/consoles/findings.ts';
import { findingWords } from '#domain/consoles/finding-sentence.ts';
import { changingPlan } from '#domain/migration/change.ts';
import { DAY } from '#support/primitives/durations.ts';
import { openBrokenConsoles, type BrokenConsole, type Wrong } from '#test/broken-console.ts';
import { openWorld, type World } from '#test/world.ts';
import { checkConsole } from './check.ts';

type Case = Omit<BrokenConsole, 'clientId'> & { finds: readonly string[] };

/** One fault each; `finds`: everything that is told of it. */
const BROKEN: readonly Case[] = [
  { wrong: 'entrance-missing', finds: ['entrance: not-found'] },
  { wrong: 'no-pkce', finds: ['entrance-request: pkce-missing', 'sign-in: code-not-redeemed'] },
  { wrong: 'no-nonce', finds: ['entrance-request: nonce-missing', 'id-token: nonce-unchecked'] },
  {
    wrong: 'other-redirect-uri',
    finds: ['entrance-request: redirect-uri-unregistered', 'sign-in: request-refused'],
  },
  { wrong: 'clock-behind', finds: ['clock: clock-differs'] },
  { wrong: 'state-constant', finds: ['sign-in-parameters: state-constant'] },
  { wrong: 'nonce-constant', finds: ['sign-in-parameters: nonce-constant'] },
  { wrong: 'verifier-constant', finds: ['sign-in-parameters: challenge-constant'] },
  { wrong: 'state-unchecked', finds: ['state: state-unchecked'] },
  { wrong: 'any-browser', finds: ['state: browser-unchecked'] },
  { wrong: 'nonce-unchecked', finds: ['id-token: nonce-unchecked'] },
  { wrong: 'issuer-unchecked', finds: ['id-token: issuer-unchecked'] },
  { wrong: 'audience-unchecked', finds: ['id-token: audience-unchecked'] },
  { wrong: 'expiry-unchecked', finds: ['id-token: expiry-unchecked'] },
  { wrong: 'signature-unchecked', finds: ['id-token-signature: signature-unchecked'] },
  { wrong: 'unsigned-taken', finds: ['id-token-signature: unsigned-taken'] },
  { wrong: 'response-issuer-unchecked', finds: ['response-issuer: response-issuer-unchecked'] },
  { wrong: 'target-unchecked', finds: ['target-link: open-redirect'] },
  { wrong: 'initiator-unchecked', finds: ['target-link: foreign-issuer-followed'] },
  { wrong: 'code-not-redeemed', finds: ['sign-in: code-not-redeemed'] },
  { wrong: 'callback-fails', finds: ['redirect: answers-error', 'sign-in: code-not-redeemed'] },
  { wrong: 'no-session-cookie', phase: 'unified', finds: ['sign-in: redirect-circle'] },
  { wrong: 'cookie-for-scripts', finds: ['session-cookie: cookie-not-http-only'] },
  { wrong: 'cookie-for-any-site', finds: ['session-cookie: cookie-no-same-site'] },
  { wrong: 'cookie-for-all-sites', finds: ['session-cookie: cookie-same-site-none'] },
  { wrong: 'session-id-kept', finds: ['session-renewal: session-id-kept'] },
  { wrong: 'cookie-for-a-day', finds: ['session-length: cookie-outlives'] },
  { wrong: 'logout-signature-unchecked', finds: ['logout-tokens: bad-signature-taken'] },
  { wrong: 'logout-unsigned-taken', finds: ['logout-tokens: unsigned-logout-taken'] },
  { wrong: 'logout-issuer-unchecked', finds: ['logout-tokens: wrong-issuer-taken'] },
  { wrong: 'logout-audience-unchecked', finds: ['logout-tokens: wrong-audience-taken'] },
  { wrong: 'logout-age-unchecked', finds: ['logout-tokens: old-token-taken'] },
  { wrong: 'logout-event-unchecked', finds: ['logout-tokens: no-event-taken'] },
  { wrong: 'logout-nonce-unchecked', finds: ['logout-tokens: nonce-token-taken'] },
  { wrong: 'logout-subject-unchecked', finds: ['logout-tokens: no-subject-taken'] },
  { wrong: 'logout-before-verifying', finds: ['logout-tokens: refused-but-ended'] },
  { wrong: 'logout-by-sub', finds: ['logout-tokens: other-session-ended'] },
  { wrong: 'logout-replayed', finds: ['logout-replay: replay-taken'] },
  { wrong: 'logout-ignored', finds: ['logout-end: session-lives-on'] },
  { wrong: 'logout-refused', finds: ['logout-end: good-token-refused'] },
  { wrong: 'logout-fails', finds: ['logout: answers-error', 'logout-end: answers-error'] },
  { wrong: 'leaves-alone', finds: ['own-logout: logout-stays'] },
  { wrong: 'leaves-without-hint', finds: ['own-logout: id-token-hint-missing'] },
  { wrong: 'leaves-without-client', finds: ['own-logout-request: logout-client-missing'] },
  { wrong: 'leaves-elsewhere', finds: ['own-logout: post-logout-unregistered'] },
  { wrong: 'leaves-in-circles', finds: ['own-logout: redirect-circle'] },
  { wrong: 'leaves-session', finds: ['own-logout: session-survives'] },
  { wrong: 'legacy-open', phase: 'unified', finds: ['legacy-phase: legacy-still-open'] },
  { wrong: 'legacy-closed', finds: ['legacy-phase: legacy-closed-early'] },
  { wrong: 'legacy-link-missing', phase: 'parallel', finds: ['legacy-phase: legacy-link-missing'] },
  { wrong: 'legacy-link-early', finds: ['legacy-phase: legacy-link-early'] },
  { wrong: 'event-refused', finds: ['login-id-event: event-refused'] },
];
/** Found in the same way as another one that stays: only in the full campaign. */
const ALIKE: ReadonlySet<string | undefined> = new Set<Wrong>([
  'nonce-constant',
  'verifier-constant',
  'audience-unchecked',
  'expiry-unchecked',
  'unsigned-taken',
  'cookie-for-any-site',
  'cookie-for-all-sites',
  'logout-issuer-unchecked',
  'logout-audience-unchecked',
  'logout-age-unchecked',
  'logout-nonce-unchecked',
  'logout-subject-unchecked',
  'leaves-without-client',
  'legacy-closed',
  'initiator-unchecked',
  'no-nonce',
  'clock-behind',
  'legacy-link-early',
  'leaves-without-hint',
  'logout-replayed',
  'callback-fails',
]);
const IN_FULL = process.env.HITOKAGI_FULL_CAMPAIGN === '1';
const PLAYED = BROKEN.filter(({ wrong }) => IN_FULL || !ALIKE.has(wrong));
const RIGHT: readonly Case[] = [
  ...(['prepared', 'parallel', 'unified'] as const).map((phase) => ({ phase, finds: [] })),
  // Another way to do it right.
  { wrong: 'legacy-link-by-script', phase: 'parallel', finds: [] },
];
const NOT_CHECKED: readonly Case[] = [
  { wrong: 'test-user-refused', finds: ['sign-in: test-user-unknown'] },
  { wrong: 'home-for-everybody', finds: ['sign-in: page-says-nothing'] },
  { wrong: 'no-way-out', finds: ['own-logout: no-way-out-found'] },
];

let world: World;
let consoles: Awaited<ReturnType<typeof openBrokenConsoles>>;
beforeAll(async () => {
  // The clocks of the consoles and of this server are one.
  world = await openWorld({ work: false, now: new Date() });
  const all = [...BROKEN, ...RIGHT, ...NOT_CHECKED].map((one) => ({ ...one, clientId: clientIdOf(one) }));
  consoles = await openBrokenConsoles(world, all);
  for (const { clientId, phase = 'prepared' } of all) {
    const id = await world.addConsole(clientId, consoles.addressesOf(clientId));
    const by = { actor: 'system', now: world.now };
    const past = new Date(world.now.getTime() - DAY);
    await changingPlan(world.database.db, id, by, ({ store }) =>
      store('link-time-set', {
        linkAt: phase === 'prepared' ? null : past,
        cutOverAt: phase === 'unified' ? past : null,
      }),
    );
  }
  await world.database.db.updateTable('console').set({ session_absolute_minutes: 60 }).execute();
});
afterAll(async () => {
  await consoles.close();
  await world.close();
});

const clientIdOf = ({ wrong, phase = 'prepared' }: Omit<BrokenConsole, 'clientId'>): string =>
  wrong ?? `right-${phase}`;
const check = async (clientId: string): Promise<ConsoleCheck> => {
  world.now = new Date();
  const console = await world.database.db
    .selectFrom('console')
    .selectAll()
    .where('client_id', '=', clientId)
    .executeTakeFirstOrThrow();
  return checkConsole(world.app.checkTools, console, { actor: 'operator:cli', now: world.now });
};
/** These consoles ask for no plan and no ended sessions, which the sample consoles do. */
const IDLE = ['plan', 'ended-sessions'];
const told = (findings: readonly Finding[], result: 'fault' | 'not-checked') =>
  findings.flatMap((one) =>
    one.result === result && !IDLE.includes(one.check) ? [`${one.check}: ${one.code}`] : [],
  );

describe('R19: the readiness check signs in', () => {
  it.each(RIGHT)('finds no fault in a console in order, in the phase $phase $wrong', async (one) => {
    const { findings } = await check(clientIdOf(one));
    expect(told(findings, 'fault')).toEqual([]);
    expect(told(findings, 'not-checked')).toEqual(['legacy-phase: no-dry-run', 'legacy-phase: no-dry-run']);
    expect(new Set(findings.map(({ check: name }) => name))).toEqual(new Set(CHECKS));
  });

  it.each(PLAYED)('names what is wrong with a console: $wrong', async (one) => {
    const { findings } = await check(clientIdOf(one));
    expect(told(findings, 'fault')).toEqual(one.finds);
    for (const finding of findings)
      for (const locale of ['ja', 'en'] as const)
        expect(`${JSON.stringify(findingWords(finding, locale))}`).not.toMatch(/\{(value|found)\}/);
  });

  it.each(NOT_CHECKED)('says why something could not be looked at: $wrong', async (one) => {
    const { findings, faults } = await check(clientIdOf(one));
    expect(told(findings, 'fault')).toEqual([]);
    expect(faults).toBe(findings.filter((it) => it.result === 'fault').length);
    expect(told(findings, 'not-checked')).toContain(one.finds[0]);
  });

  it('breaks at least 25 consoles, each in another way', () => {
    expect(new Set(PLAYED.map(({ wrong }) => wrong)).size).toBeGreaterThanOrEqual(IN_FULL ? 52 : 30);
    expect(new Set(BROKEN.flatMap(({ finds }) => finds)).size).toBeGreaterThanOrEqual(45);
  });

  it('leaves nothing behind: no account, no session, no figure', async () => {
    const { db } = world.database;
    expect(await db.selectFrom('account').select('id').execute()).toEqual([]);
    expect(await db.selectFrom('console_link').select('account_id').execute()).toEqual([]);
    expect(await db.selectFrom('sign_in_day').select('account_id').execute()).toEqual([]);
    expect(await db.selectFrom('sso_session').select('uid').execute()).toEqual([]);
    expect(await db.selectFrom('console_check_run').select('account_id').execute()).toEqual([]);
  });

  it('of many checks of one console at once one signs in, the others say so', async () => {
    const results = await Promise.all(Array.from({ length: 5 }, () => check('right-prepared')));
    const under = results.filter(({ findings }) =>
      told(findings, 'not-checked').includes('sign-in: check-under-way'),
    );
    expect(under).toHaveLength(4);
    expect(
      results.filter(({ findings }) =>
        findings.some((one) => one.check === 'sign-in' && one.result === 'pass'),
      ),
    ).toHaveLength(1);
  });
});
