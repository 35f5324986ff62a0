import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import { cookieSignatures } from './cookie-signatures.ts';

type KeyRing = ReturnType<typeof cookieSignatures>;
// The engine's own, for which there are no types.
const Keygrip = createRequire(createRequire(import.meta.url).resolve('oidc-provider'))('keygrip') as new (
  keys: readonly string[],
) => KeyRing;

const KEY = 'c2FtcGxlLWtleS1vZi1jb29raWVzLTAxMjM0NTY3ODk';

test('R17: a cookie that an earlier release signed stays valid, and the other way round', () => {
  const theirs = new Keygrip([KEY]);
  const ours = cookieSignatures(KEY);
  for (let i = 0; i < 200; i++) {
    const data = `sso=value-${i}`;
    expect(ours.sign(data)).toBe(theirs.sign(data));
    expect(theirs.index(data, ours.sign(data))).toBe(0);
    expect(ours.index(data, theirs.sign(data))).toBe(0);
  }
});

test('a signature of another value, by another key, cut, longer or empty is none', () => {
  const ours = cookieSignatures(KEY);
  const right = ours.sign('sso=value');
  const wrong = [
    ours.sign('sso=other'),
    cookieSignatures(`${KEY}x`).sign('sso=value'),
    right.slice(0, -1),
    `${right}A`,
    '',
  ];
  for (const signature of wrong) {
    expect(ours.index('sso=value', signature), signature).toBe(-1);
    expect(ours.verify('sso=value', signature), signature).toBe(false);
  }
});
