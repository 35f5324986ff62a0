import { describe, expect, test } from 'vitest';
import { readEmailAddress } from './email-address.ts';

describe('reading an e-mail address', () => {
  test('puts right what people type', () => {
    expect(readEmailAddress('　ｕｓｅｒ１＠Ｅｘａｍｐｌｅ．ｃｏ．ｊｐ ')).toBe('user1@example.co.jp');
    expect(readEmailAddress('Taro+sms@EXAMPLE.com')).toBe('Taro+sms@example.com');
    expect(readEmailAddress('taro@見本.example.jp')).toBe('taro@xn--8pvz87e.example.jp');
    expect(readEmailAddress('foo..bar.@docomo.example.jp')).toBe('foo..bar.@docomo.example.jp');
  });

  test('is null for what is no single address', () => {
    const broken = [
      '',
      'x',
      '@example.jp',
      'a@',
      'a@b',
      'a@@example.jp',
      'a b@example.jp',
      'a@example.jp, b@example.jp',
      'a@example.jp\r\nBcc: b@example.jp',
      'a\u0000@example.jp',
      '"a"@example.jp',
      '<a@example.jp>',
      'ta\u212aeshi@example.jp',
      '\u0130to@example.jp',
      'ta\u00adro@example.jp',
      '\u898b\u672c@example.jp',
      'a@exa_mple.jp',
      'a@-x.jp',
      `${'a'.repeat(65)}@example.jp`,
    ];
    for (const typed of broken) expect(readEmailAddress(typed), typed).toBeNull();
  });
});
