import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { keepCheck } from '#domain/consoles/check.ts';
import { fault, pass, type Finding } from '#domain/consoles/findings.ts';
import { createOperatorToken } from '#domain/operators/tokens.ts';
import { addOperator } from '#domain/operators/operators.ts';
import { MINUTE } from '#support/primitives/durations.ts';
import { Browser, type Answer } from '#test/browser.ts';
import { consoleWithPeople, giveVerdicts, japan, noticesOf } from '#test/migration.ts';
import { PASSWORD, signIn } from '#test/steps.ts';
import { openWorld, type World } from '#test/world.ts';
import { foreseeAct } from './acts.ts';
import { announce, rollBack, setCutOver, setLinkTime } from './plans.ts';

let world: World;
let token: string;
beforeAll(async () => {
  world = await openWorld({ work: false });
  const by = { actor: 'operator:cli', now: world.now };
  ({ token } = await createOperatorToken(
    world.database.db,
    { name: 'x', role: 'administrator', days: 365 },
    by,
  ));
  await world.addPerson('chief@example.co.jp', {}, { password: PASSWORD });
  await addOperator(world.database.db, { emailAddress: 'chief@example.co.jp', role: 'administrator' }, by);
});
afterAll(() => world.close());
beforeEach(() => {
  world.now = japan('2027-01-10 10:00');
});

const db = () => world.database.db;
const by = (more = {}) => ({ actor: 'operator:cli', now: world.now, ...more });
const REQUIRED = fault('state', 'state-unchecked', '');
const ADVICE = fault('response-issuer', 'response-issuer-unchecked', '');
const checked = (consoleId: string, ...findings: readonly Finding[]) =>
  keepCheck(db(), consoleId, [pass('sign-in'), ...findings], by());
const MARCH = japan('2027-03-31 22:00');

describe('R19: a phase does not advance while a required check fails', () => {
  it('link time, announcement and cut-over wait for it; taking back and postponing never do', async () => {
    const { consoleId } = await consoleWithPeople(world);
    await checked(consoleId, REQUIRED);
    const refused = { ok: false, reason: 'check-failed', failed: ['state'] };
    const earlier = new Date(world.now.getTime() - MINUTE);
    expect(await setLinkTime(db(), consoleId, earlier, by())).toMatchObject(refused);
    expect(await announce(db(), consoleId, { cutOverAt: MARCH }, by())).toMatchObject(refused);
    expect(await noticesOf(world, consoleId)).toEqual([]);
    const wanted = { act: 'announce', cutOverAt: MARCH, sendAt: null, texts: {} } as const;
    expect(await foreseeAct(db(), consoleId, wanted, world.now)).toMatchObject(refused);

    await checked(consoleId);
    expect(await announce(db(), consoleId, { cutOverAt: MARCH }, by())).toMatchObject({ ok: true });
    world.pass(MINUTE);
    for (const { id } of await noticesOf(world, consoleId)) await giveVerdicts(world, id, { at: world.now });
    await checked(consoleId, REQUIRED);
    expect(await setCutOver(db(), consoleId, { cutOverAt: MARCH }, by())).toMatchObject(refused);
    await checked(consoleId);
    expect(await setCutOver(db(), consoleId, { cutOverAt: MARCH }, by())).toMatchObject({ ok: true });

    await checked(consoleId, REQUIRED);
    const later = japan('2027-04-30 22:00');
    expect(await setCutOver(db(), consoleId, { cutOverAt: later }, by())).toMatchObject({
      ok: true,
      change: 'postponed',
    });
    expect(await rollBack(db(), consoleId, { correction: false }, by())).toMatchObject({ ok: true });
    expect(await setLinkTime(db(), consoleId, null, by())).toMatchObject({ ok: true });
  });

  it('advice stands in nobody’s way, nor does a console that was never checked: that is only said', async () => {
    const advised = await consoleWithPeople(world);
    await checked(advised.consoleId, ADVICE);
    const never = await consoleWithPeople(world);
    for (const { consoleId } of [advised, never])
      expect(await announce(db(), consoleId, { cutOverAt: MARCH }, by())).toMatchObject({ ok: true });
    const wanted = { act: 'announce', cutOverAt: MARCH, sendAt: null, texts: {} } as const;
    expect(await foreseeAct(db(), never.consoleId, wanted, world.now)).toMatchObject({ check: null });
  });

  it('an administrator goes on with a reason, which the audit log keeps; blanks are none', async () => {
    const { consoleId } = await consoleWithPeople(world);
    await checked(consoleId, REQUIRED, ADVICE);
    const blank = by({ overrideCheck: '  ' });
    expect(await announce(db(), consoleId, { cutOverAt: MARCH }, blank)).toMatchObject({ ok: false });
    const overrides = () =>
      db()
        .selectFrom('audit_event')
        .select(['actor', 'detail'])
        .where('console_id', '=', consoleId)
        .where('action', '=', 'plan.check-overruled')
        .execute();
    expect(await overrides()).toEqual([]);
    const reason = 'mended, and checked by hand';
    const overriding = by({ overrideCheck: reason });
    expect(await announce(db(), consoleId, { cutOverAt: MARCH }, overriding)).toMatchObject({ ok: true });
    expect(await overrides()).toMatchObject([
      { actor: 'operator:cli', detail: { act: 'announce', reason, failed: ['state'] } },
    ]);
    // What fails nowhere is overridden nowhere.
    const other = await consoleWithPeople(world);
    await announce(db(), other.consoleId, { cutOverAt: MARCH }, by({ overrideCheck: reason }));
    expect(await overrides()).toHaveLength(1);
  });

  it('by the API: 409 says what fails in both languages, and overrideCheck goes on', async () => {
    const { clientId, consoleId } = await consoleWithPeople(world);
    await checked(consoleId, REQUIRED);
    const call = (payload: object, language: string) =>
      world.app.server.inject({
        method: 'POST',
        url: `/api/operator/v1/consoles/${clientId}/plan/announcement`,
        headers: {
          host: 'login.example.co.jp',
          authorization: `Bearer ${token}`,
          'if-match': '*',
          'accept-language': language,
        },
        payload: { cutOverAt: MARCH.toISOString(), ...payload },
      });
    const english = await call({}, 'en');
    expect(english.statusCode).toBe(409);
    expect(english.json()).toMatchObject({ code: 'check-failed' });
    expect(english.body).toContain('A sign-in ends only in the browser that began it');
    expect((await call({}, 'ja')).body).toContain('始めたブラウザーだけでログインが終わる');
    expect((await call({ overrideCheck: 'known' }, 'ja')).statusCode).toBe(200);
  });

  it('on the pages: the form says what fails and leads to it, and asks why one goes on', async () => {
    const { clientId, consoleId } = await consoleWithPeople(world);
    await checked(consoleId, REQUIRED);
    const browser = new Browser(world);
    await signIn(browser, '/sign-in', 'chief@example.co.jp');
    const path = `/operator/migration/${clientId}/announce`;
    const form = await browser.open(path);
    expect(textOf(form)).toContain('必須の項目に問題があります');
    expect(form.body).toContain(`/operator/consoles/${clientId}/check`);
    const typed = { date: '2027-03-31', time: '22:00' };
    const refused = await browser.submit(form, path, typed);
    expect(refused.statusCode).toBe(409);
    expect(textOf(refused)).toContain('始めたブラウザーだけでログインが終わる');
    const confirmation = await browser.submit(refused, path, { ...typed, override: '承知しています' });
    expect(confirmation.statusCode, textOf(confirmation)).toBe(200);
    expect(textOf(confirmation)).toContain('問題があるまま進めます。理由：承知しています');

    const { clientId: never } = await consoleWithPeople(world);
    const other = `/operator/migration/${never}/announce`;
    const unchecked = await browser.submit(await browser.open(other), other, typed);
    expect(textOf(unchecked)).toContain('まだ一度も点検していません');
  });
});

const textOf = (page: Answer): string => page.body.replaceAll(/<[^>]+>/g, ' ').replaceAll(/\s+/g, ' ');
