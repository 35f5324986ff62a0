import { setTimeout as pause } from 'node:timers/promises';
import { createNotice } from './create.ts';
import type { NoticeKind } from './kinds.ts';
import type { Db } from '#support/db/database.ts';
import { newId } from '#support/primitives/ids.ts';

/** Adds people with a link to a console, quickly: one statement for all. Addresses are `<prefix><number>@example.co.jp`. */
export async function addPeople(
  db: Db,
  consoleId: string,
  count: number,
  now: Date,
  prefix = 'person',
): Promise<string[]> {
  const people = Array.from({ length: count }, (_, i) => ({
    id: newId('acc', now),
    email_address: `${prefix}${i}@example.co.jp`,
    email_key: `${prefix}${i}@example.co.jp`,
    name: `見本 ${i}`,
    company: '見本商事',
    locale: null,
    created_at: now,
    updated_at: now,
  }));
  for (let i = 0; i < count; i += 1_000) {
    const part = people.slice(i, i + 1_000);
    await db.insertInto('account').values(part).execute();
    await db
      .insertInto('console_link')
      .values(
        part.map(({ id }) => ({
          console_id: consoleId,
          console_user_id: id,
          account_id: id,
          created_at: now,
          last_unified_sign_in_at: null,
        })),
      )
      .execute();
  }
  return people.map(({ id }) => id);
}

/** Creates a notice of a console that goes out at once. */
export async function announce(
  db: Db,
  consoleId: string,
  now: Date,
  more: Partial<Parameters<typeof createNotice>[1]> & { kind?: NoticeKind } = {},
): Promise<string> {
  const made = await db.transaction().execute((trx) =>
    createNotice(
      trx,
      {
        consoleId,
        kind: 'announcement',
        cutOverAt: new Date('2027-03-31T13:00:00Z'),
        sendAt: now,
        audience: 'everybody',
        ...more,
      },
      { actor: 'operator:cli', now },
    ),
  );
  return made.noticeId;
}

/** Waits until a condition holds; looks ten times a second. */
export async function until(holds: () => Promise<boolean>, milliseconds = 20_000): Promise<void> {
  const end = performance.now() + milliseconds;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`It did not come to be within ${milliseconds} ms.`);
    await pause(100);
  }
}

/** How many recipients of a notice stand in each state. */
export async function statesOf(db: Db, noticeId: string): Promise<Record<string, number>> {
  const rows = await db
    .selectFrom('notice_recipient')
    .select((eb) => ['state', eb.fn.countAll<string>().as('n')])
    .where('notice_id', '=', noticeId)
    .groupBy('state')
    .execute();
  return Object.fromEntries(rows.map((row) => [row.state, Number(row.n)]));
}
