import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freshDatabase } from '../../../../../test-support/fresh-database.ts';
import { createApiKey } from '#domain/api-keys/api-keys.ts';
import type { Caller } from '#domain/api-keys/use-key.ts';
import { confirmCsv, prospectOf } from '#domain/csv-sending/confirm.ts';
import { findCsvSending } from '#domain/csv-sending/csv-sendings.ts';
import { EMPTY_DRAFT, saveDraft } from '#domain/drafts/drafts.ts';
import { acceptMessages } from '#domain/messages/accept-messages.ts';
import { acceptBulk } from '#domain/messages/bulk.ts';
import { acceptCode } from '#domain/messages/codes.ts';
import { usageOfMonth } from '#domain/messages/quota.ts';
import { changeRules } from '#domain/sending-rules/sending-rules.ts';
import { openDatabase, type Db } from '#support/db/database.ts';
import { migrate } from '#support/db/migrate.ts';
import { after, DAY } from '#support/primitives/durations.ts';
import { newId } from '#support/primitives/ids.ts';
import { actOnCampaign } from './acts.ts';
import { confirmDraft } from './confirm.ts';
import { reviewDraft } from './review.ts';
import { workOnCampaigns } from './work.ts';

const NOW = new Date('2026-11-23T05:00:00Z');
const TEXT = '見本';
const NOBODY_STOPS = { clock: () => NOW, isStopping: () => false };

let db: Db;
let companies = 0;
beforeAll(async () => {
  db = openDatabase((await freshDatabase()).url, () => undefined);
  await migrate(db);
});
afterAll(() => db.destroy());

/** A company that may send so many short messages a month. */
async function companyWith(monthlyParts: number) {
  companies += 1;
  const { id: companyId } = await db
    .insertInto('company')
    .values({ name: `見本 ${companies}` })
    .returning('id')
    .executeTakeFirstOrThrow();
  const { id: personId } = await db
    .insertInto('person')
    .values({
      company_id: companyId,
      email_address: `user${companies}@example.co.jp`,
      name: '見本 太郎',
      locale: 'ja',
      legacy_password_hash: null,
      created_at: NOW,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  const by = { companyId, personId };
  await limit(by, monthlyParts);
  return by;
}
type By = Awaited<ReturnType<typeof companyWith>>;

function limit(by: By, monthlyParts: number) {
  const typed = { quiet: false, quietFrom: '', quietUntil: '', longMessages: true };
  return changeRules(db, by, { ...typed, monthlyParts: String(monthlyParts) }, NOW);
}

const numbers = (count: number) => Array.from({ length: count }, (_, n) => `0901234${5_000 + n}`);
const single = (by: By, more: object = {}) =>
  acceptMessages(db, { ...by, lane: 1 }, [{ to: '09012345000', text: TEXT, ...more }], NOW);
const usage = (by: By) => usageOfMonth(db, by.companyId, NOW);

async function draftTo(by: By, count: number) {
  const draftId = newId('drf', NOW);
  const content = { ...EMPTY_DRAFT, recipients: numbers(count).join('\n'), body: TEXT };
  await saveDraft(db, by, { id: draftId, content }, NOW);
  return { content, confirm: () => confirmDraft(db, by, { draftId, revision: 1 }, NOW) };
}

/** A file whose rows have been read. */
async function fileOf(by: By, count: number) {
  const id = newId('csv', NOW);
  const wanted = { name: '', numberColumn: 0, body: TEXT, when: 'now', date: '', time: '' };
  await db
    .insertInto('csv_sending')
    .values({
      id,
      company_id: by.companyId,
      person_id: by.personId,
      file_name: 'sample.csv',
      state: 'checked',
      wanted: JSON.stringify(wanted),
      counts: JSON.stringify({ rows: count, ready: count, parts: count, refused: {}, sample: TEXT }),
      created_at: NOW,
    })
    .execute();
  const rows = numbers(count).map((number, index) => ({
    csv_id: id,
    line: index + 2,
    number: number.replace(/^0/, '+81'),
    body: TEXT,
    encoding: 'ucs2' as const,
    parts: 1,
  }));
  await db.insertInto('csv_row').values(rows).execute();
  return { id, confirm: () => confirmCsv(db, by, { id, revision: 1 }, NOW) };
}

describe('R29, R30: the limit of the month', () => {
  test('programs, pages and files at once never exceed it together, and what is left is given out', async () => {
    const by = await companyWith(30);
    const key = await createApiKey(db, { personId: by.personId, name: '見本' }, NOW);
    if (!key.ok) throw new Error(key.reason);
    const caller: Caller = { companyId: by.companyId, keyId: key.key.id, scopes: ['send'] };
    const bulk = { name: '見本', sendAt: null, expiresAt: null, idempotencyKey: null };
    const messages = numbers(3).map((to) => ({ to, text: TEXT }));
    const drafts = await Promise.all(Array.from({ length: 6 }, () => draftTo(by, 4)));
    const files = await Promise.all(Array.from({ length: 6 }, () => fileOf(by, 5)));
    const asked = [
      ...drafts.map(async ({ confirm }) => ((await confirm()).ok ? 4 : 0)),
      ...files.map(async ({ confirm }) => ((await confirm()).ok ? 5 : 0)),
      ...Array.from({ length: 6 }, async () =>
        (await acceptBulk(db, caller, { ...bulk, messages }, NOW)).ok ? 3 : 0,
      ),
      ...Array.from({ length: 40 }, async () => ((await single(by))[0]?.ok ? 1 : 0)),
      ...Array.from({ length: 4 }, async () => (await workOnCampaigns(db, NOBODY_STOPS), 0)),
    ];
    const given = (await Promise.all(asked)).reduce<number>((sum, one) => sum + one, 0);
    expect(given).toBe(30);
    expect(await usage(by)).toMatchObject({ limit: 30, left: 0 });
    while (await db.selectFrom('campaign').select('id').where('work', 'is not', null).executeTakeFirst())
      await workOnCampaigns(db, NOBODY_STOPS);
    expect(await usage(by)).toMatchObject({ messages: 30, parts: 30, limit: 30, left: 0 });
    // What was refused has left nothing behind, neither campaigns without messages nor their requests.
    const empty = await sql`select from campaign where company_id = ${by.companyId}
      and not exists (select from message where campaign_id = campaign.id)`.execute(db);
    expect(empty.rows).toEqual([]);
  });

  test('a refused message is refused as such; one that is repeated is the first one, also at the limit', async () => {
    const by = await companyWith(2);
    const [first] = await single(by, { idempotencyKey: 'order-1' });
    expect(
      await acceptMessages(db, { ...by, lane: 1 }, [{ to: numbers(1)[0] ?? '', text: 'あ'.repeat(71) }], NOW),
    ).toEqual([{ ok: false, reason: 'quota-exceeded' }]);
    expect((await single(by))[0]?.ok).toBe(true);
    expect(await single(by)).toEqual([{ ok: false, reason: 'quota-exceeded' }]);
    expect(await single(by, { idempotencyKey: 'order-2' })).toEqual([
      { ok: false, reason: 'quota-exceeded' },
    ]);
    expect(await single(by, { idempotencyKey: 'order-1' })).toEqual([first]);
    // Refused is not taken: the same request goes through once there is room.
    await limit(by, 3);
    expect((await single(by, { idempotencyKey: 'order-2' }))[0]?.ok).toBe(true);
    expect(await usage(by)).toMatchObject({ parts: 3, left: 0 });
  });

  test('what is cancelled or fails counts no more, what pauses does, and the next month begins anew', async () => {
    const by = await companyWith(4);
    const { confirm } = await draftTo(by, 4);
    const done = await confirm();
    if (!done.ok) throw new Error(done.reason);
    const act = (which: 'pause' | 'cancel') =>
      actOnCampaign(db, by.companyId, { id: done.campaignId, act: which }, NOW);
    await act('pause');
    await workOnCampaigns(db, NOBODY_STOPS);
    expect(await usage(by)).toMatchObject({ messages: 4, parts: 4, left: 0 });
    expect((await single(by))[0]?.ok).toBe(false);
    await db
      .updateTable('message')
      .set({ state: 'failed' })
      .where('company_id', '=', by.companyId)
      .where('recipient', '=', '+819012345003')
      .execute();
    expect(await usage(by)).toMatchObject({ messages: 4, parts: 3, left: 1 });
    await act('cancel');
    await workOnCampaigns(db, NOBODY_STOPS);
    expect(await usage(by)).toMatchObject({ messages: 1, parts: 0, left: 4 });
    const december = after(NOW, 8 * DAY);
    expect(await usageOfMonth(db, by.companyId, december)).toMatchObject({
      month: '2026-12',
      messages: 0,
      left: 4,
    });
  });

  test('pages say what is left before one confirms: also what a file that is being queued will take', async () => {
    const by = await companyWith(10);
    const file = await fileOf(by, 7);
    expect(await file.confirm()).toMatchObject({ ok: true });
    const { content, confirm } = await draftTo(by, 4);
    expect(await reviewDraft(db, by.companyId, content, NOW)).toMatchObject({
      partsLeft: 3,
      faults: ['monthly-limit'],
    });
    expect(await confirm()).toEqual({ ok: false, reason: 'faulty' });
    const other = await fileOf(by, 4);
    const found = await findCsvSending(db, by.companyId, other.id);
    expect(found && (await prospectOf(db, by.companyId, found, NOW))).toMatchObject({
      partsLeft: 3,
      hindrance: 'monthly-limit',
    });
    expect(await other.confirm()).toEqual({ ok: false, reason: 'monthly-limit' });
    const room = await draftTo(by, 3);
    expect(await room.confirm()).toMatchObject({ ok: true });
    await workOnCampaigns(db, NOBODY_STOPS);
    expect(await usage(by)).toMatchObject({ parts: 10, left: 0 });
  });

  test('codes of the unified login have no limit', async () => {
    const code = { to: '09012345000', text: TEXT, expiresInSeconds: 60, idempotencyKey: null };
    const first = await acceptCode(db, code, NOW);
    if (!first.ok) throw new Error(first.reason);
    const { company_id: companyId } = await db
      .selectFrom('message')
      .select('company_id')
      .where('id', '=', first.message.id)
      .executeTakeFirstOrThrow();
    const { personId } = await companyWith(1);
    await limit({ companyId, personId }, 1);
    expect((await acceptCode(db, code, NOW)).ok).toBe(true);
  });
});
