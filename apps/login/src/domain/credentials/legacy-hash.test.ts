import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { LEGACY_FORMATS } from './legacy-formats.ts';
import { coversWhole, judgeLegacyHash, verifyLegacyHash } from './legacy-hash.ts';
import { createLegacyVerifier } from './legacy-verifier.ts';

/**
 * Known answers that were computed by other programs: libxcrypt (crypt(3) by Python), openssl passwd, Python's hashlib (PBKDF2, scrypt, digests) and werkzeug. `by` says
 * which.
 */
const KNOWN = JSON.parse(readFileSync(new URL('legacy-hashes.fixture.json', import.meta.url), 'utf8')) as {
  format: keyof typeof LEGACY_FORMATS;
  by: string;
  password: string;
  hash: string;
}[];

describe('R21: legacy hashes that other programs made', () => {
  it('every format of the table has known answers', () => {
    expect(new Set(KNOWN.map((one) => one.format))).toEqual(new Set(Object.keys(LEGACY_FORMATS)));
  });

  it.each(Object.keys(LEGACY_FORMATS))('%s: the right password matches, others do not', (format) => {
    for (const { by, password, hash } of KNOWN.filter((one) => one.format === format)) {
      const what = `${hash} by ${by}`;
      expect(judgeLegacyHash(hash), what).toMatchObject({ ok: true, format });
      expect(verifyLegacyHash(hash, password), what).toBe(true);
      for (const wrong of [`X${password}`, password.slice(1), ''])
        expect(verifyLegacyHash(hash, wrong), what).toBe(false);
    }
  });

  it('one altered character makes a hash another one, or none', () => {
    for (const { password, hash } of KNOWN.filter((one) => !one.hash.startsWith('scrypt$65536'))) {
      const at = hash.length - (hash.endsWith('=') ? 6 : 4);
      const altered = hash.slice(0, at) + (hash[at] === 'a' ? 'b' : 'a') + hash.slice(at + 1);
      expect(verifyLegacyHash(altered, password), altered).toBe(false);
    }
  });

  it('bcrypt sees 72 bytes: what is typed after them is not proven, so it may not become a password', () => {
    const hash = KNOWN.find((one) => one.format === 'bcrypt' && one.password.length > 72)?.hash ?? '';
    const password = KNOWN.find((one) => one.hash === hash)?.password ?? '';
    expect(verifyLegacyHash(hash, `${password}!`)).toBe(true);
    expect(coversWhole(hash, `${password}!`)).toBe(false);
    expect(coversWhole(hash, 'Mihon-2026')).toBe(true);
    expect(coversWhole(hash, 'Mihon\0-2026')).toBe(false);
    expect(coversWhole('{SSHA}…', password)).toBe(true);
  });
});

describe('R21: hashes that are not taken', () => {
  it.each([
    '',
    'Mihon-2026',
    '5f4dcc3b5aa765d61d8327deb882cf99',
    '$y$j9T$F5Jx5fExrKuPp53xLKQ..1$X3DX6M94c7o.9agCG9G317fhZg9SqC.5i5rd.RhAtQ7',
    'rEK1ecacw.7.c',
    '$2x$10$abcdefghijklmnopqrstuuabcdefghijklmnopqrstuuabcdefghijk',
    '$2b$10$abcdefghijklmnopqrstuuabcdefghijklmnopqrstuuabcdefghijkTOOLONG',
    '$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA',
    'sha1$$0123456789012345678901234567890123456789',
    '{SHA}fEqNCco3Yq9h5ZUglD3CZJT4lBs=',
    ' $1$abcdefgh$G//4keteveJp0qb8z2DxG/',
    `pbkdf2_sha256$1000$salt$${'A'.repeat(500)}`,
  ])('%j is of no known format', (text) => {
    expect(judgeLegacyHash(text)).toEqual({ ok: false, reason: 'hash-unknown' });
    expect(verifyLegacyHash(text, 'Mihon-2026')).toBe(false);
  });

  const key = 'A'.repeat(43);
  it.each([
    `$2b$15$${'a'.repeat(53)}`,
    `$2b$31$${'a'.repeat(53)}`,
    `$2b$03$${'a'.repeat(53)}`,
    `$6$rounds=700001$salt$${'a'.repeat(86)}`,
    `$6$rounds=999999999$salt$${'a'.repeat(86)}`,
    `pbkdf2_sha256$2000001$salt$${key}=`,
    `pbkdf2_sha256$999999999$salt$${key}=`,
    `pbkdf2_sha256$0$salt$${key}=`,
    `$pbkdf2-sha512$i=4000000,l=32$c2FsdA$${key}`,
    `pbkdf2:sha256:100000000$salt$${'ab'.repeat(32)}`,
    Buffer.concat([Buffer.of(1, 0, 0, 0, 1, 0x7f, 0xff, 0xff, 0xff, 0, 0, 0, 16), Buffer.alloc(48)]).toString(
      'base64',
    ),
    Buffer.concat([Buffer.of(1, 0, 0, 0, 1, 0, 0, 4, 0, 0xff, 0, 0, 16), Buffer.alloc(48)]).toString(
      'base64',
    ),
    Buffer.concat([Buffer.of(1, 0, 0, 0, 9, 0, 0, 4, 0, 0, 0, 0, 16), Buffer.alloc(48)]).toString('base64'),
    `scrypt$1048576$salt$8$1$${key}=`,
    `scrypt$16384$salt$8$999$${key}=`,
    `scrypt$16384$salt$999$1$${key}=`,
    `scrypt$16383$salt$8$1$${key}=`,
    `scrypt:0:8:1$salt$${'ab'.repeat(32)}`,
    `$scrypt$ln=30,r=8,p=1$c2FsdA$${key}`,
    `$scrypt$ln=99,r=8,p=1$c2FsdA$${key}`,
  ])('%s would keep the server busy or is unsound: refused, and nothing is computed', (hostile) => {
    const begun = performance.now();
    expect(judgeLegacyHash(hostile)).toEqual({ ok: false, reason: 'hash-too-costly' });
    expect(verifyLegacyHash(hostile, 'Mihon-2026')).toBe(false);
    expect(performance.now() - begun).toBeLessThan(1_000);
  });

  it('any text is judged, and judged at once', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ maxLength: 500 }),
          fc
            .tuple(fc.constantFrom(...KNOWN.map((one) => one.hash)), fc.nat(300), fc.string({ maxLength: 3 }))
            .map(([hash, at, text]) => hash.slice(0, at) + text + hash.slice(at + 1)),
        ),
        (text) => {
          const judged = judgeLegacyHash(text);
          expect(judged.ok || ['hash-unknown', 'hash-too-costly'].includes(judged.reason)).toBe(true);
        },
      ),
      { numRuns: 3_000 },
    );
  });
});

describe('R21: verification in its own thread', () => {
  const verifier = createLegacyVerifier();
  afterAll(() => verifier.close());

  it('leaves the event loop free, and answers everybody right', async () => {
    const some = KNOWN.filter((_, index) => index % 9 === 0);
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    const costly = '$2b$12$abcdefghijklmnopqrstuuUkXYVAN6GUCWUb2kTO.4qRDDkA9gCFC';
    const answers = await Promise.all([
      verifier.verify(costly, 'Mihon-2026'),
      ...some.map(({ hash, password }) => verifier.verify(hash, password)),
      ...some.map(({ hash, password }) => verifier.verify(hash, `${password}x`)),
    ]);
    clearInterval(timer);
    expect(answers).toEqual([false, ...some.map(() => true), ...some.map(() => false)]);
    // One bcrypt of cost 12 alone takes a third of a second.
    expect(turns).toBeGreaterThan(20);
  });

  it('a queue that is too long refuses, and a verifier that was closed starts again', async () => {
    const known = KNOWN.find((one) => one.format === 'md5-crypt');
    if (!known) throw new Error('No known answer.');
    const answers = await Promise.all(
      Array.from({ length: 60 }, () => verifier.verify(known.hash, known.password)),
    );
    expect(answers.filter(Boolean)).toHaveLength(50);
    await verifier.close();
    expect(await verifier.verify(known.hash, known.password)).toBe(true);
  });
});
