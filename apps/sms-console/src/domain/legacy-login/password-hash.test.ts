import { describe, expect, test } from 'vitest';
import { hashLegacyPassword, verifyLegacyPassword } from './password-hash.ts';

describe('the legacy password hash', () => {
  test('known answer: PBKDF2-HMAC-SHA256 with 1 and with 4096 rounds, in Django’s format', async () => {
    expect(
      await verifyLegacyPassword(
        'password',
        'pbkdf2_sha256$1$salt$Eg+2z/z4syxD5yJSVsT4N6hlSMkszDVICAWYfLcL4Xs=',
      ),
    ).toBe(true);
    expect(
      await verifyLegacyPassword(
        'password',
        'pbkdf2_sha256$4096$salt$xeR41ZKIyEGqUw22hFxMjZYok6ABzk4RpJY4c6qYE0o=',
      ),
    ).toBe(true);
  });

  test('takes the right password only, whatever it is written in', async () => {
    const hash = await hashLegacyPassword('合言葉-Mihon-2026');
    expect(hash).toMatch(/^pbkdf2_sha256\$30000\$[\w-]{12}\$[A-Za-z0-9+/]{43}=$/);
    expect(await verifyLegacyPassword('合言葉-Mihon-2026', hash)).toBe(true);
    expect(await verifyLegacyPassword('合言葉-mihon-2026', hash)).toBe(false);
    expect(await verifyLegacyPassword('', hash)).toBe(false);
  });

  test('nobody without a password gets in', async () => {
    for (const stored of [null, '', 'pbkdf2_sha256$', 'plain', 'pbkdf2_sha256$1$salt$']) {
      expect(await verifyLegacyPassword('', stored)).toBe(false);
      expect(await verifyLegacyPassword('password', stored)).toBe(false);
    }
  });

  test('two people with one password have two hashes', async () => {
    expect(await hashLegacyPassword('Mihon-2026')).not.toBe(await hashLegacyPassword('Mihon-2026'));
  });
});
