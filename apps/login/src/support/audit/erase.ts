import { sql } from 'kysely';
import type { Db, Trx } from '#support/db/database.ts';
import { erasedMac, leafOf, partSalt, type ErasedParts } from './digests.ts';
import { resultOf } from './events.ts';
import { recordEvent } from './record.ts';
import { chainLock, sealEvents } from './seal.ts';
import { SEALED_COLUMNS, sealedText, type SealedRow } from './sealed-text.ts';

const AT_ONCE = 500;

/**
 * What stays of an event whose personal parts are erased: ids, figures and words of our own. Whatever is not in this list goes – addresses, browsers, what somebody wrote.
 */
const KEPT = new Set(
  [
    ...[
      'method',
      'purpose',
      'cause',
      'kind',
      'change',
      'settlement',
      'status',
      'was',
      'repair',
      'list',
      'locale',
    ],
    ...[
      'role',
      'before',
      'hijacked',
      'passwordWithdrawn',
      'sessionsEnded',
      'version',
      'revision',
      'consoles',
    ],
    ...[
      'request',
      'changeId',
      'driftId',
      'noticeId',
      'messageId',
      'deliveryId',
      'eventId',
      'singleLogoutId',
      'undone',
    ],
  ].map((member) => `detail.${member}`),
);

/**
 * Erases what is personal in the sealed events of an account: of those that are about it, and of those that its person did without anybody else being concerned. What they did to others as
 * an operator stays. Each step is a transaction, and records itself (`audit.erased`). The chain stays whole: it covers a salted hash of each part, whose salt goes with the part.
 * @returns how many events had personal parts
 */
export async function eraseAudit(
  db: Db,
  key: Buffer,
  accountId: string,
  by: { actor: string; reason: string; clientIp?: string; requestId?: string; clock: () => Date },
): Promise<number> {
  const { clock, reason, ...who } = by;
  // What is not sealed yet could be altered by anybody without a trace, so it is sealed first.
  await sealEvents(db, key, clock);
  for (let all = 0; ;) {
    const erased = await db.transaction().execute(async (trx) => {
      await chainLock(trx);
      const rows = await sealedRows(trx, accountId);
      if (rows.length === 0) return 0;
      await eraseRows(trx, key, rows);
      await recordEvent(trx, {
        at: clock(),
        action: 'audit.erased',
        ...who,
        accountId,
        detail: { reason, events: rows.length },
      });
      return rows.length;
    });
    if (erased === 0) return all;
    all += erased;
  }
}

type Row = SealedRow & { salt: Buffer; seal_hash: Buffer };

async function sealedRows(trx: Trx, accountId: string): Promise<Row[]> {
  const { rows } = await sql<Row>`
    select ${SEALED_COLUMNS}, s.salt, s.hash as seal_hash
    from audit_event e join audit_seal s on s.event_id = e.id and s.salt is not null
    where (e.account_id = ${accountId} or (e.actor = ${accountId} and e.account_id is null)) and e.action <> 'audit.erased'
    order by e.id limit ${AT_ONCE} for update of e, s`.execute(trx);
  return rows;
}

async function eraseRows(trx: Trx, key: Buffer, rows: readonly Row[]): Promise<void> {
  const left = rows.map((row) => {
    const erased = partsLeft(row);
    const gone = Object.keys(erased).filter((part) => 'leaf' in (erased[part] ?? {}));
    return { erased, mac: erasedMac(key, row.id, row.seal_hash, erased), gone };
  });
  const ids = rows.map((row) => row.id);
  const gone = left.map((one) => JSON.stringify(one.gone.map((part) => part.replace(/^detail\./, ''))));
  await sql`
    update audit_event e set client_ip = null, detail = e.detail - array(select jsonb_array_elements_text(u.gone))
    from unnest(${ids}::bigint[], ${gone}::jsonb[]) u (id, gone) where e.id = u.id`.execute(trx);
  await sql`
    update audit_seal s set salt = null, erased = u.erased, erased_mac = u.mac
    from unnest(${ids}::bigint[], ${left.map((one) => JSON.stringify(one.erased))}::jsonb[], ${left.map((one) => one.mac)}::bytea[]) u (id, erased, mac)
    where s.event_id = u.id`.execute(trx);
}

function partsLeft(row: Row): ErasedParts {
  const { parts, action } = sealedText(row);
  // Why something was refused is a word of our own; elsewhere an operator wrote it.
  const isKept = (part: string): boolean =>
    KEPT.has(part) || (part === 'detail.reason' && resultOf(action) === 'refused');
  return Object.fromEntries(
    [...parts].map(([part, value]) => {
      const salt = partSalt(row.salt, part);
      return [
        part,
        isKept(part) ? { salt: salt.toString('hex') } : { leaf: leafOf(salt, part, value).toString('hex') },
      ];
    }),
  );
}
