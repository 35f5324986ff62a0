import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DAY, HOUR, MINUTE } from '#support/primitives/durations.ts';
import { consoleWithPeople, giveVerdicts, japan, noticesOf, settle } from '#test/migration.ts';
import { openWorld, type World } from '#test/world.ts';
import { planHistory } from './history.ts';
import { phaseAt } from './phase.ts';
import { planStanding } from './plan-standing.ts';
import { announce, closePlan, planOf, rollBack, setCutOver, setLinkTime } from './plans.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld({ work: false });
});
afterAll(() => world.close());
beforeEach(() => {
  world.now = japan('2027-01-10 10:00');
});

const by = () => ({ actor: 'operator:cli', now: world.now });
const db = () => world.database.db;

/** Announces a date and lets everybody's mail be accepted a minute later. */
async function announced(consoleId: string, cutOverAt: Date): Promise<string> {
  const result = await announce(db(), consoleId, { cutOverAt }, by());
  if (!result.ok) throw new Error(result.reason);
  world.pass(1 * MINUTE);
  await giveVerdicts(world, result.noticeId, { at: world.now });
  return result.noticeId;
}

async function cutOverSet(consoleId: string, cutOverAt: Date): Promise<void> {
  await announced(consoleId, cutOverAt);
  const result = await setCutOver(db(), consoleId, { cutOverAt }, by());
  if (!result.ok) throw new Error(result.reason);
}

const MARCH = japan('2027-03-31 22:00');
const APRIL = japan('2027-04-30 22:00');

describe('R13: link time', () => {
  it('is set, moved and taken back; each is a revision with its row of history, an audit event and a notification', async () => {
    const { consoleId } = await consoleWithPeople(world);
    const client = await world.database.pool.connect();
    const heard: (string | undefined)[] = [];
    client.on('notification', (message) => heard.push(message.payload));
    await client.query('listen plan_changed');
    expect(await setLinkTime(db(), consoleId, MARCH, by(), 'as agreed')).toEqual({ ok: true, revision: 2 });
    expect(await setLinkTime(db(), consoleId, null, by())).toEqual({ ok: true, revision: 3 });
    await client.query('select 1');
    client.release(true);
    expect(heard).toEqual([consoleId, consoleId]);
    expect(await planHistory(db(), consoleId)).toEqual([
      expect.objectContaining({ revision: 3, action: 'link-time-set', linkAt: null, actor: 'operator:cli' }),
      expect.objectContaining({ revision: 2, linkAt: MARCH, at: world.now, note: 'as agreed' }),
    ]);
    const events = await db()
      .selectFrom('audit_event')
      .select('detail')
      .where('console_id', '=', consoleId)
      .where('action', '=', 'plan.changed')
      .orderBy('id')
      .execute();
    expect(events.map(({ detail }) => detail)).toEqual([
      expect.objectContaining({ change: 'link-time-set', revision: 2, linkAt: MARCH.toISOString() }),
      expect.objectContaining({ change: 'link-time-set', revision: 3, linkAt: null }),
    ]);
  });

  it('must come before the cut-over, and a closed plan keeps it', async () => {
    const { consoleId } = await consoleWithPeople(world);
    await cutOverSet(consoleId, MARCH);
    expect(await setLinkTime(db(), consoleId, APRIL, by())).toEqual({ ok: false, reason: 'after-cut-over' });
    expect(await setLinkTime(db(), consoleId, null, by())).toEqual({ ok: false, reason: 'after-cut-over' });
    world.now = APRIL;
    await closePlan(db(), consoleId, {}, by());
    expect(await setLinkTime(db(), consoleId, MARCH, by())).toEqual({ ok: false, reason: 'closed' });
  });
});

describe('R14: the announcement', () => {
  it('names the planned cut-over to everybody; the cut-over itself stays undetermined', async () => {
    const { consoleId, accounts } = await consoleWithPeople(world, 3);
    const [apiOnly = ''] = accounts;
    await db()
      .updateTable('console_link')
      .set({ api_only: true })
      .where('account_id', '=', apiOnly)
      .execute();
    const sendAt = japan('2027-01-12 10:00');
    const result = await announce(
      db(),
      consoleId,
      { cutOverAt: MARCH, sendAt, texts: { ja: { subject: '大切なお知らせ' } }, note: 'board of 8 January' },
      by(),
    );
    expect(result).toMatchObject({ ok: true, recipients: 2, revision: 2 });
    expect(await noticesOf(world, consoleId)).toEqual([
      expect.objectContaining({
        kind: 'announcement',
        cut_over_at: MARCH,
        send_at: sendAt,
        cancelled_at: null,
      }),
    ]);
    expect(await planOf(db(), consoleId)).toMatchObject({ announceAt: sendAt, cutOverAt: null });
  });

  it('that is still being sent is cancelled by the next one', async () => {
    const { consoleId } = await consoleWithPeople(world);
    await announce(db(), consoleId, { cutOverAt: MARCH, sendAt: japan('2027-01-12 10:00') }, by());
    world.pass(1 * MINUTE);
    await announce(db(), consoleId, { cutOverAt: APRIL }, by());
    expect((await noticesOf(world, consoleId)).map((one) => one.cancelled_at)).toEqual([world.now, null]);
  });

  it('is refused for a date that could never be set, or that people know already', async () => {
    const { consoleId } = await consoleWithPeople(world);
    const tell = (cutOverAt: Date, sendAt?: Date) =>
      announce(db(), consoleId, { cutOverAt, ...(sendAt ? { sendAt } : {}) }, by());
    const earliestCutOverAt = japan('2027-02-10 10:00');
    expect(await tell(japan('2027-02-10 09:59'))).toEqual({
      ok: false,
      reason: 'too-soon',
      earliestCutOverAt,
    });
    expect(await tell(japan('2027-03-01 10:00'), japan('2027-02-01 10:01'))).toMatchObject({
      reason: 'too-soon',
    });
    expect(await tell(japan('2027-01-10 10:00'))).toMatchObject({ reason: 'in-the-past' });
    expect(await tell(MARCH, japan('2027-01-10 09:59'))).toMatchObject({ reason: 'send-time-past' });
    expect(await noticesOf(world, consoleId)).toEqual([]);

    await cutOverSet(consoleId, MARCH);
    expect(await tell(MARCH)).toMatchObject({ reason: 'cut-over-stands' });
    expect(await tell(APRIL)).toMatchObject({ reason: 'cut-over-stands' });
    expect(await tell(japan('2027-03-15 22:00'))).toMatchObject({ ok: true });
    world.now = MARCH;
    expect(await tell(APRIL)).toMatchObject({ reason: 'already-unified' });
    await closePlan(db(), consoleId, {}, by());
    expect(await tell(APRIL)).toMatchObject({ reason: 'closed' });
  });

  it('must name a date after link time', async () => {
    const { consoleId } = await consoleWithPeople(world);
    await setLinkTime(db(), consoleId, MARCH, by());
    expect(await announce(db(), consoleId, { cutOverAt: japan('2027-03-31 21:59') }, by())).toEqual({
      ok: false,
      reason: 'before-link-time',
      earliestCutOverAt: MARCH,
    });
  });
});

describe('R14: the cut-over', () => {
  const refusal = async (consoleId: string, cutOverAt: Date) => {
    const result = await setCutOver(db(), consoleId, { cutOverAt }, by());
    expect(result.ok).toBe(false);
    return 'earliestCutOverAt' in result
      ? { reason: result.reason, earliest: result.earliestCutOverAt }
      : undefined;
  };

  it('cannot be set before anything was announced, nor after a rollback by what was announced before', async () => {
    const { consoleId } = await consoleWithPeople(world);
    expect(await refusal(consoleId, APRIL)).toEqual({ reason: 'not-announced', earliest: null });
    await announced(consoleId, MARCH);
    await rollBack(db(), consoleId, { correction: false }, by());
    expect(await refusal(consoleId, MARCH)).toEqual({ reason: 'not-announced', earliest: null });
  });

  it('waits for every verdict, for everybody who came meanwhile, and for everybody whom the mail did not reach', async () => {
    const { consoleId, clientId, accounts } = await consoleWithPeople(world, 3);
    const result = await announce(db(), consoleId, { cutOverAt: MARCH }, by());
    const noticeId = result.ok ? result.noticeId : '';
    expect(await refusal(consoleId, MARCH)).toEqual({ reason: 'under-way', earliest: null });
    await giveVerdicts(world, noticeId, { at: world.now, state: 'refused', account: accounts[0] as string });
    await giveVerdicts(world, noticeId, { at: world.now });
    expect(await refusal(consoleId, MARCH)).toEqual({ reason: 'unsettled', earliest: null });
    await settle(world, noticeId, world.now);
    await world.addPerson(`new@${clientId}.example.co.jp`, { [clientId]: 'user-new' });
    expect(await refusal(consoleId, MARCH)).toEqual({ reason: 'untold', earliest: null });
    await db().deleteFrom('console_link').where('console_user_id', '=', 'user-new').execute();
    expect(await setCutOver(db(), consoleId, { cutOverAt: MARCH }, by())).toMatchObject({ ok: true });
  });

  it('is never earlier than announced, nor than one calendar month after the last accepted mail', async () => {
    const { consoleId, accounts } = await consoleWithPeople(world);
    const planned = japan('2027-02-15 10:00');
    const result = await announce(db(), consoleId, { cutOverAt: planned }, by());
    const noticeId = result.ok ? result.noticeId : '';
    await giveVerdicts(world, noticeId, { at: world.now, account: accounts[0] as string });
    await giveVerdicts(world, noticeId, { at: japan('2027-01-31 09:30') });
    world.now = japan('2027-01-31 10:00');
    const earliest = japan('2027-02-28 09:30');
    expect(await refusal(consoleId, japan('2027-02-14 10:00'))).toEqual({
      reason: 'earlier-than-announced',
      earliest,
    });
    expect(await refusal(consoleId, planned)).toEqual({ reason: 'too-soon', earliest });
    expect(await refusal(consoleId, new Date(earliest.getTime() - 1))).toEqual({
      reason: 'too-soon',
      earliest,
    });
    expect(await setCutOver(db(), consoleId, { cutOverAt: earliest }, by())).toMatchObject({
      ok: true,
      change: 'cut-over-set',
    });
    // Later than announced: everybody is told the date that holds.
    expect((await noticesOf(world, consoleId)).map(({ kind, cut_over_at }) => [kind, cut_over_at])).toEqual([
      ['announcement', planned],
      ['correction', earliest],
    ]);
  });

  it('for the announced date sends nothing more', async () => {
    const { consoleId } = await consoleWithPeople(world);
    await announced(consoleId, MARCH);
    expect(await setCutOver(db(), consoleId, { cutOverAt: MARCH, note: 'go' }, by())).toEqual({
      ok: true,
      change: 'cut-over-set',
      revision: 3,
      noticeId: null,
    });
    expect(await noticesOf(world, consoleId)).toHaveLength(1);
    expect(await planOf(db(), consoleId)).toMatchObject({ cutOverAt: MARCH, cutOverSetAt: world.now });
    expect(await refusal(consoleId, MARCH)).toMatchObject({ reason: 'unchanged' });
  });

  it('in the past, before link time or without one is refused', async () => {
    const { consoleId } = await consoleWithPeople(world);
    await announced(consoleId, MARCH);
    expect(await refusal(consoleId, world.now)).toMatchObject({ reason: 'in-the-past' });
    await setLinkTime(db(), consoleId, APRIL, by());
    expect(await refusal(consoleId, MARCH)).toEqual({ reason: 'before-link-time', earliest: APRIL });
    await setLinkTime(db(), consoleId, null, by());
    expect(await refusal(consoleId, MARCH)).toEqual({ reason: 'before-link-time', earliest: null });
  });

  it('is postponed at any time, which tells everybody and cancels what is under way about the old date', async () => {
    const { consoleId, accounts } = await consoleWithPeople(world);
    await cutOverSet(consoleId, MARCH);
    await world.database.db
      .insertInto('notice')
      .values({
        id: 'ntc_reminder',
        console_id: consoleId,
        kind: 'reminder',
        days_before: 30,
        cut_over_at: MARCH,
        texts: '{}',
        send_at: world.now,
        created_at: world.now,
        created_by: 'system',
      })
      .execute();
    await giveVerdicts(world, 'ntc_reminder', { at: world.now });
    // Not even somebody whom nothing reached holds it up.
    await db()
      .updateTable('notice_recipient')
      .set({ state: 'bounced' })
      .where('account_id', '=', accounts[0] as string)
      .execute();
    const result = await setCutOver(db(), consoleId, { cutOverAt: APRIL }, by());
    expect(result).toMatchObject({ ok: true, change: 'postponed' });
    const notices = await noticesOf(world, consoleId);
    expect(notices).toContainEqual(expect.objectContaining({ id: 'ntc_reminder', cancelled_at: world.now }));
    expect(notices).toContainEqual(
      expect.objectContaining({ kind: 'correction', cut_over_at: APRIL, cancelled_at: null }),
    );
    expect(await planOf(db(), consoleId)).toMatchObject({ cutOverAt: APRIL, cutOverSetAt: world.now });
  });

  it('is brought forward only by another announcement', async () => {
    const { consoleId } = await consoleWithPeople(world);
    await announced(consoleId, MARCH);
    await setCutOver(db(), consoleId, { cutOverAt: APRIL }, by());
    // March was announced, and a month has passed; but then people were told April.
    world.pass(35 * DAY);
    expect(await refusal(consoleId, MARCH)).toEqual({ reason: 'not-announced', earliest: APRIL });
    world.now = japan('2027-01-20 10:00');
    await announced(consoleId, MARCH);
    expect(await setCutOver(db(), consoleId, { cutOverAt: MARCH }, by())).toMatchObject({
      ok: true,
      change: 'cut-over-set',
      noticeId: null,
    });
  });

  it('stays as it was when an earlier date was announced after it and is given up, and everybody is told', async () => {
    const { consoleId } = await consoleWithPeople(world);
    await cutOverSet(consoleId, APRIL);
    await announced(consoleId, MARCH);
    expect(await setCutOver(db(), consoleId, { cutOverAt: APRIL }, by())).toMatchObject({ ok: true });
    expect((await noticesOf(world, consoleId)).at(-1)).toMatchObject({
      kind: 'correction',
      cut_over_at: APRIL,
    });
  });

  it('of a console without anybody to tell is free; whoever comes later can still be told', async () => {
    const { consoleId, clientId } = await consoleWithPeople(world, 0);
    const soon = japan('2027-02-01 10:00');
    expect(await setCutOver(db(), consoleId, { cutOverAt: MARCH }, by())).toMatchObject({
      ok: true,
      noticeId: null,
    });
    await world.addPerson(`late@${clientId}.example.co.jp`, { [clientId]: 'late' });
    expect(await refusal(consoleId, soon)).toMatchObject({ reason: 'not-announced' });
    expect(await announce(db(), consoleId, { cutOverAt: MARCH }, by())).toMatchObject({
      ok: true,
      recipients: 1,
    });
  });

  it('where the mail reached nobody counts from the last person who was settled', async () => {
    const { consoleId } = await consoleWithPeople(world);
    const result = await announce(db(), consoleId, { cutOverAt: MARCH }, by());
    const noticeId = result.ok ? result.noticeId : '';
    await giveVerdicts(world, noticeId, { at: world.now, state: 'refused' });
    await settle(world, noticeId, japan('2027-03-05 10:00'));
    world.now = japan('2027-03-06 10:00');
    expect(await refusal(consoleId, MARCH)).toEqual({
      reason: 'too-soon',
      earliest: japan('2027-04-05 10:00'),
    });
  });
});

describe('R16: rollback and closing', () => {
  it('takes a cut-over back that has passed: the phase falls back at once, what happened stays on record', async () => {
    const { consoleId } = await consoleWithPeople(world);
    await cutOverSet(consoleId, MARCH);
    world.now = new Date(MARCH.getTime() + HOUR);
    expect(phaseAt(await planOf(db(), consoleId), world.now)).toBe('unified');
    const result = await rollBack(
      db(),
      consoleId,
      { correction: true, note: 'the call centre is full' },
      by(),
    );
    expect(result).toMatchObject({ ok: true, revision: 4 });
    expect(phaseAt(await planOf(db(), consoleId), world.now)).toBe('parallel');
    expect((await noticesOf(world, consoleId)).at(-1)).toMatchObject({
      kind: 'correction',
      cut_over_at: null,
    });
    expect((await planHistory(db(), consoleId)).map((one) => [one.action, one.cutOverAt])).toEqual([
      ['rolled-back', null],
      ['cut-over-set', MARCH],
      ['announced', null],
    ]);
  });

  it('without a correction mails nobody, and cancels the reminder that is under way', async () => {
    const { consoleId } = await consoleWithPeople(world);
    const { noticeId } = { noticeId: await announced(consoleId, MARCH) };
    await db().updateTable('notice').set({ ended_at: world.now }).where('id', '=', noticeId).execute();
    await setCutOver(db(), consoleId, { cutOverAt: MARCH }, by());
    expect(await rollBack(db(), consoleId, { correction: false }, by())).toMatchObject({
      ok: true,
      noticeId: null,
    });
    expect(await noticesOf(world, consoleId)).toEqual([
      expect.objectContaining({ kind: 'announcement', cancelled_at: null }),
    ]);
  });

  it('takes an announcement back that was only planned', async () => {
    const { consoleId } = await consoleWithPeople(world);
    expect(await rollBack(db(), consoleId, { correction: false }, by())).toEqual({
      ok: false,
      reason: 'nothing-to-take-back',
    });
    await announce(db(), consoleId, { cutOverAt: MARCH, sendAt: japan('2027-01-12 10:00') }, by());
    expect(await rollBack(db(), consoleId, { correction: false }, by())).toMatchObject({ ok: true });
    expect(await noticesOf(world, consoleId)).toEqual([expect.objectContaining({ cancelled_at: world.now })]);
  });

  it('closing wants the cut-over behind it, tells everybody, and ends rollback and every other change', async () => {
    const { consoleId } = await consoleWithPeople(world);
    await cutOverSet(consoleId, MARCH);
    expect(await closePlan(db(), consoleId, {}, by())).toEqual({ ok: false, reason: 'not-unified' });
    world.now = MARCH;
    expect(await closePlan(db(), consoleId, {}, by())).toMatchObject({ ok: true });
    expect((await noticesOf(world, consoleId)).at(-1)).toMatchObject({
      kind: 'completion',
      cut_over_at: MARCH,
    });
    expect(await closePlan(db(), consoleId, {}, by())).toEqual({ ok: false, reason: 'closed' });
    expect(await rollBack(db(), consoleId, { correction: true }, by())).toEqual({
      ok: false,
      reason: 'closed',
    });
    expect(await setCutOver(db(), consoleId, { cutOverAt: APRIL }, by())).toMatchObject({ reason: 'closed' });
    expect((await planStanding(db(), consoleId, world.now)).phase).toBe('unified');
  });
});

describe('R14: a plan that was changed since whoever decides has looked at it', () => {
  it('is left as it is, whatever is asked for; with the present revision everything goes', async () => {
    const { consoleId } = await consoleWithPeople(world);
    await cutOverSet(consoleId, MARCH);
    const plan = await planOf(db(), consoleId);
    const stale = { ...by(), revision: plan.revision - 1 };
    const overtaken = { ok: false, reason: 'changed-meanwhile' };
    expect(await setLinkTime(db(), consoleId, world.now, stale)).toEqual(overtaken);
    expect(await announce(db(), consoleId, { cutOverAt: APRIL }, stale)).toEqual(overtaken);
    expect(await setCutOver(db(), consoleId, { cutOverAt: APRIL }, stale)).toEqual(overtaken);
    expect(await rollBack(db(), consoleId, { correction: true }, stale)).toEqual(overtaken);
    expect(await closePlan(db(), consoleId, {}, { ...stale, now: APRIL })).toEqual(overtaken);
    expect(await planOf(db(), consoleId)).toEqual(plan);
    const seen = { ...by(), revision: plan.revision };
    const twice = await Promise.all([
      setCutOver(db(), consoleId, { cutOverAt: APRIL }, seen),
      setCutOver(db(), consoleId, { cutOverAt: APRIL }, seen),
    ]);
    expect(twice.map(({ ok }) => ok).sort()).toEqual([false, true]);
    expect(twice).toContainEqual(overtaken);
  });
});

describe('the history', () => {
  it('is append-only, for whoever writes to the database', async () => {
    const { consoleId } = await consoleWithPeople(world);
    await setLinkTime(db(), consoleId, MARCH, by());
    for (const write of [
      () => db().updateTable('plan_change').set({ actor: 'nobody' }).execute(),
      () => db().deleteFrom('plan_change').execute(),
    ])
      await expect(write()).rejects.toThrow('plan_change is append-only');
    expect(await planHistory(db(), consoleId)).toHaveLength(1);
  });

  it('the standing says what is there and what could be set', async () => {
    const { consoleId } = await consoleWithPeople(world);
    expect(await planStanding(db(), consoleId, world.now)).toMatchObject({
      phase: 'parallel',
      audience: 2,
      announcement: null,
      told: null,
      earliestCutOverAt: null,
    });
    const noticeId = await announced(consoleId, MARCH);
    expect(await planStanding(db(), consoleId, world.now)).toMatchObject({
      announcement: { noticeId, accepted: 2, underWay: 0, untold: 0, unsettled: 0 },
      told: { noticeId, cutOverAt: MARCH },
      earliestCutOverAt: MARCH,
    });
  });
});
