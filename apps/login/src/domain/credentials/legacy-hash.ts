import { LEGACY_FORMATS, type LegacyFormatName } from './legacy-formats.ts';

export type JudgedLegacyHash =
  /** `kind` is the same for hashes whose verification takes the same work. */
  | { ok: true; format: LegacyFormatName; kind: string }
  | { ok: false; reason: 'hash-unknown' | 'hash-too-costly' };

/** Longer texts are no hash of any format. */
const LONGEST_HASH = 400;
/** In bytes. More than our own rules allow, and a bound for formats whose work grows with the password. */
const LONGEST_PASSWORD = 512;
/** bcrypt reads 72 bytes and ends at NUL. */
const BCRYPT_READS = 72;

/** Which format a legacy hash has, and whether verifying it costs no more than a console would have chosen (R21). Computes nothing. */
export function judgeLegacyHash(text: string): JudgedLegacyHash {
  const found = text.length <= LONGEST_HASH ? formatOf(text) : undefined;
  if (!found) return { ok: false, reason: 'hash-unknown' };
  const { name, parts } = found;
  const format = LEGACY_FORMATS[name];
  if (!format.isBounded(parts)) return { ok: false, reason: 'hash-too-costly' };
  return { ok: true, format: name, kind: `${name}:${format.cost(parts)}` };
}

/**
 * Whether a password is the one of a legacy hash; false for a hash that `judgeLegacyHash` does not take. Keeps its thread busy for up to two
 * seconds: `createLegacyVerifier` calls it in a thread of its own.
 */
export function verifyLegacyHash(text: string, password: string): boolean {
  if (!judgeLegacyHash(text).ok) return false;
  const found = formatOf(text);
  if (!found) return false;
  const bounded = Buffer.from(password).subarray(0, LONGEST_PASSWORD).toString();
  return LEGACY_FORMATS[found.name].verify(bounded, found.parts) && bounded === password;
}

/**
 * Whether the hash stands for this whole password: bcrypt looks at the beginning of a long one only, so what was typed after it is not proven and must not become
 * a password.
 */
export function coversWhole(text: string, password: string): boolean {
  const isCut = Buffer.byteLength(password) > BCRYPT_READS || password.includes('\0');
  return formatOf(text)?.name !== 'bcrypt' || !isCut;
}

function formatOf(
  text: string,
): { name: LegacyFormatName; parts: Readonly<Record<string, string>> } | undefined {
  for (const name of Object.keys(LEGACY_FORMATS) as LegacyFormatName[]) {
    const match = LEGACY_FORMATS[name].pattern.exec(text);
    if (match) return { name, parts: definedOf(match.groups ?? {}) };
  }
  return undefined;
}

/** Groups that took no part in the match are absent, so that defaults hold. */
function definedOf(groups: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(groups).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
