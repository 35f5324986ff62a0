import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { smpp } from '#support/smpp/smpp-library.ts';
import { encodingOf, measureText, partsOf } from './message-text.ts';

/** name of the case, text, encoding, characters, units, units left in the last part, units of each part */
type Case = readonly [string, string, 'gsm7' | 'ucs2', number, number, number, readonly number[]];

const a = (count: number) => 'a'.repeat(count);
const あ = (count: number) => 'あ'.repeat(count);
const 吉 = (count: number) => '𠮷'.repeat(count); // two UTF-16 units
const euro = (count: number) => '€'.repeat(count); // two septets

/** The basic table of GSM 03.38 in the order of 3GPP TS 23.038, 6.2.1, without the escape at 0x1B and CR (sent as LF). */
const BASIC =
  '@£$¥èéùìòÇ\nØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà';
/** The extension table, 6.2.1.1. */
const EXTENSION = '\f^{}\\[~]|€';
/** Not in either table: look-alikes, marks of other languages, Japanese of every kind, emoji. */
const OUTSIDE: readonly (readonly [string, number, number])[] = [
  ['`', 1, 1],
  ['´', 1, 1],
  ['ç', 1, 1],
  ['ê', 1, 1],
  ['Á', 1, 1],
  ['“', 1, 1],
  ['’', 1, 1],
  ['–', 1, 1],
  ['…', 1, 1],
  ['\u00a0', 1, 1],
  ['\u200b', 1, 1],
  ['\u3000', 1, 1],
  ['Α', 1, 1],
  ['А', 1, 1],
  ['あ', 1, 1],
  ['ア', 1, 1],
  ['ｱ', 1, 1],
  ['漢', 1, 1],
  ['Ａ', 1, 1],
  ['１', 1, 1],
  ['！', 1, 1],
  ['、', 1, 1],
  ['〜', 1, 1],
  ['～', 1, 1],
  ['￥', 1, 1],
  ['①', 1, 1],
  ['㈱', 1, 1],
  ['髙', 1, 1],
  ['﨑', 1, 1],
  ['か\u3099', 2, 2],
  ['ﾊﾟ', 2, 2],
  ['𠮷', 1, 2],
  ['𩸽', 1, 2],
  ['葛\u{e0100}', 2, 3],
  ['☎', 1, 1],
  ['☎\ufe0f', 2, 2],
  ['😀', 1, 2],
  ['👍🏽', 2, 4],
  ['🇯🇵', 2, 4],
  ['👨‍👩‍👧', 5, 8],
  ['\x1b', 1, 1],
  ['\t', 1, 1],
];

const TABLE: readonly Case[] = [
  ['no text', '', 'gsm7', 0, 0, 160, []],
  ['one letter', 'a', 'gsm7', 1, 1, 159, [1]],
  ['one kana', 'あ', 'ucs2', 1, 1, 69, [1]],
  ['a space', ' ', 'gsm7', 1, 1, 159, [1]],
  ['a wide space', '\u3000', 'ucs2', 1, 1, 69, [1]],

  // GSM 03.38: 160 in one, 153 in each of many
  ['66 letters', a(66), 'gsm7', 66, 66, 94, [66]],
  ['67 letters', a(67), 'gsm7', 67, 67, 93, [67]],
  ['70 letters', a(70), 'gsm7', 70, 70, 90, [70]],
  ['71 letters', a(71), 'gsm7', 71, 71, 89, [71]],
  ['152 letters', a(152), 'gsm7', 152, 152, 8, [152]],
  ['153 letters', a(153), 'gsm7', 153, 153, 7, [153]],
  ['154 letters', a(154), 'gsm7', 154, 154, 6, [154]],
  ['159 letters', a(159), 'gsm7', 159, 159, 1, [159]],
  ['160 letters', a(160), 'gsm7', 160, 160, 0, [160]],
  ['161 letters', a(161), 'gsm7', 161, 161, 145, [153, 8]],
  ['162 letters', a(162), 'gsm7', 162, 162, 144, [153, 9]],
  ['305 letters', a(305), 'gsm7', 305, 305, 1, [153, 152]],
  ['306 letters', a(306), 'gsm7', 306, 306, 0, [153, 153]],
  ['307 letters', a(307), 'gsm7', 307, 307, 152, [153, 153, 1]],
  ['458 letters', a(458), 'gsm7', 458, 458, 1, [153, 153, 152]],
  ['459 letters', a(459), 'gsm7', 459, 459, 0, [153, 153, 153]],
  ['460 letters', a(460), 'gsm7', 460, 460, 152, [153, 153, 153, 1]],
  ['612 letters', a(612), 'gsm7', 612, 612, 0, [153, 153, 153, 153]],
  ['613 letters', a(613), 'gsm7', 613, 613, 152, [153, 153, 153, 153, 1]],
  ['659 letters', a(659), 'gsm7', 659, 659, 106, [153, 153, 153, 153, 47]],
  ['660 letters', a(660), 'gsm7', 660, 660, 105, [153, 153, 153, 153, 48]],

  // The extension table: two septets, never cut apart
  ['79 euro signs', euro(79), 'gsm7', 79, 158, 2, [158]],
  ['80 euro signs', euro(80), 'gsm7', 80, 160, 0, [160]],
  ['81 euro signs', euro(81), 'gsm7', 81, 162, 143, [152, 10]],
  ['76 euro signs and a letter', euro(76) + 'a', 'gsm7', 77, 153, 7, [153]],
  ['158 letters and a euro sign', a(158) + '€', 'gsm7', 159, 160, 0, [160]],
  ['159 letters and a euro sign', a(159) + '€', 'gsm7', 160, 161, 145, [153, 8]],
  ['a euro sign before the cut', a(151) + '€' + a(8), 'gsm7', 160, 161, 145, [153, 8]],
  ['a euro sign across the cut', a(152) + '€' + a(7), 'gsm7', 160, 161, 144, [152, 9]],
  ['a euro sign after the cut', a(153) + '€' + a(6), 'gsm7', 160, 161, 145, [153, 8]],
  ['a brace before the second cut', a(304) + '{' + a(1), 'gsm7', 306, 307, 152, [153, 153, 1]],
  ['a brace across the second cut', a(305) + '{', 'gsm7', 306, 307, 151, [153, 152, 2]],
  ['a brace that fills the second part', a(304) + '}', 'gsm7', 305, 306, 0, [153, 153]],
  ['across both cuts', a(152) + '[' + a(150) + ']', 'gsm7', 304, 306, 151, [152, 152, 2]],
  ['a tilde in the first place', '~' + a(158), 'gsm7', 159, 160, 0, [160]],
  ['a tilde and one letter too many', '~' + a(159), 'gsm7', 160, 161, 145, [153, 8]],
  ['a bar in the last place', a(158) + '|', 'gsm7', 159, 160, 0, [160]],
  ['a backslash across the cut', a(152) + '\\' + a(10), 'gsm7', 163, 164, 141, [152, 12]],
  ['a caret across the cut', a(152) + '^' + a(10), 'gsm7', 163, 164, 141, [152, 12]],
  ['660 euro signs', euro(660), 'gsm7', 660, 1320, 49, [...Array<number>(8).fill(152), 104]],
  ['330 euro signs', euro(330), 'gsm7', 330, 660, 101, [152, 152, 152, 152, 52]],
  ['JSON', '{"code":"1234"}', 'gsm7', 15, 17, 143, [17]],
  ['a web address', 'https://example.co.jp/~a?b=[1]', 'gsm7', 30, 33, 127, [33]],

  // UCS-2: 70 in one, 67 in each of many
  ['66 kana', あ(66), 'ucs2', 66, 66, 4, [66]],
  ['67 kana', あ(67), 'ucs2', 67, 67, 3, [67]],
  ['68 kana', あ(68), 'ucs2', 68, 68, 2, [68]],
  ['69 kana', あ(69), 'ucs2', 69, 69, 1, [69]],
  ['70 kana', あ(70), 'ucs2', 70, 70, 0, [70]],
  ['71 kana', あ(71), 'ucs2', 71, 71, 63, [67, 4]],
  ['72 kana', あ(72), 'ucs2', 72, 72, 62, [67, 5]],
  ['133 kana', あ(133), 'ucs2', 133, 133, 1, [67, 66]],
  ['134 kana', あ(134), 'ucs2', 134, 134, 0, [67, 67]],
  ['135 kana', あ(135), 'ucs2', 135, 135, 66, [67, 67, 1]],
  ['200 kana', あ(200), 'ucs2', 200, 200, 1, [67, 67, 66]],
  ['201 kana', あ(201), 'ucs2', 201, 201, 0, [67, 67, 67]],
  ['202 kana', あ(202), 'ucs2', 202, 202, 66, [67, 67, 67, 1]],
  ['268 kana', あ(268), 'ucs2', 268, 268, 0, [67, 67, 67, 67]],
  ['269 kana', あ(269), 'ucs2', 269, 269, 66, [67, 67, 67, 67, 1]],
  ['335 kana', あ(335), 'ucs2', 335, 335, 0, Array<number>(5).fill(67)],
  ['603 kana', あ(603), 'ucs2', 603, 603, 0, Array<number>(9).fill(67)],
  ['604 kana', あ(604), 'ucs2', 604, 604, 66, [...Array<number>(9).fill(67), 1]],
  ['659 kana', あ(659), 'ucs2', 659, 659, 11, [...Array<number>(9).fill(67), 56]],
  ['660 kana', あ(660), 'ucs2', 660, 660, 10, [...Array<number>(9).fill(67), 57]],

  // One character outside the alphabet changes the whole text
  ['69 letters and a kana', a(69) + 'あ', 'ucs2', 70, 70, 0, [70]],
  ['70 letters and a kana', a(70) + 'あ', 'ucs2', 71, 71, 63, [67, 4]],
  ['a kana and 159 letters', 'あ' + a(159), 'ucs2', 160, 160, 41, [67, 67, 26]],
  ['160 letters and a curly quote', a(160) + '’', 'ucs2', 161, 161, 40, [67, 67, 27]],
  ['a euro sign among kana is one', あ(69) + '€', 'ucs2', 70, 70, 0, [70]],
  ['braces among kana are one each', '{' + あ(68) + '}', 'ucs2', 70, 70, 0, [70]],
  ['a non-breaking space', a(10) + '\u00a0' + a(10), 'ucs2', 21, 21, 49, [21]],

  // Pairs of surrogates: two units, never cut apart
  ['34 of 𠮷', 吉(34), 'ucs2', 34, 68, 2, [68]],
  ['35 of 𠮷', 吉(35), 'ucs2', 35, 70, 0, [70]],
  ['36 of 𠮷', 吉(36), 'ucs2', 36, 72, 61, [66, 6]],
  ['33 of 𠮷 and a kana', 吉(33) + 'あ', 'ucs2', 34, 67, 3, [67]],
  ['67 of 𠮷', 吉(67), 'ucs2', 67, 134, 65, [66, 66, 2]],
  ['330 of 𠮷', 吉(330), 'ucs2', 330, 660, 1, Array<number>(10).fill(66)],
  ['331 of 𠮷', 吉(331), 'ucs2', 331, 662, 65, [...Array<number>(10).fill(66), 2]],
  ['69 kana and 𠮷', あ(69) + '𠮷', 'ucs2', 70, 71, 63, [67, 4]],
  ['68 kana and 𠮷', あ(68) + '𠮷', 'ucs2', 69, 70, 0, [70]],
  ['𠮷 before the cut', あ(65) + '𠮷' + あ(4), 'ucs2', 70, 71, 63, [67, 4]],
  ['𠮷 across the cut', あ(66) + '𠮷' + あ(3), 'ucs2', 70, 71, 62, [66, 5]],
  ['𠮷 after the cut', あ(67) + '𠮷' + あ(2), 'ucs2', 70, 71, 63, [67, 4]],
  ['𠮷 across the second cut', あ(133) + '𠮷', 'ucs2', 134, 135, 65, [67, 66, 2]],
  ['𠮷 fills the second part', あ(132) + '𠮷', 'ucs2', 133, 134, 0, [67, 67]],
  ['𠮷 across both cuts', あ(66) + '𠮷' + あ(64) + '𠮷', 'ucs2', 132, 134, 65, [66, 66, 2]],
  ['an emoji across the cut', あ(66) + '😀' + あ(10), 'ucs2', 77, 78, 55, [66, 12]],
  ['a family across the cut is cut between its members', あ(64) + '👨‍👩‍👧', 'ucs2', 69, 72, 62, [67, 5]],
  ['a flag across the cut is cut between its letters', あ(65) + '🇯🇵' + あ(2), 'ucs2', 69, 71, 63, [67, 4]],
  ['a mark apart from its kana', あ(66) + 'か\u3099' + あ(3), 'ucs2', 71, 71, 63, [67, 4]],
  ['half a pair counts as it stands', 'あ\ud842', 'ucs2', 2, 2, 68, [2]],

  // Line breaks: one each, however typed
  ['LF', 'a\nb', 'gsm7', 3, 3, 157, [3]],
  ['CR LF', 'a\r\nb', 'gsm7', 3, 3, 157, [3]],
  ['CR', 'a\rb', 'gsm7', 3, 3, 157, [3]],
  ['two of them', 'a\r\n\r\nb', 'gsm7', 4, 4, 156, [4]],
  ['CR LF that would be the 161st', a(159) + '\r\n', 'gsm7', 160, 160, 0, [160]],
  ['CR LF that would be the 71st', あ(69) + '\r\n', 'ucs2', 70, 70, 0, [70]],
  ['a break at the cut', あ(66) + '\r\n' + あ(4), 'ucs2', 71, 71, 63, [67, 4]],

  // Texts as they are sent
  ['a code', 'Your code is 1234 5678.', 'gsm7', 23, 23, 137, [23]],
  ['a code in Japanese', '検証コードは 1234 5678 です。', 'ucs2', 20, 20, 50, [20]],
  ['katakana in half width', 'ﾃﾞﾝﾜﾊﾞﾝｺﾞｳ', 'ucs2', 10, 10, 60, [10]],
  ['a price with the yen of GSM', '¥1,980', 'gsm7', 6, 6, 154, [6]],
  ['a price with the wide yen', '￥1,980', 'ucs2', 6, 6, 64, [6]],
  ['a shop', '𠮷野家 髙島店', 'ucs2', 7, 8, 62, [8]],
  ['a notice', '【絶対リーチ!】本日17時までにご来店ください。', 'ucs2', 24, 24, 46, [24]],
  ['Greek capitals of GSM', 'ΔΦΓΛΩΠΨΣΘΞ', 'gsm7', 10, 10, 150, [10]],
  ['Greek small letters', 'αβγ', 'ucs2', 3, 3, 67, [3]],
  ['German', 'Schöne Grüße für 5 €', 'gsm7', 20, 21, 139, [21]],
  ['French with a circumflex', 'Fête', 'ucs2', 4, 4, 66, [4]],
  ['an address with a wide hyphen', '東京都千代田区1－2－3', 'ucs2', 12, 12, 58, [12]],
  ['Cyrillic', 'Привет', 'ucs2', 6, 6, 64, [6]],
];

const WHOLE_TABLE: readonly Case[] = [
  ...TABLE,
  ...Array.from(BASIC, (one): Case => [`basic ${shown(one)}`, one, 'gsm7', 1, 1, 159, [1]]),
  ...Array.from(EXTENSION, (one): Case => [`extension ${shown(one)}`, one, 'gsm7', 1, 2, 158, [2]]),
  ...OUTSIDE.map(([text, characters, units]): Case => [
    `outside ${shown(text)}`,
    text,
    'ucs2',
    characters,
    units,
    70 - units,
    [units],
  ]),
];

describe('R29: texts are measured and cut as the table says', () => {
  test('of at least 200 cases', () => {
    expect(WHOLE_TABLE.length).toBeGreaterThanOrEqual(200);
    expect(new Set(BASIC).size + 2).toBe(128);
  });

  test.each(WHOLE_TABLE)('%s', (_name, text, encoding, characters, units, left, parts) => {
    const single = encoding === 'gsm7' ? 160 : 70;
    const one = encoding === 'gsm7' ? 153 : 67;
    expect(measureText(text)).toEqual({
      encoding,
      characters,
      units,
      parts: parts.length,
      unitsPerPart: parts.length > 1 ? one : single,
      unitsLeftInLastPart: left,
    });
    expect(partsOf(text).map((part) => unitsOnTheWire(part, encoding))).toEqual(parts);
  });
});

describe('R29: 16-bit references leave a unit less in each part', () => {
  test.each([
    [a(160), [160]],
    [a(161), [152, 9]],
    [a(304), [152, 152]],
    [a(305), [152, 152, 1]],
    [a(151) + '€' + a(10), [151, 12]],
    [あ(70), [70]],
    [あ(71), [66, 5]],
    [あ(132), [66, 66]],
    [あ(133), [66, 66, 1]],
    [あ(65) + '𠮷' + あ(4), [65, 6]],
    [あ(660), Array<number>(10).fill(66)],
  ])('%s', (text, parts) => {
    const encoding = encodingOf(text);
    expect(partsOf(text, '16-bit').map((part) => unitsOnTheWire(part, encoding))).toEqual(parts);
  });
});

test('R29: whatever is written, its parts are the text, none is too long, and the encoder of the library gives it back', () => {
  const letters = fc.constantFrom(...BASIC, ...EXTENSION);
  const any = fc.oneof(letters, fc.constantFrom('あ', '漢', '𠮷', '😀', '\u200d', '\u3099'));
  const texts = fc.oneof(
    fc.array(letters, { maxLength: 660 }).map((all) => all.join('')),
    fc.array(any, { maxLength: 330 }).map((all) => all.join('')),
  );
  fc.assert(
    fc.property(texts, fc.constantFrom('8-bit' as const, '16-bit' as const), (text, reference) => {
      const encoding = encodingOf(text);
      const parts = partsOf(text, reference);
      expect(parts.join('')).toBe(text);
      const octets = reference === '8-bit' ? 134 : 133;
      for (const part of parts) {
        const units = unitsOnTheWire(part, encoding);
        const packed = encoding === 'gsm7' ? Math.ceil((units * 7) / 8) : units * 2;
        expect(packed).toBeLessThanOrEqual(parts.length > 1 ? octets : 140);
        expect(part.isWellFormed()).toBe(true);
        expect(decoded(part, encoding)).toBe(part);
      }
    }),
    { numRuns: 200 },
  );
});

/** As the library writes it: one octet a septet, two a UTF-16 unit. */
function unitsOnTheWire(part: string, encoding: 'gsm7' | 'ucs2'): number {
  return encoding === 'gsm7'
    ? smpp.encodings.ASCII.encode(part).length
    : smpp.encodings.UCS2.encode(part).length / 2;
}

function decoded(part: string, encoding: 'gsm7' | 'ucs2'): string {
  const coder = encoding === 'gsm7' ? smpp.encodings.ASCII : smpp.encodings.UCS2;
  return coder.decode(coder.encode(part));
}

function shown(text: string): string {
  const codes = Array.from(text, (one) => one.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0'));
  return `${JSON.stringify(text)} U+${codes.join(' U+')}`;
}
