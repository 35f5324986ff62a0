import { hash, pbkdf2Sync, scryptSync, timingSafeEqual } from 'node:crypto';
import bcrypt from 'bcryptjs';
import { encrypt as shaCrypt } from 'unixcrypt';
import { md5Crypt } from './legacy-md5-crypt.ts';

/** One way in which consoles have stored passwords. */
type LegacyFormat = {
  /** The whole hash; what `cost` and `verify` need are its named groups. */
  pattern: RegExp;
  /** What one verification costs; part of what tells two kinds of hash apart. */
  cost(parts: Parts): string;
  /** Whether that cost is one that a console would have chosen. A hash that is made to keep the server busy is refused before anything is computed. */
  isBounded(parts: Parts): boolean;
  verify(password: string, parts: Parts): boolean;
};
type Parts = Readonly<Record<string, string>>;

export type LegacyFormatName = keyof typeof LEGACY_FORMATS;

/** Iterations of PBKDF2, rounds of SHA-crypt, cost of bcrypt, and N·r·p of scrypt that take about two seconds of one processor at most. */
const MOST = {
  iterations: 2_000_000,
  rounds: 700_000,
  bcrypt: 14,
  scrypt: 2 ** 21,
  scryptMemory: 128 * 1024 * 1024,
};
const DIGESTS = { sha1: 20, sha256: 32, sha512: 64 } as const;
type Digest = keyof typeof DIGESTS;

/**
 * The formats of legacy password hashes that are taken over (R21). A hash belongs to the first format whose pattern it matches whole. yescrypt ($y$), DES and
 * plain digests without a salt are not among them: their owners set a new password.
 */
export const LEGACY_FORMATS = {
  // Unix, PHP, Spring ({bcrypt}).
  bcrypt: {
    pattern: /^(?:\{bcrypt\})?(?<hash>\$2[aby]\$(?<cost>\d\d)\$[./A-Za-z0-9]{53})$/,
    cost: ({ cost }) => cost ?? '',
    isBounded: ({ cost }) => within(cost, 4, MOST.bcrypt),
    verify: (password, { hash: stored = '' }) => bcrypt.compareSync(password, stored.replace(/^\$2y/, '$2b')),
  },
  // $5$ and $6$ of crypt(3).
  'sha-crypt': {
    pattern:
      /^(?<setting>\$[56]\$(?:rounds=(?<rounds>\d{4,9})\$)?[./A-Za-z0-9]{1,16})\$(?<hash>[./A-Za-z0-9]{43}|[./A-Za-z0-9]{86})$/,
    cost: ({ setting = '', rounds = '5000' }) => `${setting.slice(0, 3)}${rounds}`,
    isBounded: ({ rounds = '5000' }) => within(rounds, 1_000, MOST.rounds),
    verify: (password, { setting = '', hash: stored = '' }) =>
      isEqual(Buffer.from(shaCrypt(password, setting)), Buffer.from(`${setting}$${stored}`)),
  },
  // $1$ of crypt(3), $apr1$ of Apache.
  'md5-crypt': {
    pattern: /^(?<hash>\$(?<magic>1|apr1)\$(?<salt>[./A-Za-z0-9]{1,8})\$[./A-Za-z0-9]{22})$/,
    cost: () => '1000',
    isBounded: () => true,
    verify: (password, { magic = '', salt = '', hash: stored = '' }) =>
      isEqual(Buffer.from(md5Crypt(password, magic === '1' ? '$1$' : '$apr1$', salt)), Buffer.from(stored)),
  },
  // Django: pbkdf2_sha256$600000$salt$base64.
  'pbkdf2-django': {
    pattern:
      /^pbkdf2_(?<digest>sha1|sha256)\$(?<rounds>\d{1,9})\$(?<salt>[^$]{1,128})\$(?<key>[A-Za-z0-9+/]{20,90}={0,2})$/,
    cost: pbkdf2Cost,
    isBounded: isBoundedPbkdf2,
    verify: (password, parts) => pbkdf2(password, parts, Buffer.from(parts.salt ?? ''), bytes(parts.key)),
  },
  // passlib: $pbkdf2-sha256$29000$salt$key with . for + and no padding; PHC strings: $pbkdf2-sha256$i=600000,l=32$salt$key.
  'pbkdf2-phc': {
    pattern:
      /^\$pbkdf2(?:-(?<digest>sha1|sha256|sha512))?\$(?:i=)?(?<rounds>\d{1,9})(?:,l=\d{1,3})?\$(?<salt>[A-Za-z0-9./+]{1,128})\$(?<key>[A-Za-z0-9./+]{20,90})$/,
    cost: pbkdf2Cost,
    isBounded: isBoundedPbkdf2,
    verify: (password, parts) => pbkdf2(password, parts, bytes(parts.salt), bytes(parts.key)),
  },
  // werkzeug (Flask): pbkdf2:sha256:600000$salt$hex.
  'pbkdf2-werkzeug': {
    pattern:
      /^pbkdf2:(?<digest>sha1|sha256|sha512):(?<rounds>\d{1,9})\$(?<salt>[^$]{1,128})\$(?<key>(?:[0-9a-f]{2}){20,64})$/,
    cost: pbkdf2Cost,
    isBounded: isBoundedPbkdf2,
    verify: (password, parts) =>
      pbkdf2(password, parts, Buffer.from(parts.salt ?? ''), Buffer.from(parts.key ?? '', 'hex')),
  },
  // ASP.NET Core Identity, version 3: base64 of 0x01, pseudo-random function, iterations, length of the salt, salt, key.
  'pbkdf2-aspnet': {
    pattern: /^(?<all>AQAAAA[A-Za-z0-9+/]{50,150}={0,2})$/,
    cost: (parts) => aspNet(parts).cost,
    isBounded: (parts) => aspNet(parts).isSound,
    verify(password, parts) {
      const { digest, iterations, salt, key } = aspNet(parts);
      return isEqual(pbkdf2Sync(password, salt, iterations, key.length, digest), key);
    },
  },
  // Django: scrypt$16384$salt$8$5$base64.
  'scrypt-django': {
    pattern:
      /^scrypt\$(?<n>\d{1,8})\$(?<salt>[^$]{1,128})\$(?<r>\d{1,3})\$(?<p>\d{1,3})\$(?<key>[A-Za-z0-9+/]{20,90}={0,2})$/,
    cost: scryptCost,
    isBounded: isBoundedScrypt,
    verify: (password, parts) => scrypt(password, parts, Buffer.from(parts.salt ?? ''), bytes(parts.key)),
  },
  // werkzeug (Flask): scrypt:32768:8:1$salt$hex.
  'scrypt-werkzeug': {
    pattern:
      /^scrypt:(?<n>\d{1,8}):(?<r>\d{1,3}):(?<p>\d{1,3})\$(?<salt>[^$]{1,128})\$(?<key>(?:[0-9a-f]{2}){20,64})$/,
    cost: scryptCost,
    isBounded: isBoundedScrypt,
    verify: (password, parts) =>
      scrypt(password, parts, Buffer.from(parts.salt ?? ''), Buffer.from(parts.key ?? '', 'hex')),
  },
  // PHC strings, passlib too: $scrypt$ln=15,r=8,p=1$salt$key.
  'scrypt-phc': {
    pattern:
      /^\$scrypt\$ln=(?<ln>\d{1,2}),r=(?<r>\d{1,3}),p=(?<p>\d{1,3})\$(?<salt>[A-Za-z0-9./+]{1,128})\$(?<key>[A-Za-z0-9./+]{20,90})$/,
    cost: scryptCost,
    isBounded: isBoundedScrypt,
    verify: (password, parts) => scrypt(password, parts, bytes(parts.salt), bytes(parts.key)),
  },
  // LDAP (RFC 2307 and its successors): base64 of the digest of password and salt, then the salt.
  ssha: {
    pattern: /^\{(?<scheme>SSHA|SSHA256|SSHA512)\}(?<all>[A-Za-z0-9+/]{30,200}={0,2})$/,
    cost: ({ scheme = '' }) => scheme,
    isBounded: ({ scheme, all }) => bytes(all).length > sshaLength(scheme),
    verify(password, { scheme, all }) {
      const stored = bytes(all);
      const length = sshaLength(scheme);
      const salt = stored.subarray(length);
      return isEqual(digestOf(sshaDigest(scheme), Buffer.from(password), salt), stored.subarray(0, length));
    },
  },
  // Django's earlier sha1$salt$hex and the same with SHA-256: the digest of the salt and then the password.
  'salted-digest': {
    pattern:
      /^(?:(?:sha1)\$(?<salt1>[^$]{1,128})\$(?<key1>[0-9a-f]{40})|(?:sha256)\$(?<salt256>[^$]{1,128})\$(?<key256>[0-9a-f]{64}))$/,
    cost: ({ key1 }) => (key1 ? 'sha1' : 'sha256'),
    isBounded: () => true,
    verify(password, { salt1, key1, salt256 = '', key256 = '' }) {
      const [digest, salt, key] = key1
        ? (['sha1', salt1 ?? '', key1] as const)
        : (['sha256', salt256, key256] as const);
      return isEqual(digestOf(digest, Buffer.from(salt), Buffer.from(password)), Buffer.from(key, 'hex'));
    },
  },
} as const satisfies Record<string, LegacyFormat>;

function pbkdf2Cost({ digest = 'sha1', rounds = '', key = '' }: Parts): string {
  return `${digest}:${rounds}:${key.length}`;
}

function isBoundedPbkdf2({ rounds }: Parts): boolean {
  return within(rounds, 1, MOST.iterations);
}

function pbkdf2(password: string, { digest = 'sha1', rounds }: Parts, salt: Buffer, key: Buffer): boolean {
  return isEqual(pbkdf2Sync(password, salt, Number(rounds), key.length, digest), key);
}

function aspNet({ all = '' }: Parts) {
  const stored = Buffer.from(all, 'base64');
  const digest = (['sha1', 'sha256', 'sha512'] as const)[stored.readUInt32BE(1)] ?? 'sha1';
  const iterations = stored.readUInt32BE(5);
  const saltLength = stored.readUInt32BE(9);
  const salt = stored.subarray(13, 13 + saltLength);
  const key = stored.subarray(13 + saltLength);
  const isSound =
    stored.readUInt32BE(1) <= 2 &&
    iterations >= 1 &&
    iterations <= MOST.iterations &&
    saltLength >= 8 &&
    salt.length === saltLength &&
    key.length >= 16;
  return { digest, iterations, salt, key, isSound, cost: `${digest}:${iterations}:${key.length}` };
}

function scryptParameters({ n, ln, r, p }: Parts): { N: number; r: number; p: number } {
  return { N: ln === undefined ? Number(n) : 2 ** Number(ln), r: Number(r), p: Number(p) };
}

function scryptCost(parts: Parts): string {
  const { N, r, p } = scryptParameters(parts);
  return `${N}:${r}:${p}`;
}

function isBoundedScrypt(parts: Parts): boolean {
  const { N, r, p } = scryptParameters(parts);
  const isPower = N > 1 && Number.isInteger(Math.log2(N));
  return isPower && r >= 1 && p >= 1 && N * r * p <= MOST.scrypt && 128 * N * r <= MOST.scryptMemory;
}

function scrypt(password: string, parts: Parts, salt: Buffer, key: Buffer): boolean {
  // Node's own limit of 32 MiB is below what N = 32,768 needs.
  return isEqual(
    scryptSync(password, salt, key.length, { ...scryptParameters(parts), maxmem: 2 * MOST.scryptMemory }),
    key,
  );
}

function sshaDigest(scheme = ''): Digest {
  return scheme === 'SSHA256' ? 'sha256' : scheme === 'SSHA512' ? 'sha512' : 'sha1';
}

function sshaLength(scheme = ''): number {
  return DIGESTS[sshaDigest(scheme)];
}

function digestOf(digest: Digest, ...parts: readonly Buffer[]): Buffer {
  return hash(digest, Buffer.concat(parts), 'buffer');
}

/** Base64, that of passlib too, which has . for + and no padding. */
function bytes(text = ''): Buffer {
  return Buffer.from(text.replaceAll('.', '+'), 'base64');
}

function within(text: string | undefined, least: number, most: number): boolean {
  const value = Number(text);
  return value >= least && value <= most;
}

function isEqual(computed: Buffer, stored: Buffer): boolean {
  return computed.length === stored.length && timingSafeEqual(computed, stored);
}
