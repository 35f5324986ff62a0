import { describe, expect, it } from 'vitest';
import { newId } from './ids.ts';

describe('ids', () => {
  const now = new Date('2026-11-22T01:00:00.000Z');

  it('carry their kind, the time and 80 random bits, in Crockford’s base 32', () => {
    expect(newId('acc', now)).toMatch(/^acc_[0-9a-hjkmnp-tv-z]{26}$/);
    expect(newId('req', now).slice(4, 14)).toBe(newId('acc', now).slice(4, 14));
  });

  it('write the time as a ULID does', () => {
    expect(newId('acc', new Date(1_469_918_176_385)).slice(4, 14)).toBe('01aryz6s41');
    expect(newId('acc', new Date(0)).slice(4, 14)).toBe('0000000000');
  });

  it('sort by time', () => {
    const moments = [0, 1, 31, 32, 1_000, 1_700_000_000_000, 1_700_000_000_001, 4_102_444_800_000];
    const ids = moments.map((at) => newId('msg', new Date(at)));
    expect([...ids].sort()).toEqual(ids);
  });

  it('do not repeat, and use every letter of the alphabet in their random part', () => {
    const ids = Array.from({ length: 20_000 }, () => newId('vrq', now));
    expect(new Set(ids).size).toBe(ids.length);
    expect(new Set(ids.flatMap((id) => [...id.slice(14)])).size).toBe(32);
  });
});
