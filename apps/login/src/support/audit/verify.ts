import { sql } from 'kysely';
import type { Db, Trx } from '#support/db/database.ts';
import { after, MINUTE } from '#support/primitives/durations.ts';
import { batchHash, erasedMac, GENESIS, macOf, rowHash, type ErasedParts } from './digests.ts';
import type { ChainEnd } from './seal.ts';
import { SEALED_COLUMNS, sealedText, type SealedRow } from './sealed-text.ts';

/** What is wrong, where it was found first. */
export type AuditFault =
  /** An event that was sealed is gone, or is not what was sealed. */
  | { fault: 'event-missing' | 'event-altered' | 'seal-altered'; batch: string; eventId: string }
  /** Parts of an event are gone, and the server did not erase them. */
  | { fault: 'erasure-forged'; batch: string; eventId: string }
  /** Links are missing, do not hang together, or were not made by a server with this key. */
  | { fault: 'batch-missing' | 'batch-altered' | 'batch-forged'; batch: string }
  /** The older links are gone, and retention did not remove them. */
  | { fault: 'removal-forged'; batch: string }
  /** An event was never sealed, or was taken away before it was. */
  | { fault: 'event-unsealed' | 'event-missing-unsealed'; eventId: string }
  /** The chain ends before the head that was kept elsewhere, or has another link in its place; or the head is older than what retention has left, and says nothing. */
  | { fault: 'head-missing' | 'head-differs' | 'head-too-old'; batch: string };

export type AuditVerdict = {
  events: number;
  batches: number;
  /** What retention has removed before the first link that is still here. */
  removedEvents: number;
  /** Events of which personal parts were erased. */
  erasedEvents: number;
  /** Events that wait for the next seal. */
  unsealed: number;
  head: ChainEnd;
} & ({ ok: true } | ({ ok: false } & AuditFault));

type Counts = { events: number; batches: number; erasedEvents: number };

/** Who was recorded longer ago than this and is not sealed was kept from being sealed. */
const SEALED_WITHIN = 10 * MINUTE;
const EVENTS_AT_ONCE = 5_000;
const BATCHES_AT_ONCE = 2_000;

/**
 * Walks the whole chain, over one view of the database, and says where it is broken first. With a head that was kept elsewhere it finds also that the end was cut off, or that
 * everything was written anew by somebody who has the key.
 * @param of.head what `auditHead` said at some time; older than what retention has left it can say nothing (`head-too-old`)
 * @param onProgress how many events of how many
 */
export async function verifyAudit(
  db: Db,
  key: Buffer,
  of: { head?: ChainEnd | undefined; now: Date },
  onProgress: (done: number, all: number) => void = () => undefined,
): Promise<AuditVerdict> {
  return db
    .transaction()
    .setIsolationLevel('repeatable read')
    .execute(async (trx) => {
      await sql`set transaction read only`.execute(trx);
      return walkChain(trx, key, of, onProgress);
    });
}

/** The same in the caller's transaction. */
export async function walkChain(
  trx: Trx,
  key: Buffer,
  of: { head?: ChainEnd | undefined; now: Date },
  onProgress: (done: number, all: number) => void = () => undefined,
): Promise<AuditVerdict> {
  const chain = await trx.selectFrom('audit_chain').selectAll().executeTakeFirstOrThrow();
  const all = await estimatedEvents(trx);
  const counts: Counts = { events: 0, batches: 0, erasedEvents: 0 };
  const start = { number: chain.removed_to, hash: chain.removed_hash ?? GENESIS };
  let end: ChainEnd = start;
  let here = of.head?.number === start.number ? start.hash : undefined;

  if (chain.removed_to !== '0' && !isRemovalOurs(key, chain))
    return verdict({ fault: 'removal-forged', batch: chain.removed_to });
  for (;;) {
    const batches = await nextBatches(trx, end.number);
    if (batches.length === 0) break;
    const fault = await faultIn(trx, key, batches, end, counts);
    if (fault) return verdict(fault);
    here ??= batches.find((batch) => batch.number === of.head?.number)?.hash;
    end = batches.at(-1) ?? end;
    onProgress(counts.events, Math.max(all, counts.events));
  }
  const outside = await faultOutside(trx, start, end, counts, of.now);
  if (outside) return verdict(outside);
  if (!of.head) return verdict();
  const { number, hash } = of.head;
  if (BigInt(number) < BigInt(start.number)) return verdict({ fault: 'head-too-old', batch: number });
  if (!here) return verdict({ fault: 'head-missing', batch: number });
  return here.equals(hash) ? verdict() : verdict({ fault: 'head-differs', batch: number });

  async function verdict(fault?: AuditFault): Promise<AuditVerdict> {
    return {
      ...counts,
      removedEvents: Number(chain.removed_events),
      unsealed: await waiting(trx),
      head: { number: end.number, hash: end.hash },
      ...(fault ? { ok: false as const, ...fault } : { ok: true as const }),
    };
  }
}

type Batch = {
  number: string;
  sealed_at: string;
  event_ids: string[];
  previous_hash: Buffer;
  hash: Buffer;
  mac: Buffer;
};

/** The next links after one, so many that they have some thousand events together. */
async function nextBatches(trx: Trx, after: string): Promise<Batch[]> {
  const { rows } = await sql<Batch>`
    select number::text, (extract(epoch from sealed_at) * 1000000)::bigint::text as sealed_at, event_ids::text[] as event_ids, previous_hash, hash, mac
    from (
      select *, sum(cardinality(event_ids)) over (order by number) - cardinality(event_ids) as before
      from (select * from audit_batch where number > ${after} order by number limit ${BATCHES_AT_ONCE}) page
    ) counted
    where before < ${EVENTS_AT_ONCE} order by counted.number`.execute(trx);
  return rows;
}

type Found = SealedRow & {
  wanted: string;
  seal_batch: string | null;
  seal_hash: Buffer | null;
  salt: Buffer | null;
  erased: ErasedParts | null;
  erased_mac: Buffer | null;
};

async function faultIn(
  trx: Trx,
  key: Buffer,
  batches: readonly Batch[],
  end: ChainEnd,
  counts: Counts,
): Promise<AuditFault | undefined> {
  const { rows } = await sql<Found>`
    select wanted::text, ${SEALED_COLUMNS}, s.batch::text as seal_batch, s.hash as seal_hash, s.salt, s.erased, s.erased_mac
    from unnest(${batches.flatMap((batch) => batch.event_ids)}::bigint[]) with ordinality u (wanted, place)
      left join audit_event e on e.id = u.wanted left join audit_seal s on s.event_id = u.wanted
    order by u.place`.execute(trx);
  let at = 0;
  let last = end;
  for (const batch of batches) {
    if (BigInt(batch.number) !== BigInt(last.number) + 1n)
      return { fault: 'batch-missing', batch: String(BigInt(last.number) + 1n) };
    const members = rows.slice(at, (at += batch.event_ids.length));
    for (const row of members) {
      const fault = faultOf(row, key, batch.number);
      if (fault) return { fault, batch: batch.number, eventId: row.wanted };
      if (row.erased) counts.erasedEvents += 1;
    }
    const hash = batchHash({
      number: batch.number,
      previous: last.hash,
      sealedAt: batch.sealed_at,
      rowHashes: members.map((row) => row.seal_hash ?? GENESIS),
    });
    if (!batch.previous_hash.equals(last.hash) || !batch.hash.equals(hash))
      return { fault: 'batch-altered', batch: batch.number };
    if (!batch.mac.equals(macOf(key, 'batch', hash))) return { fault: 'batch-forged', batch: batch.number };
    counts.events += members.length;
    counts.batches += 1;
    last = batch;
  }
  return undefined;
}

function faultOf(
  row: Found,
  key: Buffer,
  batch: string,
): 'event-missing' | 'event-altered' | 'seal-altered' | 'erasure-forged' | undefined {
  if (row.id === null) return 'event-missing';
  if (row.seal_batch !== batch || !row.seal_hash || (row.salt === null) === (row.erased === null))
    return 'seal-altered';
  const seal = row.salt ? { salt: row.salt } : { erased: row.erased ?? {} };
  const hash = isWellFormed(row.erased) ? rowHash(sealedText(row), seal) : undefined;
  if (!hash?.equals(row.seal_hash)) return 'event-altered';
  if (row.erased && !row.erased_mac?.equals(erasedMac(key, row.id, hash, row.erased)))
    return 'erasure-forged';
  return undefined;
}

/** Whoever writes into the database writes anything there. */
function isWellFormed(erased: unknown): boolean {
  return (
    erased === null ||
    (typeof erased === 'object' &&
      Object.values(erased).every(
        (left: unknown) =>
          typeof left === 'object' &&
          left !== null &&
          Object.values(left).length === 1 &&
          typeof ((left as { salt?: unknown }).salt ?? (left as { leaf?: unknown }).leaf) === 'string',
      ))
  );
}

/** Events that no link has, seals of no link. */
async function faultOutside(
  trx: Trx,
  start: ChainEnd,
  end: ChainEnd,
  counts: Counts,
  now: Date,
): Promise<AuditFault | undefined> {
  const { rows: unsealed } = await sql<{ id: string }>`
    select e.id::text from audit_event e left join audit_seal s on s.event_id = e.id and s.batch > ${start.number} and s.batch <= ${end.number}
    where s.event_id is null and not exists (select from audit_chain where e.id > backlog_from and e.id <= backlog_to)
      and not (e.at > ${after(now, -SEALED_WITHIN)} and exists (select from audit_unsealed u where u.event_id = e.id))
    order by e.id limit 1`.execute(trx);
  if (unsealed[0]) return { fault: 'event-unsealed', eventId: unsealed[0].id };
  const { rows: gone } = await sql<{ id: string }>`
    select u.event_id::text as id from audit_unsealed u left join audit_event e on e.id = u.event_id where e.id is null order by 1 limit 1`.execute(
    trx,
  );
  if (gone[0]) return { fault: 'event-missing-unsealed', eventId: gone[0].id };
  const { n } = await trx
    .selectFrom('audit_seal')
    .select((eb) => eb.fn.countAll<string>().as('n'))
    .executeTakeFirstOrThrow();
  if (Number(n) === counts.events) return undefined;
  const { rows: stray } = await sql<{ event_id: string; batch: string }>`
    select s.event_id::text, s.batch::text from audit_seal s
    where not exists (select from audit_batch b where b.number = s.batch and s.event_id = any(b.event_ids))
    order by s.event_id limit 1`.execute(trx);
  const [seal] = stray;
  return { fault: 'seal-altered', batch: seal?.batch ?? end.number, eventId: seal?.event_id ?? '' };
}

function isRemovalOurs(
  key: Buffer,
  chain: {
    removed_to: string;
    removed_hash: Buffer | null;
    removed_events: string;
    removed_mac: Buffer | null;
  },
): boolean {
  const mac = removalMac(key, chain.removed_to, chain.removed_hash ?? GENESIS, chain.removed_events);
  return chain.removed_mac?.equals(mac) === true;
}

export function removalMac(key: Buffer, number: string, hash: Buffer, events: string): Buffer {
  return macOf(key, 'removed', number, hash, events);
}

async function waiting(trx: Trx): Promise<number> {
  const { n } = await trx
    .selectFrom('audit_unsealed')
    .select((eb) => eb.fn.countAll<string>().as('n'))
    .executeTakeFirstOrThrow();
  return Number(n);
}

/** For the progress only. */
async function estimatedEvents(trx: Trx): Promise<number> {
  const { rows } = await sql<{ n: string }>`
    select greatest(reltuples, 0)::bigint::text as n from pg_class where oid = 'audit_seal'::regclass`.execute(
    trx,
  );
  return Number(rows[0]?.n ?? 0);
}
