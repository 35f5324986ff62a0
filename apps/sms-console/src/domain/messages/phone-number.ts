import { parsePhoneNumberFromString } from 'libphonenumber-js/max';

export type ReadNumber =
  { ok: true; number: string } | { ok: false; reason: 'number-malformed' | 'number-not-mobile' };

const LONGEST = 40;

/**
 * Reads a Japanese mobile number as people and programs write it (090-1234-5678, +81 90 1234 5678, full-width digits) and
 * returns it in E.164. The `max` metadata is needed: the small one takes fixed lines and nine digits for valid.
 */
export function readMobileNumber(typed: string): ReadNumber {
  const read =
    typed.length > LONGEST
      ? undefined
      : parsePhoneNumberFromString(typed, { defaultCountry: 'JP', extract: false });
  if (!read?.isValid() || read.ext !== undefined) return { ok: false, reason: 'number-malformed' };
  if (read.country !== 'JP' || read.getType() !== 'MOBILE') return { ok: false, reason: 'number-not-mobile' };
  return { ok: true, number: read.number };
}
