import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { MINUTE, SECOND } from '#support/primitives/durations.ts';
import { openSmtp } from '#test/smtp.ts';
import { openWorld, type World } from '#test/world.ts';
import { cancelNotice } from './cancel.ts';
import { previewDraft, previewNotice, sendTestNotice } from './preview.ts';
import { listNotices, noticeProgress } from './progress.ts';
import { listRecipients } from './recipients.ts';
import { settleRecipient, type Settlement } from './settle.ts';
import { announcementStanding } from './standing.ts';
import { addPeople, announce, statesOf, until } from './test-world.ts';

let world: World;
let smtp: Awaited<ReturnType<typeof openSmtp>>;
let sms: string;
let people: string[];
let notice: string;
const bad = new Set<string>();

beforeAll(async () => {
  smtp = await openSmtp();
  smtp.behaviourOf = (address) => (bad.has(address) ? 'refuse-recipient' : 'accept');
  world = await openWorld({
    environment: {
      HITOKAGI_SMTP_URL: `smtp://127.0.0.1:${smtp.port}`,
      HITOKAGI_NOTICES_PER_SECOND: '500',
      HITOKAGI_MAIL_RETRY_AFTER: '1',
    },
  });
  sms = await world.addConsole('sms');
  people = await addPeople(world.database.db, sms, 12, world.now);
  for (let i = 0; i < 6; i++) bad.add(`person${i}@example.co.jp`);
  notice = await announce(world.database.db, sms, world.now);
  await ended(notice);
});
afterAll(async () => {
  await world.close();
  await smtp.close();
});
beforeEach(() => void (smtp.arrived.length = 0));

const by = () => ({ actor: 'operator:opt_support', now: world.now });
const settle = (index: number, how: Settlement) =>
  settleRecipient(world.database.db, { noticeId: notice, accountId: people[index] ?? '' }, how, by());
const ended = (id: string) =>
  until(async () => (await noticeProgress(world.database.db, id, world.now))?.state === 'ended');
const unreached = async () =>
  (await listRecipients(world.database.db, notice, { state: 'unreached' })).recipients.map(
    (row) => row.accountId,
  );
const recipient = async (index: number) =>
  (await listRecipients(world.database.db, notice, {})).recipients.find(
    (row) => row.accountId === people[index],
  );
const eventsOf = (action: string) =>
  world.database.db.selectFrom('audit_event').selectAll().where('action', '=', action).execute();

describe('R14: nobody whose mail was refused is forgotten', () => {
  it('they are listed with what the mail server said, and the announcement stands unsettled', async () => {
    expect(await unreached()).toEqual(people.slice(0, 6).sort());
    expect(await recipient(0)).toMatchObject({
      state: 'refused',
      recipient: 'person0@example.co.jp',
      response: expect.stringContaining('550 no such mailbox') as string,
      name: '見本 0',
      company: '見本商事',
      verdictAt: world.now,
    });
    expect(await announcementStanding(world.database.db, sms)).toMatchObject({
      accepted: 6,
      unsettled: 6,
      underWay: 0,
    });
  });

  it('told otherwise: needs a note', async () => {
    expect(await settle(0, { kind: 'told-otherwise', note: '  ' })).toEqual({
      ok: false,
      reason: 'note-missing',
    });
    expect(await settle(0, { kind: 'told-otherwise', note: 'By telephone, 見本 花子' })).toEqual({
      ok: true,
    });
    expect(await unreached()).toEqual(people.slice(1, 6).sort());
    expect(await recipient(0)).toMatchObject({
      state: 'refused',
      settlement: 'told-otherwise',
      settlementNote: 'By telephone, 見本 花子',
      settledBy: 'operator:opt_support',
    });
    expect(await settle(0, { kind: 'told-otherwise', note: 'again' })).toEqual({
      ok: false,
      reason: 'recipient-settled',
    });
  });

  it('API only: the person leaves the audience for good', async () => {
    expect(await settle(1, { kind: 'api-only' })).toEqual({ ok: true });
    const link = await world.database.db
      .selectFrom('console_link')
      .select('api_only')
      .where('account_id', '=', people[1] ?? '')
      .executeTakeFirstOrThrow();
    expect(link.api_only).toBe(true);
    expect(await announcementStanding(world.database.db, sms)).toMatchObject({ unsettled: 4 });
  });

  it('a new address: refused until the login ID is corrected, then the notice goes there; refused again, the person is listed again', async () => {
    const to = (emailAddress: string) => settle(2, { kind: 'new-address', emailAddress });
    expect(await to('not an address')).toEqual({ ok: false, reason: 'address-malformed' });
    expect(await to('corrected@example.co.jp')).toEqual({ ok: false, reason: 'address-not-login-id' });
    expect(await to('PERSON2@EXAMPLE.co.jp')).toEqual({ ok: false, reason: 'address-unchanged' });
    const correct = (address: string) =>
      world.database.db
        .updateTable('account')
        .set({ email_address: address, email_key: address })
        .where('id', '=', people[2] ?? '')
        .execute();
    await correct('worse@example.co.jp');
    bad.add('worse@example.co.jp');
    expect(await to('worse@example.co.jp')).toEqual({ ok: true });
    expect(await announcementStanding(world.database.db, sms)).toMatchObject({ underWay: 1 });
    await ended(notice);
    expect(await recipient(2)).toMatchObject({
      state: 'refused',
      recipient: 'worse@example.co.jp',
      settlement: null,
    });
    expect(await unreached()).toContain(people[2]);

    await correct('corrected@example.co.jp');
    world.pass(1 * MINUTE);
    expect(await to('corrected@example.co.jp')).toEqual({ ok: true });
    await ended(notice);
    expect(await recipient(2)).toMatchObject({
      state: 'accepted',
      recipient: 'corrected@example.co.jp',
      settlement: 'new-address',
      verdictAt: world.now,
    });
    expect(smtp.arrived.map((mail) => mail.recipients)).toEqual([['corrected@example.co.jp']]);
    // The month begins anew with the last one who was told.
    expect((await announcementStanding(world.database.db, sms))?.lastAcceptedAt).toEqual(world.now);
  });

  it('of twenty operators at once one settles, and it is in the audit log once', async () => {
    const before = (await eventsOf('notice.recipient-settled')).length;
    const results = await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        i % 2 ? settle(3, { kind: 'told-otherwise', note: `number ${i}` }) : settle(3, { kind: 'api-only' }),
      ),
    );
    expect(results.filter((result) => result.ok)).toHaveLength(1);
    expect(results.filter((result) => !result.ok && result.reason === 'recipient-settled')).toHaveLength(19);
    const events = await eventsOf('notice.recipient-settled');
    expect(events).toHaveLength(before + 1);
    const row = await recipient(3);
    expect(events.at(-1)?.detail).toMatchObject({ settlement: row?.settlement, noticeId: notice });
  });

  it('whom it reached, who is not in it, and what is not there cannot be settled', async () => {
    expect(await settle(9, { kind: 'api-only' })).toEqual({ ok: false, reason: 'recipient-not-unreached' });
    expect(await settle(99, { kind: 'api-only' })).toEqual({ ok: false, reason: 'recipient-unknown' });
    expect(
      await settleRecipient(
        world.database.db,
        { noticeId: 'ntc_none', accountId: people[0] ?? '' },
        { kind: 'api-only' },
        by(),
      ),
    ).toEqual({ ok: false, reason: 'notice-unknown' });
  });
});

describe('progress', () => {
  it('can be read at any time: counts that add up, pages of recipients in a stable order', async () => {
    const progress = await noticeProgress(world.database.db, notice, world.now);
    expect(progress).toMatchObject({
      state: 'ended',
      total: 12,
      clientId: 'sms',
      kind: 'announcement',
      unreached: 2,
    });
    if (!progress) throw new Error('No progress.');
    const { waiting, queued, accepted, refused, bounced, dropped, total } = progress;
    expect(waiting + queued + accepted + refused + bounced + dropped).toBe(total);
    expect(
      (await listNotices(world.database.db, { consoleId: sms }, world.now)).map((one) => one.id),
    ).toEqual([notice]);
    const first = await listRecipients(world.database.db, notice, { limit: 5 });
    const second = await listRecipients(world.database.db, notice, { limit: 5, after: first.next ?? '' });
    const third = await listRecipients(world.database.db, notice, { limit: 5, after: second.next ?? '' });
    expect([first, second, third].map((page) => page.recipients.length)).toEqual([5, 5, 2]);
    expect(third.next).toBeNull();
    expect(
      [first, second, third].flatMap((page) => page.recipients.map((row) => row.accountId)).sort(),
    ).toEqual([...people].sort());
  });

  it('a deferred mail is seen with its tries and the last answer, and the rate tells when it ends', async () => {
    const before = smtp.behaviourOf;
    smtp.behaviourOf = (address) => (address.startsWith('person8@') ? 'defer-recipient' : 'accept');
    const id = await announce(world.database.db, sms, world.now, { kind: 'completion' });
    world.pass(30 * SECOND);
    await until(
      async () =>
        (await listRecipients(world.database.db, id, { state: 'deferred' })).recipients.length === 1,
    );
    await until(async () => ((await noticeProgress(world.database.db, id, world.now))?.queued ?? 9) === 1);
    const [row] = (await listRecipients(world.database.db, id, { state: 'deferred' })).recipients;
    expect(row).toMatchObject({ recipient: 'person8@example.co.jp', state: 'queued' });
    expect(row?.tries).toBeGreaterThan(0);
    expect(row?.response).toContain('450 mailbox busy');
    const progress = await noticeProgress(world.database.db, id, world.now);
    expect(progress).toMatchObject({ state: 'sending', queued: 1, deferred: 1 });
    expect(progress?.perMinute).toBeGreaterThan(0);
    expect(progress?.estimatedEndAt?.getTime()).toBeGreaterThan(world.now.getTime());
    smtp.behaviourOf = before;
    await ended(id);
  });
});

describe('cancelling', () => {
  it('stops at once: who waits gets nothing, what was handed over stays', async () => {
    const later = new Date(world.now.getTime() + 5 * MINUTE);
    const planned = await announce(world.database.db, sms, world.now, { kind: 'completion', sendAt: later });
    const audience = (await noticeProgress(world.database.db, planned, world.now))?.total;
    expect(await cancelNotice(world.database.db, planned, by())).toEqual({
      ok: true,
      dropped: audience,
      accepted: 0,
    });
    expect(await cancelNotice(world.database.db, planned, by())).toEqual({
      ok: false,
      reason: 'notice-cancelled',
    });
    expect(await cancelNotice(world.database.db, notice, by())).toEqual({
      ok: false,
      reason: 'notice-ended',
    });
    expect(await cancelNotice(world.database.db, 'ntc_none', by())).toEqual({
      ok: false,
      reason: 'notice-unknown',
    });
    world.pass(10 * MINUTE);
    await new Promise((done) => setTimeout(done, 2_500));
    expect(smtp.arrived).toEqual([]);
    expect(await statesOf(world.database.db, planned)).toEqual({ dropped: audience });
    expect((await eventsOf('notice.cancelled')).map((event) => event.detail)).toEqual([
      expect.objectContaining({ noticeId: planned, dropped: audience }),
    ]);
  });

  it('in the middle of sending: each is accepted or dropped, and no mail follows', async () => {
    const mail = await world.addConsole('mail');
    await addPeople(world.database.db, mail, 500, world.now, 'many');
    const id = await announce(world.database.db, mail, world.now);
    await until(async () => smtp.arrived.length > 20);
    const result = await cancelNotice(world.database.db, id, by());
    await until(async () => ((await statesOf(world.database.db, id)).queued ?? 0) === 0);
    const states = await statesOf(world.database.db, id);
    expect(result).toMatchObject({ ok: true });
    expect((states.accepted ?? 0) + (states.dropped ?? 0)).toBe(500);
    expect(states.dropped).toBeGreaterThan(100);
    const arrived = smtp.arrived.length;
    expect(arrived).toBe(states.accepted);
    await new Promise((done) => setTimeout(done, 2_500));
    expect(smtp.arrived).toHaveLength(arrived);
  });
});

describe('preview and test send', () => {
  it('shows a notice as a given person would read it, or a sample one', async () => {
    const house = {
      brand: world.app.settings.current().brand,
      pagesUrl: world.config.pagesUrl,
    };
    const { db } = world.database;
    const sample = await previewNotice(db, house, notice, {});
    expect(sample).toMatchObject({ ok: true, locale: 'ja' });
    if (sample.ok) expect(sample.mail.text).toContain('見本 太郎 様');
    const person = await previewNotice(db, house, notice, { accountId: people[7] ?? '', locale: 'en' });
    if (person.ok) expect(person.mail.text).toContain('person7@example.co.jp');
    expect(await previewNotice(db, house, 'ntc_none', {})).toEqual({ ok: false, reason: 'notice-unknown' });
    expect(await previewNotice(db, house, notice, { accountId: 'acc_none' })).toEqual({
      ok: false,
      reason: 'recipient-unknown',
    });
    const draft = { consoleId: sms, kind: 'correction' as const, cutOverAt: null, texts: {} };
    const drafted = await previewDraft(db, house, draft, 'ja');
    expect(drafted.ok && drafted.mail.text).toContain('2027年3月31日(水)とお知らせした');
    expect(
      await previewDraft(db, house, { ...draft, texts: { ja: { body: '{nope}' } } }, 'ja'),
    ).toMatchObject({
      ok: false,
      problem: { reason: 'placeholder-unknown', name: 'nope' },
    });
  });

  it('a test goes to one address, says that it is one, and counts in nothing', async () => {
    const before = await noticeProgress(world.database.db, notice, world.now);
    const sent = await sendTestNotice(
      world.database.db,
      { enqueueAll: async () => undefined },
      notice,
      { emailAddress: 'operator@example.co.jp', locale: 'ja' },
      by(),
    );
    expect(sent).toMatchObject({ ok: true, recipient: 'operator@example.co.jp' });
    // Its job is not there; the schedule finds that and queues it again.
    world.pass(2 * MINUTE);
    await until(async () => smtp.arrived.length > 0, 45_000);
    expect(smtp.arrived[0]?.parsed.subject).toMatch(/^【テスト送信】【重要】/);
    expect(smtp.arrived[0]?.parsed.text).toContain('これはテスト送信です');
    expect(await noticeProgress(world.database.db, notice, world.now)).toEqual({ ...before, perMinute: 0 });
    expect(
      await sendTestNotice(
        world.database.db,
        { enqueueAll: async () => undefined },
        notice,
        { emailAddress: 'a@example.co.jp, b@example.co.jp', locale: 'ja' },
        by(),
      ),
    ).toEqual({ ok: false, reason: 'address-malformed' });
  }, 60_000);
});
