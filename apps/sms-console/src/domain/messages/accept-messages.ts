import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import type { TextEncoding } from '#domain/message-text/message-text.ts';
import { inTransaction, type Db } from '#support/db/database.ts';
import type { MessageState } from '#support/db/schema.ts';
import { after, HOUR } from '#support/primitives/durations.ts';
import { newId } from '#support/primitives/ids.ts';
import { readMobileNumber } from './phone-number.ts';
import { hasLimit, lockLimit, usageOfMonth } from './quota.ts';
import { readText, type MeasuredText, type TextFault } from './text.ts';

/** One short message to one number (E.164). */
export type Message = {
  readonly id: string;
  readonly to: string;
  readonly text: string;
  readonly state: MessageState;
  /** Short messages that it takes; null for one of the releases before parts were counted. */
  readonly parts: number | null;
  /** The campaign or bulk that it belongs to. */
  readonly campaignId: string | null;
  readonly acceptedAt: Date;
  readonly dueAt: Date | null;
  readonly expiresAt: Date | null;
  readonly sentAt: Date | null;
  readonly settledAt: Date | null;
  readonly cancelledAt: Date | null;
  /** Why it failed, for programs; null while nothing is wrong. */
  readonly fault: string | null;
};

/** Whose messages these are, and how they wait. */
export type Sending = {
  readonly companyId: string;
  readonly keyId?: string | null;
  readonly personId?: string | null;
  readonly campaignId?: string | null;
  /** 0 codes, 1 single messages and those of programs, 2 campaigns. */
  readonly lane: 0 | 1 | 2;
  /** Messages of a campaign that nobody has let go yet are held; all others are queued. */
  readonly state?: 'queued' | 'held';
  /** The limit of the month was decided about when these messages were confirmed. */
  readonly isWithinLimit?: boolean;
};

/** `sendAt`: not before; at once when it is missing or past. `expiresAt`: not after; 48 hours after `sendAt` when it is missing. */
export type MessageWish = {
  readonly to: string;
  readonly text: string;
  readonly idempotencyKey?: string | null;
  readonly sendAt?: Date | null;
  readonly expiresAt?: Date | null;
};

export type MessageFault =
  | 'number-malformed'
  | 'number-not-mobile'
  | TextFault
  | 'send-at-too-far'
  | 'expires-at-too-early'
  | 'expires-at-too-far'
  | 'opted-out'
  | 'quota-exceeded'
  | 'idempotency-key-reused';
export type AcceptedMessage = { ok: true; message: Message } | { ok: false; reason: MessageFault };

/** How long a message that says nothing itself may wait for a phone that is off. */
const LIFE = 48 * HOUR;
export const LONGEST_LIFE_DAYS = 7;
export const FARTHEST_DAYS = 90;
/** Rows of one statement. */
const BATCH = 2_000;

/**
 * The one way into the queue: numbers are read and normalised, texts checked and measured, numbers that opted out refused, and what is left
 * stored by one statement for each 2,000. Answers one for one, in the order of the wishes. A wish that is repeated with the same idempotency
 * key of the company gets the message of the first one as it stands now; another message under that key is refused. If those that are new
 * would exceed the company's limit of the month, none of them is taken, also when many ask at once; codes (lane 0) have no limit. Give it the
 * transaction in which the campaign changes.
 */
export async function acceptMessages(
  db: Db,
  sending: Sending,
  wishes: readonly MessageWish[],
  now: Date,
): Promise<readonly AcceptedMessage[]> {
  const isFree = sending.lane === 0 || sending.isWithinLimit === true;
  if (isFree || !(await hasLimit(db, sending.companyId)))
    return (await acceptAll(db, sending, wishes, now)).answers;
  return inTransaction(db, async (trx) => {
    await lockLimit(trx, sending.companyId);
    const { left } = await usageOfMonth(trx, sending.companyId, now);
    const { answers, stored } = await acceptAll(trx, sending, wishes, now);
    const parts = [...stored.values()].reduce((sum, message) => sum + (message.parts ?? 1), 0);
    if (left === null || parts <= left) return answers;
    await trx
      .deleteFrom('message')
      .where('id', '=', sql<string>`any(${[...stored.keys()]}::text[])`)
      .execute();
    return answers.map((one): AcceptedMessage =>
      one.ok && stored.has(one.message.id) ? { ok: false, reason: 'quota-exceeded' } : one,
    );
  });
}

type Accepted = {
  answers: AcceptedMessage[];
  /** The new ones by their ids. */ stored: Map<string, Message>;
};

async function acceptAll(
  db: Db,
  sending: Sending,
  wishes: readonly MessageWish[],
  now: Date,
): Promise<Accepted> {
  const all: Accepted = { answers: [], stored: new Map() };
  for (let from = 0; from < wishes.length; from += BATCH) {
    const batch = await acceptBatch(db, sending, wishes.slice(from, from + BATCH), now);
    for (const answer of batch.answers) all.answers.push(answer);
    for (const [id, message] of batch.stored) all.stored.set(id, message);
  }
  return all;
}

async function acceptBatch(
  db: Db,
  sending: Sending,
  wishes: readonly MessageWish[],
  now: Date,
): Promise<Accepted> {
  const read = wishes.map((wish) => readWish(wish, now));
  const rows = read.filter((one) => one.ok);
  const stored = new Map((await insert(db, sending, rows, now)).map((message) => [message.id, message]));
  const missing = rows.filter((row) => !stored.has(row.id));
  const firsts = await firstOnes(db, sending, missing);
  const answers = read.map((one): AcceptedMessage => {
    if (!one.ok) return one;
    const message = stored.get(one.id);
    if (message) return { ok: true, message };
    const first = one.idempotencyKey === null ? undefined : firsts.get(one.idempotencyKey);
    if (!first) return { ok: false, reason: 'opted-out' };
    return isSame(first, one)
      ? { ok: true, message: first.message }
      : { ok: false, reason: 'idempotency-key-reused' };
  });
  return { answers, stored };
}

type ReadWish = MeasuredText & {
  ok: true;
  id: string;
  number: string;
  text: string;
  idempotencyKey: string | null;
  hash: string;
  dueAt: Date;
  expiresAt: Date;
};

function readWish(wish: MessageWish, now: Date): ReadWish | { ok: false; reason: MessageFault } {
  const read = readMobileNumber(wish.to);
  if (!read.ok) return read;
  const text = readText(wish.text);
  if (!text.ok) return text;
  const dueAt = wish.sendAt && wish.sendAt > now ? wish.sendAt : now;
  if (dueAt > after(now, FARTHEST_DAYS * 24 * HOUR)) return { ok: false, reason: 'send-at-too-far' };
  const expiresAt = wish.expiresAt ?? after(dueAt, LIFE);
  if (expiresAt <= dueAt) return { ok: false, reason: 'expires-at-too-early' };
  if (expiresAt > after(dueAt, LONGEST_LIFE_DAYS * 24 * HOUR))
    return { ok: false, reason: 'expires-at-too-far' };
  return {
    ok: true,
    id: newId('msg', now),
    number: read.number,
    text: wish.text,
    encoding: text.encoding,
    parts: text.parts,
    idempotencyKey: wish.idempotencyKey ?? null,
    hash: hashOf(read.number, wish),
    dueAt,
    expiresAt,
  };
}

/** What makes a repeated request the same one. */
function hashOf(number: string, { text, sendAt, expiresAt }: MessageWish): string {
  const said = [number, text, sendAt?.toISOString() ?? null, expiresAt?.toISOString() ?? null];
  return createHash('sha256').update(JSON.stringify(said)).digest('hex');
}

async function insert(
  db: Db,
  { companyId, keyId = null, personId = null, campaignId = null, lane, state = 'queued' }: Sending,
  rows: readonly ReadWish[],
  now: Date,
): Promise<Message[]> {
  if (rows.length === 0) return [];
  const column = <K extends keyof ReadWish>(name: K) => rows.map((row) => row[name]);
  const given = sql<{
    id: string;
    recipient: string;
    body: string;
    encoding: TextEncoding;
    parts: number;
    idempotency_key: string | null;
    idempotency_hash: string | null;
    due_at: Date;
    expires_at: Date;
  }>`(select id, recipient, body, encoding, parts, idempotency_key,
        case when idempotency_key is not null then idempotency_hash end as idempotency_hash, due_at, expires_at
      from unnest(${column('id')}::text[], ${column('number')}::text[], ${column('text')}::text[], ${column('encoding')}::text[],
        ${column('parts')}::smallint[], ${column('idempotencyKey')}::text[], ${column('hash')}::text[],
        ${column('dueAt')}::timestamptz[], ${column('expiresAt')}::timestamptz[])
      as given (id, recipient, body, encoding, parts, idempotency_key, idempotency_hash, due_at, expires_at))`;
  return db
    .insertInto('message')
    .columns([
      'id',
      'recipient',
      'body',
      'encoding',
      'parts',
      'idempotency_key',
      'idempotency_hash',
      'due_at',
      'expires_at',
      'company_id',
      'api_key_id',
      'created_by',
      'campaign_id',
      'lane',
      'state',
      'accepted_at',
    ])
    .expression((eb) =>
      eb
        .selectFrom(given.as('given'))
        .select((one) => [
          'given.id',
          'given.recipient',
          'given.body',
          'given.encoding',
          'given.parts',
          'given.idempotency_key',
          'given.idempotency_hash',
          'given.due_at',
          'given.expires_at',
          one.cast<string>(one.val(companyId), 'bigint').as('company_id'),
          one.cast<string | null>(one.val(keyId), 'text').as('api_key_id'),
          one.cast<string | null>(one.val(personId), 'bigint').as('created_by'),
          one.cast<string | null>(one.val(campaignId), 'text').as('campaign_id'),
          one.cast<number>(one.val(lane), 'smallint').as('lane'),
          one.cast<MessageState>(one.val(state), 'text').as('state'),
          one.cast<Date>(one.val(now), 'timestamptz').as('accepted_at'),
        ])
        .where((one) =>
          one.not(
            one.exists(
              one
                .selectFrom('opt_out')
                .select('opt_out.number')
                .where('opt_out.company_id', '=', companyId)
                .whereRef('opt_out.number', '=', 'given.recipient'),
            ),
          ),
        ),
    )
    .onConflict((conflict) => conflict.columns(['company_id', 'idempotency_key']).doNothing())
    .returning(MESSAGE_COLUMNS)
    .execute();
}

type First = { message: Message; hash: string | null };

/** The messages that these keys of the company named first. */
async function firstOnes(
  db: Db,
  { companyId }: Sending,
  rows: readonly ReadWish[],
): Promise<Map<string, First>> {
  const keys = rows.map((row) => row.idempotencyKey).filter((key) => key !== null);
  if (keys.length === 0) return new Map();
  const found = await db
    .selectFrom('message')
    .select([...MESSAGE_COLUMNS, 'idempotency_key', 'idempotency_hash'])
    .where('company_id', '=', companyId)
    .where('idempotency_key', 'in', keys)
    .execute();
  return new Map(
    found.map(({ idempotency_key: key, idempotency_hash: hash, ...message }) => [
      key ?? '',
      { message, hash },
    ]),
  );
}

/** Messages of the release before have no hash. */
function isSame({ message, hash }: First, wish: ReadWish): boolean {
  return hash === null ? message.to === wish.number && message.text === wish.text : hash === wish.hash;
}

export const MESSAGE_COLUMNS = [
  'id',
  'recipient as to',
  'body as text',
  'state',
  'parts',
  'campaign_id as campaignId',
  'accepted_at as acceptedAt',
  'due_at as dueAt',
  'expires_at as expiresAt',
  'submitted_at as sentAt',
  'settled_at as settledAt',
  'cancelled_at as cancelledAt',
  'fault',
] as const;
