import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseEmailAddress } from './email-address.ts';

describe('V3: one mailbox has one key', () => {
  it.each([
    ['taro@example.co.jp', 'taro@example.co.jp', 'taro@example.co.jp'],
    ['  taro@example.co.jp\n', 'taro@example.co.jp', 'taro@example.co.jp'],
    ['　taro@example.co.jp　', 'taro@example.co.jp', 'taro@example.co.jp'],
    ['Taro.Mihon@Example.CO.JP', 'Taro.Mihon@example.co.jp', 'taro.mihon@example.co.jp'],
    ['ｔａｒｏ＠ｅｘａｍｐｌｅ．ｃｏ．ｊｐ', 'taro@example.co.jp', 'taro@example.co.jp'],
    ['taro@example。co。jp', 'taro@example.co.jp', 'taro@example.co.jp'],
    ['taro+sms@example.co.jp', 'taro+sms@example.co.jp', 'taro+sms@example.co.jp'],
    ['taro@見本.jp', 'taro@xn--8pvz87e.jp', 'taro@xn--8pvz87e.jp'],
    ['taro@xn--8pvz87e.jp', 'taro@xn--8pvz87e.jp', 'taro@xn--8pvz87e.jp'],
    ["o'hara@example.co.jp", "o'hara@example.co.jp", "o'hara@example.co.jp"],
  ])('reads %j', (typed, address, key) => {
    expect(parseEmailAddress(typed)).toEqual({ ok: true, address, key });
  });

  it.each(['taro..01.@docomo.ne.jp', '.taro@ezweb.ne.jp', 'foo..bar.@docomo.ne.jp', 'a.@docomo.ne.jp'])(
    'takes the dots in odd places that carriers handed out: %s',
    (address) => {
      expect(parseEmailAddress(address)).toEqual({ ok: true, address, key: address });
    },
  );

  it('writes a domain of look-alike letters in A-labels, so that it is never the domain that it looks like', () => {
    for (const lookAlike of ['taro@exаmple.co.jp', 'taro@еxample.co.jp', 'taro@example.со.jp']) {
      const parsed = parseEmailAddress(lookAlike);
      expect(parsed).toMatchObject({ ok: true });
      if (parsed.ok) expect(parsed.key).toMatch(/^taro@.*xn--/);
    }
  });
});

describe('V3: what could name a second mailbox or a header is refused', () => {
  it.each([
    ['nothing', ''],
    ['an absent value', undefined],
    ['null', null],
    ['a number', 7],
    ['a list', ['taro@example.co.jp', 'jiro@example.co.jp']],
    ['an object that looks like text', { toString: () => 'taro@example.co.jp' }],
    ['a list in one text', 'taro@example.co.jp,jiro@example.co.jp'],
    ['a list with a semicolon', 'taro@example.co.jp;jiro@example.co.jp'],
    ['a list with a space', 'taro@example.co.jp jiro@example.co.jp'],
    ['a group', 'all:taro@example.co.jp;'],
    ['a display name', 'Taro <taro@example.co.jp>'],
    ['angle brackets', '<taro@example.co.jp>'],
    ['a quoted local part', '"taro"@example.co.jp'],
    ['a quoted list', '"taro@example.co.jp,"@evil.example'],
    ['a comment', 'taro(comment)@example.co.jp'],
    ['a comment in the domain', 'taro@(comment)example.co.jp'],
    ['a header after CR LF', 'taro@example.co.jp\r\nBcc: jiro@example.co.jp'],
    ['CR LF in the local part', 'taro\r\n@example.co.jp'],
    ['a command after LF in the domain', 'taro@example\n.co.jp'],
    ['NUL', 'taro\u0000@example.co.jp'],
    ['NUL in the domain', 'taro@example.co.jp\u0000.evil.example'],
    ['a tab', 'ta\tro@example.co.jp'],
    ['two at signs', 'taro@example.co.jp@evil.example'],
    ['a full-width second at sign', 'taro＠evil.example@example.co.jp'],
    ['a percent route in the domain', 'taro@evil.example%40example.co.jp'],
    ['a bang path', 'evil.example!taro@example.co.jp/'],
    ['an address literal', 'taro@[192.0.2.1]'],
    ['a bare address', 'taro@192.0.2.1'],
    ['an octal address', 'taro@0300.0.2.1'],
    ['a port', 'taro@example.co.jp:25'],
    ['a path', 'taro@example.co.jp/x'],
    ['one label', 'taro@localhost'],
    ['an empty label', 'taro@example..jp'],
    ['a label that begins with a hyphen', 'taro@-example.jp'],
    ['no local part', '@example.co.jp'],
    ['no domain', 'taro@'],
    ['a local part of 65 characters', `${'a'.repeat(65)}@example.co.jp`],
    ['255 characters', `${'a'.repeat(60)}@${'b.'.repeat(95)}example`],
    ['a label of 64 characters', `taro@${'b'.repeat(64)}.jp`],
    ['letters beyond ASCII in the local part', '太郎@example.co.jp'],
    ['a letter that only looks like one of ASCII in the local part', 'tаro@example.co.jp'],
    ['an emoji', '😀@example.co.jp'],
    ['a direction mark', '\u202etaro@example.co.jp'],
  ])('%s', (_name, input) => {
    expect(parseEmailAddress(input)).toEqual({ ok: false, reason: 'address-malformed' });
  });

  it('whatever is typed, a key has no control character, no space, exactly one @, and is its own key', () => {
    const pieces = fc.constantFrom(
      'taro',
      'Ｔａｒｏ',
      '@',
      '＠',
      'example',
      '.',
      '。',
      'jp',
      'ß',
      'ſ',
      'K',
      'İ',
      '\u0000',
      '\r\n',
      ' ',
      '　',
      '"',
      ',',
      '<',
      '>',
      '(',
      '+',
      '%',
      '[',
      'xn--',
      '見本',
      '\u00ad',
      '\u200d',
      '١',
    );
    const typed = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 40 }),
      fc.array(pieces, { maxLength: 12 }).map((all) => all.join('')),
      fc
        .tuple(fc.array(pieces, { minLength: 1, maxLength: 4 }), fc.array(pieces, { maxLength: 3 }))
        .map(([a, b]) => `${a.join('')}@${b.join('')}example.jp`),
      fc.emailAddress(),
    );
    let taken = 0;
    fc.assert(
      fc.property(typed, (text) => {
        const parsed = parseEmailAddress(text);
        if (!parsed.ok) return;
        taken++;
        for (const one of [parsed.key, parsed.address]) {
          expect(one).toMatch(/^[\x21-\x7e]+$/);
          expect(one.split('@')).toHaveLength(2);
          expect(one).not.toMatch(/[<>()[\]",;:\\]/);
        }
        expect(parseEmailAddress(parsed.key)).toEqual({ ok: true, address: parsed.key, key: parsed.key });
        expect(parseEmailAddress(parsed.address)).toEqual(parsed);
        expect(parseEmailAddress(`  ${text.trim().toUpperCase()}  `)).toMatchObject(
          /[^\x00-\x7f]/.test(text) ? {} : { ok: true, key: parsed.key },
        );
      }),
      { numRuns: 3_000 },
    );
    expect(taken).toBeGreaterThan(300);
  });
});
