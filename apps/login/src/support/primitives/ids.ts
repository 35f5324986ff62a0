import { randomBytes } from 'node:crypto';

/** What an id names; the prefix makes a stray id in a log or a ticket readable. */
export type IdPrefix =
  | 'acc'
  | 'con'
  | 'vrq'
  | 'vcd'
  | 'msg'
  | 'imp'
  | 'lic'
  | 'drf'
  | 'slo'
  | 'lod'
  | 'req'
  | 'ntc'
  | 'opt'
  | 'lgp'
  | 'evt'
  | 'str'
  | 'nod'
  | 'set'
  | 'ctr'
  | 'chk'
  | 'dir'
  | 'dtk';

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

/**
 * A new id such as `acc_01jd3k…`: 10 characters of time in milliseconds, then 16 random characters (80 bits), both
 * in Crockford's base 32 (the layout of a ULID), so that ids sort by time and indexes grow at their end.
 */
export function newId<P extends IdPrefix>(prefix: P, now: Date): `${P}_${string}` {
  let time = now.getTime();
  let head = '';
  for (let i = 0; i < 10; i++) {
    head = ALPHABET[time % 32] + head;
    time = Math.floor(time / 32);
  }
  let tail = '';
  for (const byte of randomBytes(16)) tail += ALPHABET[byte & 31];
  return `${prefix}_${head}${tail}`;
}
