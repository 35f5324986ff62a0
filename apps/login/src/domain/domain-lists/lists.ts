import { sql } from 'kysely';
import { createNotice } from '#domain/notices/create.ts';
import { recordEvent } from '#support/audit/record.ts';
import type { Db, Trx } from '#support/db/database.ts';
import type { ConsoleRow } from '#support/db/schema.ts';
import { DAY, after as later } from '#support/primitives/durations.ts';
import { domainChanges, isSame, requiredDomains, type DomainEntry, type OwnAddresses } from './entries.ts';
import { domainNoticeWords } from './notice-words.ts';

/** A list as it was published; never changed. */
export type DomainList = {
  version: number;
  entries: readonly DomainEntry[];
  /** From when it holds: until then what the version before has is needed too. */
  validFrom: Date;
  madeAt: Date;
  madeBy: string;
  /** The notice that told of it, if one did. */
  noticeId: string | null;
};

/** Versions of which a list tells; nobody works with older ones. */
const VERSIONS_TOLD = 20;

/** So far ahead a change can be announced. */
const FURTHEST = 400 * DAY;

/** The published lists of a console, the newest first. */
async function domainLists(db: Db, consoleId: string): Promise<readonly DomainList[]> {
  const rows = await db
    .selectFrom('domain_list')
    .selectAll()
    .where('console_id', '=', consoleId)
    .orderBy('version', 'desc')
    .limit(VERSIONS_TOLD)
    .execute();
  return rows.map((row) => ({
    version: row.version,
    entries: row.entries as readonly DomainEntry[],
    validFrom: row.valid_from,
    madeAt: row.made_at,
    madeBy: row.made_by,
    noticeId: row.notice_id,
  }));
}

/** The lists of a console, the newest first; before the first is recorded, what is needed now as version 0. */
export async function domainListsOf(
  db: Db,
  { console, own }: { console: ConsoleRow; own: OwnAddresses },
  now: Date,
): Promise<readonly [DomainList, ...DomainList[]]> {
  const [latest, ...earlier] = await domainLists(db, console.id);
  if (latest) return [latest, ...earlier];
  const entries = requiredDomains(own, console);
  return [{ version: 0, entries, validFrom: now, madeAt: now, madeBy: 'system', noticeId: null }];
}

export type PublishRefusal =
  | { ok: false; reason: 'changed-meanwhile' | 'nothing-changed' }
  /** In the past, or further ahead than anybody plans. */
  | { ok: false; reason: 'date-unfit'; earliest: Date; latest: Date };

/** What publishing would come to now; nothing is changed. */
export function foreseePublication(
  lists: readonly DomainList[],
  needed: readonly DomainEntry[],
  wanted: { version: number; validFrom: Date },
  now: Date,
): { ok: true } | PublishRefusal {
  const [latest] = lists;
  if ((latest?.version ?? 0) !== wanted.version) return { ok: false, reason: 'changed-meanwhile' };
  if (latest && isSame(latest.entries, needed)) return { ok: false, reason: 'nothing-changed' };
  const latestDay = later(now, FURTHEST);
  // Today began up to a day ago.
  if (wanted.validFrom < later(now, -1 * DAY) || wanted.validFrom > latestDay)
    return { ok: false, reason: 'date-unfit', earliest: now, latest: latestDay };
  return { ok: true };
}

/**
 * Publishes what a console needs now as the next version of its list, with a notice to everybody who uses the console if that is wanted.
 * @param wanted.version the version that the operator has seen as the newest
 */
export async function publishDomainList(
  db: Db,
  { console, own }: { console: ConsoleRow; own: OwnAddresses },
  wanted: { version: number; validFrom: Date; tell: boolean },
  by: { actor: string; now: Date },
): Promise<{ ok: true; version: number; noticeId: string | null; recipients: number } | PublishRefusal> {
  const entries = requiredDomains(own, console);
  return db.transaction().execute(async (trx) => {
    const lists = await domainLists(trx, console.id);
    const foreseen = foreseePublication(lists, entries, wanted, by.now);
    if (!foreseen.ok) return foreseen;
    const version = wanted.version + 1;
    const row = { entries, validFrom: wanted.validFrom };
    if (!(await insertVersion(trx, console.id, version, row, by)))
      return { ok: false, reason: 'changed-meanwhile' } as const;
    const changes = domainChanges(lists[0]?.entries ?? [], entries);
    const notice = wanted.tell ? await tell(changes) : undefined;
    if (notice)
      await trx
        .updateTable('domain_list')
        .set({ notice_id: notice.noticeId })
        .where('console_id', '=', console.id)
        .where('version', '=', version)
        .execute();
    return {
      ok: true,
      version,
      noticeId: notice?.noticeId ?? null,
      recipients: notice?.recipients ?? 0,
    } as const;

    function tell(told: typeof changes) {
      const texts = domainNoticeWords(own, console, told, wanted.validFrom);
      return createNotice(
        trx,
        {
          consoleId: console.id,
          kind: 'domains',
          cutOverAt: null,
          texts,
          sendAt: by.now,
          audience: 'everybody',
        },
        by,
      );
    }
  });
}

/** Records the first list of every console that has none, so that whatever is handed out has a version and a date. Does nothing where another node was first. */
export async function recordFirstLists(db: Db, own: OwnAddresses, now: Date): Promise<void> {
  const consoles = await db
    .selectFrom('console')
    .selectAll()
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('domain_list')
            .select(sql.lit(1).as('one'))
            .whereRef('domain_list.console_id', '=', 'console.id'),
        ),
      ),
    )
    .execute();
  for (const console of consoles)
    await db
      .transaction()
      .execute((trx) =>
        insertVersion(
          trx,
          console.id,
          1,
          { entries: requiredDomains(own, console), validFrom: now },
          { actor: 'system', now },
        ),
      );
}

async function insertVersion(
  trx: Trx,
  consoleId: string,
  version: number,
  { entries, validFrom }: { entries: readonly DomainEntry[]; validFrom: Date },
  by: { actor: string; now: Date },
): Promise<boolean> {
  const { numInsertedOrUpdatedRows = 0n } = await trx
    .insertInto('domain_list')
    .values({
      console_id: consoleId,
      version,
      entries: JSON.stringify(entries),
      valid_from: validFrom,
      made_at: by.now,
      made_by: by.actor,
      notice_id: null,
    })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  if (numInsertedOrUpdatedRows === 0n) return false;
  await recordEvent(trx, {
    at: by.now,
    action: 'domain-list.published',
    actor: by.actor,
    consoleId,
    detail: { version, validFrom: validFrom.toISOString(), domains: entries.length },
  });
  return true;
}
