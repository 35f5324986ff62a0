import {
  listRecipients,
  RECIPIENTS_A_PAGE,
  type Recipient,
  type WantedRecipients,
} from '#domain/notices/recipients.ts';
import type { Db } from '#support/db/database.ts';
import { searchAccounts } from '#domain/search/search.ts';

/** So many accounts that match are looked at before the page is as long as it is. */
const AT_ONCE = 200;
const ROUNDS = 10;

/**
 * The people of a notice whose login ID, name, company or console user id holds the words searched for; without words all. Reads a bounded number of rows: a page may be
 * short, and even empty, and still have a next one.
 */
export async function findRecipients(
  db: Db,
  noticeId: string,
  wanted: Pick<WantedRecipients, 'state' | 'after' | 'limit'> & { text?: string | undefined },
): Promise<{ recipients: Recipient[]; next: string | null }> {
  const { text, state, limit = RECIPIENTS_A_PAGE } = wanted;
  if (text === undefined || text.trim() === '') return listRecipients(db, noticeId, wanted);
  const found: Recipient[] = [];
  let after = wanted.after;
  for (let round = 1; round <= ROUNDS; round += 1) {
    const { accounts, next } = await searchAccounts(db, { text, after, limit: AT_ONCE });
    const among = accounts.map((account) => account.accountId);
    const page = await listRecipients(db, noticeId, { state, among, limit: limit - found.length });
    found.push(...page.recipients);
    if (page.next !== null || (found.length === limit && next !== null))
      return { recipients: found, next: page.next ?? found.at(-1)?.accountId ?? null };
    if (next === null) return { recipients: found, next: null };
    after = next;
  }
  return { recipients: found, next: after ?? null };
}
