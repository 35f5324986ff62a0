import type { World } from './world.ts';

/** A moment in Japan time, such as `2027-01-31 22:00`. */
export function japan(text: string): Date {
  return new Date(`${text.replace(' ', 'T')}${/:\d\d:/.test(text) ? '' : ':00'}+09:00`);
}

/** The mail server's verdict on everybody of a notice who has none yet, as the notices' worker writes it. */
export async function giveVerdicts(
  world: World,
  noticeId: string,
  verdict: { state?: 'accepted' | 'refused' | 'bounced'; at: Date; account?: string },
): Promise<void> {
  await world.database.db
    .updateTable('notice_recipient')
    .set({ state: verdict.state ?? 'accepted', verdict_at: verdict.at })
    .where('notice_id', '=', noticeId)
    .where('state', 'in', ['waiting', 'queued'])
    .$if(verdict.account !== undefined, (query) => query.where('account_id', '=', verdict.account as string))
    .execute();
}

/** An operator settles those whom a notice did not reach. */
export async function settle(world: World, noticeId: string, at: Date): Promise<void> {
  await world.database.db
    .updateTable('notice_recipient')
    .set({
      settlement: 'told-otherwise',
      settled_at: at,
      settled_by: 'operator:cli',
      settlement_note: 'by telephone',
    })
    .where('notice_id', '=', noticeId)
    .where('state', 'in', ['refused', 'bounced'])
    .execute();
}

export async function noticesOf(world: World, consoleId: string) {
  return world.database.db
    .selectFrom('notice')
    .select(['id', 'kind', 'cut_over_at', 'days_before', 'cancelled_at', 'send_at'])
    .where('console_id', '=', consoleId)
    .orderBy('created_at')
    .orderBy('id')
    .execute();
}

let consoles = 0;
/** A console of its own with people of its own, all not moved yet; the link is there. */
export async function consoleWithPeople(
  world: World,
  people = 2,
): Promise<{ consoleId: string; clientId: string; accounts: string[] }> {
  consoles += 1;
  const clientId = `console-${consoles}`;
  const consoleId = await world.addConsole(clientId);
  await world.database.db
    .updateTable('migration_plan')
    .set({ link_at: new Date(world.now.getTime() - 1) })
    .where('console_id', '=', consoleId)
    .execute();
  const accounts: string[] = [];
  for (let i = 0; i < people; i++)
    accounts.push(await world.addPerson(`person${i}@${clientId}.example.co.jp`, { [clientId]: `user-${i}` }));
  return { consoleId, clientId, accounts };
}

const JAPAN_AHEAD = 9 * 3_600_000;

/** One calendar month later in Japan, written a second time, so that the product's own reckoning is not judged by itself. */
export function monthLater(moment: Date): Date {
  const at = new Date(moment.getTime() + JAPAN_AHEAD);
  const lastDay = new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + 2, 0)).getUTCDate();
  const day = Math.min(at.getUTCDate(), lastDay);
  const clock = at.getTime() - Date.UTC(at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate());
  return new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + 1, day) + clock - JAPAN_AHEAD);
}
