import { createHmac, hash } from 'node:crypto';

/** An event as it is sealed: texts exactly as PostgreSQL writes them, so that nothing is lost on the way through numbers and dates of another language. */
export type SealedText = {
  id: string;
  /** Microseconds since 1970. */
  at: string;
  action: string;
  actor: string;
  accountId: string | null;
  consoleId: string | null;
  requestId: string | null;
  /** What may be personal: the address (`clientIp`) and each member of the detail (`detail.…`), as text. */
  parts: ReadonlyMap<string, string>;
};

/** What is left of a part: the salt of its leaf where the part is still there, the leaf where it was erased. Hex. */
export type ErasedParts = Readonly<Record<string, { salt: string } | { leaf: string }>>;

const ROW = 'hitokagi-audit-row-1';
const SALT = 'hitokagi-audit-salt-1';
const LEAF = 'hitokagi-audit-leaf-1';
const BATCH = 'hitokagi-audit-batch-1';

/** What stands before the first batch. */
export const GENESIS = Buffer.alloc(32);

/**
 * The hash of one event. Each part goes in as the hash of itself and a salt that only this part of this event has: with the salt and the part gone, the hash still stands and nobody can guess what was
 * there. Undefined when the seal does not fit the event: a part without a salt, or one that was erased and is back.
 * @param seal the salt of the event (16 bytes), or what is left after an erasure
 */
export function rowHash(
  event: SealedText,
  seal: { salt: Buffer } | { erased: ErasedParts },
): Buffer | undefined {
  const leaves = 'salt' in seal ? wholeLeaves(event, seal.salt) : remainingLeaves(event, seal.erased);
  if (!leaves) return undefined;
  const fields = [
    ROW,
    event.id,
    event.at,
    event.action,
    event.actor,
    event.accountId,
    event.consoleId,
    event.requestId,
  ];
  const keys = [...leaves.keys()].sort();
  return sha256([...fields, ...keys.flatMap((key) => [key, leaves.get(key) ?? null])]);
}

/** The salt of one part. From it neither the event's salt nor another part's can be found. */
export function partSalt(salt: Buffer, key: string): Buffer {
  return sha256([SALT, salt, key]).subarray(0, 16);
}

/** What stands in the place of one part. */
export function leafOf(salt: Buffer, key: string, value: string): Buffer {
  return sha256([LEAF, salt, key, value]);
}

/** The hash of one link of the chain. */
export function batchHash(batch: {
  number: string;
  previous: Buffer;
  /** Microseconds since 1970. */
  sealedAt: string;
  rowHashes: readonly Buffer[];
}): Buffer {
  const { number, previous, sealedAt, rowHashes } = batch;
  return sha256([BATCH, number, previous, sealedAt, Buffer.concat(rowHashes)]);
}

/** What only the server can write, because its key does not stand in the database (HMAC-SHA-256). */
export function macOf(key: Buffer, what: 'batch' | 'erased' | 'removed', ...values: Value[]): Buffer {
  return createHmac('sha256', key)
    .update(prefixed([what, ...values]))
    .digest();
}

export function erasedMac(key: Buffer, eventId: string, row: Buffer, erased: ErasedParts): Buffer {
  const gone = Object.keys(erased).filter((part) => 'leaf' in (erased[part] ?? {}));
  return macOf(key, 'erased', eventId, row, ...gone.sort());
}

function wholeLeaves({ parts }: SealedText, salt: Buffer): Map<string, Buffer> {
  return new Map([...parts].map(([key, value]) => [key, leafOf(partSalt(salt, key), key, value)]));
}

function remainingLeaves({ parts }: SealedText, erased: ErasedParts): Map<string, Buffer> | undefined {
  const leaves = new Map<string, Buffer>();
  for (const [key, left] of Object.entries(erased)) {
    const value = parts.get(key);
    if ('leaf' in left ? value !== undefined : value === undefined) return undefined;
    leaves.set(
      key,
      'leaf' in left
        ? Buffer.from(left.leaf, 'hex')
        : leafOf(Buffer.from(left.salt, 'hex'), key, value ?? ''),
    );
  }
  return [...parts.keys()].every((key) => leaves.has(key)) ? leaves : undefined;
}

type Value = string | Buffer | null;

/** The canonical form of a list of values: no two lists have one. */
function prefixed(values: readonly Value[]): Buffer {
  let size = 0;
  for (const value of values) size += 4 + (value === null ? 0 : Buffer.byteLength(value));
  const bytes = Buffer.allocUnsafe(size);
  let at = 0;
  for (const value of values) {
    if (value === null) {
      at = bytes.writeUInt32BE(0xffff_ffff, at);
      continue;
    }
    const begin = at + 4;
    at = begin + (typeof value === 'string' ? bytes.write(value, begin) : value.copy(bytes, begin));
    bytes.writeUInt32BE(at - begin, begin - 4);
  }
  return bytes;
}

function sha256(values: readonly Value[]): Buffer {
  return hash('sha256', prefixed(values), 'buffer');
}
