import { createHash, randomBytes } from 'node:crypto';

/** A new bearer secret (session cookie, reset link): 256 random bits as 43 characters of base64url. */
export function newBearerSecret(): string {
  return randomBytes(32).toString('base64url');
}

/** What the database keeps of a bearer secret: its SHA-256. The secret has 256 random bits, so no salt is needed. */
export function hashBearerSecret(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}
