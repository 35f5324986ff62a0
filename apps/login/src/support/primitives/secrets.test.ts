import { createHmac, hkdfSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  equalSecrets,
  keyedHash,
  newDecimalCode,
  newSecret,
  seal,
  secretHash,
  secretKeys,
  unseal,
} from './secrets.ts';

describe('secrets: known answers', () => {
  it('a bearer secret is stored as its SHA-256 (FIPS 180-4, "abc")', () => {
    expect(Buffer.from(secretHash('abc'), 'base64url').toString('hex')).toBe(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    );
  });

  it('a purpose key is HKDF-SHA-256 with our salt and the purpose as info (RFC 5869)', () => {
    // The primitive itself, against test case 1 of RFC 5869, appendix A.
    const okm = hkdfSync(
      'sha256',
      Buffer.alloc(22, 0x0b),
      Buffer.from('000102030405060708090a0b0c', 'hex'),
      Buffer.from('f0f1f2f3f4f5f6f7f8f9', 'hex'),
      42,
    );
    expect(Buffer.from(okm).toString('hex')).toBe(
      '3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865',
    );
    // Our use of it, computed by hand from HMAC: changing salt, purpose or length would make every stored secret unreadable.
    const prk = createHmac('sha256', 'hitokagi').update('a master secret of at least 32 bytes').digest();
    const expected = createHmac('sha256', prk).update('signing-keys').update(Buffer.of(1)).digest();
    expect(secretKeys('a master secret of at least 32 bytes').derive('signing-keys').toString('hex')).toBe(
      expected.toString('hex'),
    );
    expect(expected.toString('hex')).toBe('a43758cc833435d7aaf5015c95259adb59e83ad9e9ea97d667fe42628998055f');
  });

  it('a code is stored as HMAC-SHA-256 over its length-prefixed parts (RFC 2104)', () => {
    // The primitive, against test case 2 of RFC 4231.
    expect(createHmac('sha256', 'Jefe').update('what do ya want for nothing?').digest('hex')).toBe(
      '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
    );
    const key = Buffer.from('4a656665', 'hex');
    expect(keyedHash(key, 'ab', 'コード')).toBe('-YRXHhbvnvI0NmZazMp4dfRA3xq1QQFZOryxx50dq28');
  });
});

describe('secrets', () => {
  it('each purpose and each master has a key of its own', () => {
    const keys = secretKeys('one master');
    expect(keys.derive('cookies')).toEqual(keys.derive('cookies'));
    const all = [
      keys.derive('cookies'),
      keys.derive('password-pepper'),
      secretKeys('another master').derive('cookies'),
    ];
    expect(new Set(all.map((key) => key.toString('hex'))).size).toBe(3);
    expect(all.every((key) => key.length === 32)).toBe(true);
  });

  it('no two lists of parts have one hash', () => {
    const key = secretKeys('m').derive('verification-codes');
    const lists = [['a', 'b'], ['ab'], ['a', 'b', ''], ['', 'ab'], ['a;1:b'], ['1:a;', '1:b;'], []];
    expect(new Set(lists.map((parts) => keyedHash(key, ...parts))).size).toBe(lists.length);
  });

  it('bearer secrets have 256 bits and do not repeat', () => {
    const secrets = Array.from({ length: 1_000 }, newSecret);
    expect(new Set(secrets).size).toBe(1_000);
    expect(secrets.every((one) => Buffer.from(one, 'base64url').length === 32)).toBe(true);
  });

  it('codes have eight figures with leading zeros kept, each figure equally likely', () => {
    const codes = Array.from({ length: 20_000 }, () => newDecimalCode(8));
    expect(codes.every((code) => /^[0-9]{8}$/.test(code))).toBe(true);
    expect(codes.some((code) => code.startsWith('0'))).toBe(true);
    for (let place = 0; place < 8; place++) {
      const counts = Array<number>(10).fill(0);
      for (const code of codes) counts[Number(code[place])]! += 1;
      const chiSquared = counts.reduce((sum, count) => sum + (count - 2_000) ** 2 / 2_000, 0);
      // 9 degrees of freedom: above 50 once in ten million runs.
      expect(chiSquared).toBeLessThan(50);
    }
  });

  it('texts are equal only when they are the same, whatever their lengths', () => {
    expect(equalSecrets('same', 'same')).toBe(true);
    expect(equalSecrets('same', 'samf')).toBe(false);
    expect(equalSecrets('same', 'same ')).toBe(false);
    expect(equalSecrets('', '')).toBe(true);
    expect(equalSecrets('', 'x')).toBe(false);
  });
});

describe('secrets: what is sealed', () => {
  const key = secretKeys('a master secret').derive('signing-keys');

  it('opens with the same key, and looks different each time', async () => {
    const [one, two] = [await seal(key, '秘密 {"d":"x"}'), await seal(key, '秘密 {"d":"x"}')];
    expect(one).not.toBe(two);
    expect(await unseal(key, one)).toBe('秘密 {"d":"x"}');
    expect(one).not.toContain(Buffer.from('秘密').toString('base64url'));
  });

  it('does not open with another key', async () => {
    const sealed = await seal(key, 'text');
    await expect(unseal(secretKeys('another').derive('signing-keys'), sealed)).rejects.toThrow();
    await expect(unseal(secretKeys('a master secret').derive('cookies'), sealed)).rejects.toThrow();
  });

  it('does not open after any change: of a byte, of the algorithm, of the order, or when cut short', async () => {
    const sealed = await seal(key, 'a private key');
    const parts = sealed.split('.');
    for (const at of [2, 3, 4]) {
      const bytes = Buffer.from(parts[at] ?? '', 'base64url');
      for (const position of [0, bytes.length - 1]) {
        const changed = Buffer.from(bytes);
        changed[position]! ^= 1;
        await expect(unseal(key, parts.with(at, changed.toString('base64url')).join('.'))).rejects.toThrow();
      }
    }
    const header = (value: object) =>
      parts.with(0, Buffer.from(JSON.stringify(value)).toString('base64url')).join('.');
    await expect(unseal(key, header({ alg: 'dir', enc: 'A128CBC-HS256' }))).rejects.toThrow();
    await expect(unseal(key, header({ alg: 'dir', enc: 'A256GCM', zip: 'DEF' }))).rejects.toThrow();
    await expect(unseal(key, header({ alg: 'none' }))).rejects.toThrow();
    await expect(unseal(key, sealed.slice(0, -1))).rejects.toThrow();
    await expect(unseal(key, parts.slice(0, 4).join('.'))).rejects.toThrow();
    await expect(unseal(key, '')).rejects.toThrow();
  });
});
