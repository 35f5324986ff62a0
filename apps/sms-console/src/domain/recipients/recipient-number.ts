import { parsePhoneNumberFromString } from 'libphonenumber-js/max';

/** Why nothing can be sent to a number. 020 is for machines and pagers. */
export type NumberFault = 'number-malformed' | 'number-020' | 'number-landline' | 'number-foreign';
export type RecipientNumber = { ok: true; number: string } | { ok: false; reason: NumberFault };

const LONGEST = 40;
/** As most are written: needs no look into the tables of all countries. */
const USUAL = /^(?:0|\+81|81)?([789]0[1-9]\d{7})$/;

/**
 * Reads a Japanese mobile number as people write it (090-1234-5678, +81 90 1234 5678, full-width digits, without its first 0
 * as spreadsheets leave it) and returns it in E.164, or says what it is instead.
 */
export function readRecipientNumber(typed: string): RecipientNumber {
  const text = typed.normalize('NFKC').trim();
  if (text.length > LONGEST) return { ok: false, reason: 'number-malformed' };
  const usual = USUAL.exec(text.replace(/[\s()‐-―ー−-]/g, ''))?.[1];
  if (usual !== undefined) return { ok: true, number: `+81${usual}` };
  const read = parsePhoneNumberFromString(text, { defaultCountry: 'JP', extract: false });
  if (!read?.isValid() || read.ext !== undefined) return { ok: false, reason: 'number-malformed' };
  if (read.country !== 'JP') return { ok: false, reason: 'number-foreign' };
  const type = read.getType();
  if (type === 'MOBILE') return { ok: true, number: read.number };
  return { ok: false, reason: type === 'PAGER' ? 'number-020' : 'number-landline' };
}

/** A number as people in Japan read it: 090-1234-5678. */
export function numberText(number: string): string {
  const [, carrier, middle, end] = /^\+81([789]0)(\d{4})(\d{4})$/.exec(number) ?? [];
  return carrier === undefined ? number : `0${carrier}-${middle}-${end}`;
}
