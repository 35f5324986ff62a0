import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freshDatabase } from '../../../../../test-support/fresh-database.ts';
import { openDatabase, type Db } from '#support/db/database.ts';
import { migrate } from '#support/db/migrate.ts';
import { after, DAY, HOUR } from '#support/primitives/durations.ts';
import { acceptMessages, type Sending } from './accept-messages.ts';

const NOW = new Date('2026-11-23T05:00:00Z');
const TO = '090-1234-5678';

let db: Db;
let sending: Sending;
beforeAll(async () => {
  db = openDatabase((await freshDatabase()).url, () => undefined);
  await migrate(db);
  const { id } = await db
    .insertInto('company')
    .values({ name: '見本商事' })
    .returning('id')
    .executeTakeFirstOrThrow();
  sending = { companyId: id, lane: 1 };
});
afterAll(() => db.destroy());

describe('R29, R30: the way into the queue', () => {
  test('a message is stored with its number in E.164, measured, and with when it may be sent', async () => {
    const sendAt = after(NOW, DAY);
    const [now, later] = await acceptMessages(
      db,
      sending,
      [
        { to: TO, text: 'あ'.repeat(71) },
        { to: TO, text: 'hello [1]', sendAt, expiresAt: after(sendAt, HOUR) },
      ],
      NOW,
    );
    if (!now?.ok || !later?.ok) throw new Error('refused');
    const rows = await db
      .selectFrom('message')
      .select(['id', 'recipient', 'state', 'lane', 'encoding', 'parts', 'due_at', 'expires_at'])
      .where('id', 'in', [now.message.id, later.message.id])
      .orderBy('parts', 'desc')
      .execute();
    expect(rows).toEqual([
      {
        id: now.message.id,
        recipient: '+819012345678',
        state: 'queued',
        lane: 1,
        encoding: 'ucs2',
        parts: 2,
        due_at: NOW,
        expires_at: after(NOW, 48 * HOUR),
      },
      {
        id: later.message.id,
        recipient: '+819012345678',
        state: 'queued',
        lane: 1,
        encoding: 'gsm7',
        parts: 1,
        due_at: sendAt,
        expires_at: after(sendAt, HOUR),
      },
    ]);
  });

  test('of many each gets its own answer in their order, and statements are few', async () => {
    const wishes = Array.from({ length: 4_001 }, (_, n) => ({
      to: n % 1_000 === 7 ? '03-1234-5678' : `080${String(10_000_000 + n)}`,
      text: `見本 ${n}`,
    }));
    let statements = 0;
    const counted = db.withPlugin({
      transformQuery: ({ node }) => ((statements += 1), node),
      transformResult: async ({ result }) => result,
    });
    const answers = await acceptMessages(counted, { ...sending, lane: 2, state: 'held' }, wishes, NOW);
    expect(statements).toBe(4);
    expect(answers).toHaveLength(4_001);
    answers.forEach((answer, n) => {
      if (n % 1_000 === 7) expect(answer).toEqual({ ok: false, reason: 'number-not-mobile' });
      else expect(answer).toMatchObject({ ok: true, message: { text: `見本 ${n}`, state: 'held' } });
    });
  });

  test('a moment that cannot be is refused; one that has passed is now', async () => {
    const cases = [
      [{ sendAt: after(NOW, 91 * DAY) }, 'send-at-too-far'],
      [{ expiresAt: NOW }, 'expires-at-too-early'],
      [{ sendAt: after(NOW, DAY), expiresAt: after(NOW, HOUR) }, 'expires-at-too-early'],
      [{ expiresAt: after(NOW, 7 * DAY + 1) }, 'expires-at-too-far'],
    ] as const;
    for (const [moments, reason] of cases)
      expect(await acceptMessages(db, sending, [{ to: TO, text: 'x', ...moments }], NOW)).toEqual([
        { ok: false, reason },
      ]);
    const [past] = await acceptMessages(db, sending, [{ to: TO, text: 'x', sendAt: after(NOW, -DAY) }], NOW);
    expect(past).toMatchObject({ ok: true, message: { dueAt: NOW } });
  });

  test('a number that opted out of this company gets nothing, in whatever form it is written; others do', async () => {
    const entry = { company_id: sending.companyId, number: '+818011112222', reason: 'by-hand' };
    await db
      .insertInto('opt_out')
      .values({ ...entry, added_at: NOW, added_by: null })
      .execute();
    const answers = await acceptMessages(
      db,
      sending,
      [
        { to: '０８０-1111-2222', text: 'x', idempotencyKey: 'out' },
        { to: '+81 80 1111 2223', text: 'x' },
      ],
      NOW,
    );
    expect(answers).toMatchObject([{ ok: false, reason: 'opted-out' }, { ok: true }]);
  });

  test('one idempotency key is one message, twice in one call, twenty times at once, or with another moment', async () => {
    const wish = { to: TO, text: '見本', idempotencyKey: 'order-1' };
    const [a, b] = await acceptMessages(db, sending, [wish, wish], NOW);
    expect(a).toEqual(b);
    const all = await Promise.all(
      Array.from({ length: 20 }, () => acceptMessages(db, sending, [wish], after(NOW, HOUR))),
    );
    for (const [one] of all) expect(one).toEqual(a);
    const [other] = await acceptMessages(db, sending, [{ ...wish, sendAt: after(NOW, DAY) }], NOW);
    expect(other).toEqual({ ok: false, reason: 'idempotency-key-reused' });
  });
});
