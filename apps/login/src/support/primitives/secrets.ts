import { createHmac, hash, hkdfSync, randomBytes, randomInt, timingSafeEqual } from 'node:crypto';
import { compactDecrypt, CompactEncrypt, decodeProtectedHeader } from 'jose';

/** A master key, and what is derived from it. Each purpose has a key of its own (HKDF-SHA-256, RFC 5869). */
export type MasterKey = {
  derive(purpose: string): Buffer;
  /** Tells one master key from another, for people to compare; nothing can be derived from it. Four groups of four. */
  readonly fingerprint: string;
};

/** The master key of this installation, and the others that are at hand while one takes the place of another. */
export type SecretKeys = MasterKey & {
  /** All that are at hand, `HITOKAGI_SECRET` first. */
  readonly all: readonly MasterKey[];
};

/**
 * The installation's master key (`HITOKAGI_SECRET`) and those before it that may still be needed (`HITOKAGI_SECRET_PREVIOUS`).
 * @param master at least 32 bytes of entropy, any text
 */
export function secretKeys(master: string, ...previous: readonly string[]): SecretKeys {
  const first = masterKey(master);
  return { ...first, all: [first, ...previous.map(masterKey)] };
}

function masterKey(master: string): MasterKey {
  const known = new Map<string, Buffer>();
  const derive = (purpose: string): Buffer => {
    let key = known.get(purpose);
    if (!key) {
      key = Buffer.from(hkdfSync('sha256', master, 'hitokagi', purpose, 32));
      known.set(purpose, key);
    }
    return key;
  };
  const figures = keyedHash(derive('fingerprint'), 'master-key').replaceAll(/[^0-9a-z]/gi, '');
  const fingerprint = figures
    .toLowerCase()
    .slice(0, 16)
    .replaceAll(/(.{4})(?=.)/g, '$1-');
  return { derive, fingerprint };
}

/** A new bearer secret of 256 bits, base64url. */
export function newSecret(): string {
  return randomBytes(32).toString('base64url');
}

/** A decimal code of `digits` figures, each equally likely (CSPRNG), leading zeros kept. */
export function newDecimalCode(digits: number): string {
  return randomInt(10 ** digits)
    .toString()
    .padStart(digits, '0');
}

/**
 * How a bearer secret of high entropy is stored: SHA-256, base64url. For codes that can be guessed use {@link keyedHash}.
 */
export function secretHash(secret: string): string {
  return hash('sha256', secret, 'base64url');
}

/**
 * How a short code is stored: HMAC-SHA-256 over the parts, so that a stolen table cannot be searched without the key.
 * The parts are length-prefixed: no two lists of parts have one hash.
 */
export function keyedHash(key: Buffer, ...parts: readonly string[]): string {
  const mac = createHmac('sha256', key);
  for (const part of parts) mac.update(`${Buffer.byteLength(part)}:${part};`);
  return mac.digest('base64url');
}

/** Compares two texts without telling by time where they differ. */
export function equalSecrets(a: string, b: string): boolean {
  return timingSafeEqual(Buffer.from(secretHash(a)), Buffer.from(secretHash(b)));
}

/**
 * Encrypts what must be readable again (signing keys, seeds): JWE compact, `dir` with A256GCM (RFC 7516, RFC 7518 §5.3).
 * @param keyId which key it is, readable by everybody (`kid`); all that is sealed with one id begins with {@link sealedPrefix}
 */
export async function seal(key: Buffer, plaintext: string, keyId?: string): Promise<string> {
  return new CompactEncrypt(new TextEncoder().encode(plaintext))
    .setProtectedHeader(headerOf(keyId))
    .encrypt(key);
}

/** With what every text begins that was sealed with a key of this id. */
export function sealedPrefix(keyId: string): string {
  return `${Buffer.from(JSON.stringify(headerOf(keyId))).toString('base64url')}.`;
}

/** The id of the key with which a text was sealed; undefined where none was said. */
export function sealedWith(sealed: string): string | undefined {
  return decodeProtectedHeader(sealed).kid;
}

/** Reads what {@link seal} wrote. Throws when the key is another one or the text was altered. */
export async function unseal(key: Buffer, sealed: string): Promise<string> {
  const { plaintext } = await compactDecrypt(sealed, key, {
    keyManagementAlgorithms: ['dir'],
    contentEncryptionAlgorithms: ['A256GCM'],
  });
  return new TextDecoder().decode(plaintext);
}

function headerOf(keyId: string | undefined): { alg: string; enc: string; kid?: string } {
  return { alg: 'dir', enc: 'A256GCM', ...(keyId === undefined ? {} : { kid: keyId }) };
}
