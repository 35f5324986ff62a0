import { availableParallelism } from 'node:os';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import * as argon2 from '@node-rs/argon2';
import { createPasswordHasher, normalised, TooBusy } from './password-hash.ts';

const work = vi.hoisted(() => ({ verified: [] as string[], running: 0, most: 0 }));

vi.mock('@node-rs/argon2', async (original) => {
  const real = await original<typeof argon2>();
  const counted = async <T>(run: () => Promise<T>): Promise<T> => {
    work.most = Math.max(work.most, ++work.running);
    try {
      return await run();
    } finally {
      work.running--;
    }
  };
  return {
    ...real,
    hash: (...input: Parameters<typeof real.hash>) => counted(() => real.hash(...input)),
    verify: (...input: Parameters<typeof real.verify>) => {
      work.verified.push(String(input[0]));
      return counted(() => real.verify(...input));
    },
  };
});

const PEPPER = Buffer.alloc(32, 7);

describe('how passwords are stored', () => {
  beforeEach(() => Object.assign(work, { verified: [], running: 0, most: 0 }));

  it('as Argon2id with 19 MiB, two passes, one lane, a salt of its own', async () => {
    const hasher = await createPasswordHasher(PEPPER);
    const [one, two] = await Promise.all([hasher.hash('Kawa-no-oto 41'), hasher.hash('Kawa-no-oto 41')]);
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(one).not.toBe(two);
    expect(one).not.toContain('Kawa');
  });

  it('the right password opens it, any other does not, and composed and decomposed spellings are one', async () => {
    const hasher = await createPasswordHasher(PEPPER);
    const stored = await hasher.hash('Caf\u00e9-no-oto 41');
    expect(await hasher.verify(stored, 'Caf\u00e9-no-oto 41')).toBe(true);
    expect(await hasher.verify(stored, 'Cafe\u0301-no-oto 41')).toBe(true);
    expect(await hasher.verify(stored, 'caf\u00e9-no-oto 41')).toBe(false);
    expect(await hasher.verify(stored, '')).toBe(false);
    expect(normalised('ＡＢＣ１')).toBe('ABC1');
  });

  it('every character of a long password counts', async () => {
    const hasher = await createPasswordHasher(PEPPER);
    const long = `${'川の音'.repeat(42)}A1`;
    const stored = await hasher.hash(long);
    expect(await hasher.verify(stored, long)).toBe(true);
    expect(await hasher.verify(stored, `${long.slice(0, -1)}2`)).toBe(false);
  });

  it('a stolen table is worth nothing without the server key', async () => {
    const hasher = await createPasswordHasher(PEPPER);
    const stored = await hasher.hash('Kawa-no-oto 41');
    const thief = await createPasswordHasher(Buffer.alloc(32, 8));
    expect(await thief.verify(stored, 'Kawa-no-oto 41')).toBe(false);
  });

  it('C5: without a stored hash the same work is done on a decoy of the same cost, and the answer is no', async () => {
    const hasher = await createPasswordHasher(PEPPER);
    expect(await hasher.verify(undefined, 'Kawa-no-oto 41')).toBe(false);
    expect(work.verified).toHaveLength(1);
    expect(work.verified[0]).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  });

  it('a hash with other parameters is outdated, today’s is not', async () => {
    const hasher = await createPasswordHasher(PEPPER);
    expect(hasher.isOutdated(await hasher.hash('x'))).toBe(false);
    for (const other of [{ memoryCost: 12_288 }, { timeCost: 3 }, { parallelism: 2 }]) {
      const old = await argon2.hash('x', {
        memoryCost: 19_456,
        timeCost: 2,
        parallelism: 1,
        ...other,
        secret: PEPPER,
      });
      expect(hasher.isOutdated(old)).toBe(true);
      expect(await hasher.verify(old, 'x')).toBe(true);
    }
  });

  it('O1: never more hashes run at once than there are processors, and all that wait get their turn', async () => {
    const hasher = await createPasswordHasher(PEPPER);
    work.most = 0;
    const answers = await Promise.all([
      ...Array.from({ length: 10 }, () => hasher.verify(undefined, 'x')),
      ...Array.from({ length: 6 }, () => hasher.hash('y')),
    ]);
    expect(answers).toHaveLength(16);
    expect(work.most).toBe(Math.min(16, availableParallelism()));
    expect(work.running).toBe(0);
  });

  it('a hash that fails gives its turn on', async () => {
    const hasher = await createPasswordHasher(PEPPER, 1);
    const results = await Promise.allSettled([
      hasher.verify('not a hash', 'x'),
      hasher.verify(undefined, 'x'),
      hasher.verify('not a hash', 'x'),
      hasher.verify(undefined, 'x'),
    ]);
    expect(results.map((one) => one.status)).toEqual(['rejected', 'fulfilled', 'rejected', 'fulfilled']);
  });

  it('O1: there are places for two seconds of work, and each is free again when it is given back', async () => {
    const hasher = await createPasswordHasher(PEPPER, 1);
    const places = Array.from({ length: 150 }, () => hasher.admit());
    expect(() => hasher.admit()).toThrow(TooBusy);
    places[0]?.[Symbol.dispose]();
    const again = hasher.admit();
    expect(() => hasher.admit()).toThrow(TooBusy);
    again[Symbol.dispose]();
  });
});
