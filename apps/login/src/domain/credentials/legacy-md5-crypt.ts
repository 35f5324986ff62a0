import { createHash, hash } from 'node:crypto';

/**
 * MD5-crypt as crypt(3) and Apache compute it (Poul-Henning Kamp, FreeBSD 2.0); no kept-up library does `$1$`. Only for checking hashes that exist: MD5 protects
 * nothing that is new.
 * @param magic `$1$` or `$apr1$`
 */
export function md5Crypt(password: string, magic: '$1$' | '$apr1$', salt: string): string {
  const key = Buffer.from(password);
  const inner = hash('md5', Buffer.concat([key, Buffer.from(salt), key]), 'buffer');
  const first = createHash('md5').update(key).update(magic).update(salt);
  for (let left = key.length; left > 0; left -= 16) first.update(inner.subarray(0, Math.min(16, left)));
  for (let bits = key.length; bits > 0; bits >>= 1)
    first.update(bits & 1 ? Buffer.of(0) : key.subarray(0, 1));
  let digest = first.digest();
  for (let round = 0; round < ROUNDS; round++) {
    const next = createHash('md5').update(round & 1 ? key : digest);
    if (round % 3) next.update(salt);
    if (round % 7) next.update(key);
    digest = next.update(round & 1 ? digest : key).digest();
  }
  return `${magic}${salt}$${encoded(digest)}`;
}

const ROUNDS = 1_000;
const ALPHABET = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** The bytes in the order of crypt(3), six bits a character from the lowest. */
function encoded(digest: Buffer): string {
  const at = (index: number): number => digest[index] ?? 0;
  const groups = [0, 1, 2, 3, 4].map((i) => (at(i) << 16) | (at(i + 6) << 8) | at(i === 4 ? 5 : i + 12));
  return [...groups.map((group) => sixBits(group, 4)), sixBits(at(11), 2)].join('');
}

function sixBits(value: number, characters: number): string {
  return Array.from({ length: characters }, (_, i) => ALPHABET[(value >> (6 * i)) & 63]).join('');
}
