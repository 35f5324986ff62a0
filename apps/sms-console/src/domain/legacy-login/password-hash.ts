import { pbkdf2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

const derive = promisify(pbkdf2);
const ITERATIONS = 30_000;
const KEY_BYTES = 32;
const FORMAT = /^pbkdf2_sha256\$([0-9]{1,7})\$([^$]+)\$([A-Za-z0-9+/=]+)$/;

/**
 * Hashes a legacy password as this console has done since its first release: Django's format
 * `pbkdf2_sha256$iterations$salt$base64`, one salt a person. Runs off the event loop.
 */
export async function hashLegacyPassword(password: string): Promise<string> {
  const salt = randomBytes(9).toString('base64url');
  const key = await derive(password, salt, ITERATIONS, KEY_BYTES, 'sha256');
  return `pbkdf2_sha256$${ITERATIONS}$${salt}$${key.toString('base64')}`;
}

/**
 * Whether `password` belongs to `stored`. With `stored` null (an unknown address, or a person without a password)
 * it computes a hash of the same cost and answers false, so that both take the same time.
 */
export async function verifyLegacyPassword(password: string, stored: string | null): Promise<boolean> {
  const [, iterations, salt, expected] = FORMAT.exec(stored ?? '') ?? [];
  if (!iterations || !salt || !expected) {
    await derive(password, 'no-such-person', ITERATIONS, KEY_BYTES, 'sha256');
    return false;
  }
  const key = await derive(password, salt, Number(iterations), KEY_BYTES, 'sha256');
  const stored256 = Buffer.from(expected, 'base64');
  return stored256.length === key.length && timingSafeEqual(stored256, key);
}
