import { randomBytes } from 'node:crypto';

/** What an id names; the prefix makes a stray id in a log or a ticket readable. */
export type IdPrefix = 'key' | 'msg' | 'cmp' | 'drf' | 'tpl' | 'grp' | 'csv' | 'whe' | 'whd';

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

/**
 * A new id such as `msg_01jd3k…`: 10 characters of time in milliseconds, then 16 random characters (80 bits), both in
 * Crockford's base 32 (the layout of a ULID), so that ids sort by time and indexes grow at their end.
 */
export function newId<P extends IdPrefix>(prefix: P, now: Date): `${P}_${string}` {
  let tail = '';
  for (const byte of randomBytes(16)) tail += ALPHABET[byte & 31];
  return `${prefix}_${timeOf(now)}${tail}`;
}

/** What no id of this moment or later comes before, in the order of bytes. */
export function firstId(prefix: IdPrefix, moment: Date): string {
  return `${prefix}_${timeOf(moment)}`;
}

/** True when the text has the form of an id with this prefix. */
export function isId(prefix: IdPrefix, text: string): boolean {
  return text.startsWith(`${prefix}_`) && /^[a-z]+_[0-9a-hjkmnp-tv-z]{26}$/.test(text);
}

function timeOf(moment: Date): string {
  let time = moment.getTime();
  let head = '';
  for (let i = 0; i < 10; i++) {
    head = ALPHABET[time % 32] + head;
    time = Math.floor(time / 32);
  }
  return head;
}
