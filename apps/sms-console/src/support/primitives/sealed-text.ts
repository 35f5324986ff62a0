import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

/** Encrypts secrets that must be readable again, for storage: AES-256-GCM (NIST SP 800-38D), a nonce of 96 random bits each. */
export type Sealer = {
  /** What sealed texts of the key in use begin with; no `%` or `_` is in it. */
  readonly mark: string;
  /** @param place where the text is kept, such as a row's id: it opens nowhere else */
  seal(text: string, place: string): string;
  /** Null when none of the keys opens it, or it was altered, or was sealed for another place. A text that is not sealed is answered as it is. */
  open(stored: string, place: string): string | null;
};

const FORMAT = 'sealed1';
const NONCE = 12;
const TAG = 16;

/**
 * A sealer for one purpose. Its keys are derived from the secrets by HKDF-SHA-256 (RFC 5869).
 * @param secrets one at least; the first seals, all open: so a secret is replaced by putting the new one before it
 */
export function createSealer(secrets: readonly string[], purpose: string): Sealer {
  const all = secrets.map((secret) => derive(secret, purpose));
  const [current] = all;
  if (current === undefined) throw new Error('there is no secret to seal with');
  return {
    mark: `${FORMAT}.${current.name}.`,
    seal(text, place) {
      const nonce = randomBytes(NONCE);
      const cipher = createCipheriv('aes-256-gcm', current.key, nonce).setAAD(Buffer.from(place));
      const sealed = Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
      return `${FORMAT}.${current.name}.${sealed.toString('base64url')}`;
    },
    open(stored, place) {
      const [format, name, content = ''] = stored.split('.');
      if (format !== FORMAT) return stored;
      const key = all.find((one) => one.name === name);
      return key === undefined ? null : opened(key, Buffer.from(content, 'base64url'), place);
    },
  };
}

type Key = { key: Buffer; name: string };

function derive(secret: string, purpose: string): Key {
  const part = (what: string, bytes: number) => Buffer.from(hkdfSync('sha256', secret, purpose, what, bytes));
  return { key: part('key', 32), name: part('name of the key', 6).toString('hex') };
}

function opened({ key }: Key, sealed: Buffer, place: string): string | null {
  if (sealed.length < NONCE + TAG) return null;
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE), { authTagLength: TAG })
    .setAAD(Buffer.from(place))
    .setAuthTag(sealed.subarray(-TAG));
  try {
    return decipher.update(sealed.subarray(NONCE, -TAG), undefined, 'utf8') + decipher.final('utf8');
  } catch {
    return null;
  }
}
