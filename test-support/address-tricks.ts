import fc from 'fast-check';

/** Where the attacker reads mail. */
export const ATTACKER = 'attacker@evil.example';

/** Letters that fold, decompose or look like one of ASCII. */
const LOOKALIKES: Readonly<Record<string, readonly string[]>> = {
  a: ['а', 'ａ', 'á', 'ª', 'Ａ', '𝐚', 'A'],
  b: ['Ь', 'ｂ', 'B'],
  e: ['е', 'é', '℮', 'E'],
  i: ['İ', 'ı', 'і', 'í', 'I', 'ℹ'],
  k: ['\u212a', 'к', 'K'],
  n: ['ｎ', 'ո', 'N'],
  o: ['о', 'ο', '０', 'º', 'O'],
  r: ['г', 'R'],
  s: ['ſ', 'ѕ', 'ß', 'S'],
  t: ['т', 'ᵗ', 'T'],
  w: ['ѡ', 'Ｗ', 'W'],
  x: ['х', 'ⅹ', 'X'],
  '.': ['。', '．', '․', '｡', '..'],
  '@': ['＠', '﹫', '@@', '%40'],
  '+': ['＋', '﹢'],
  '-': ['‐', '－', '\u00ad'],
};

const CHUNKS: readonly string[] = [
  '\r\n',
  '\n',
  '\r',
  '\0',
  '\t',
  ' ',
  '\u0085',
  '\u2028',
  '\u200b',
  '\u202e',
  '\ufeff',
  '"',
  "'",
  '(',
  ')',
  '(comment)',
  ',',
  ';',
  ':',
  '<',
  '>',
  '\\',
  '/',
  '%0d%0a',
  '%00',
  '=0D=0A',
  '=?utf-8?Q?=0D=0A?=',
  '\r\nBcc: attacker@evil.example\r\n',
  '\r\nRCPT TO:<attacker@evil.example>\r\n',
  '>\r\nRCPT TO:<attacker@evil.example',
  '\r\n.\r\nMAIL FROM:<x@evil.example>\r\n',
  `,${ATTACKER}`,
  `;${ATTACKER}`,
  ` ${ATTACKER}`,
  ` <${ATTACKER}>`,
  '@evil.example',
  '%evil.example',
  '!evil.example',
  '\u0130',
  '嘊嘍',
];

/** What an attacker types to have a mail for `victim` go elsewhere too, or instead, or to be taken for another. */
export function tricksOn(victim: string): string[] {
  const [local = '', domain = ''] = victim.split('@');
  return [
    `${victim},${ATTACKER}`,
    `${ATTACKER},${victim}`,
    `${victim};${ATTACKER}`,
    `${victim} ${ATTACKER}`,
    `${victim}\t${ATTACKER}`,
    `${victim}\n${ATTACKER}`,
    `${victim}\r\nBcc: ${ATTACKER}`,
    `${victim}\r\nTo: ${ATTACKER}`,
    `${victim}%0d%0aBcc:%20${ATTACKER}`,
    `${victim}>\r\nRCPT TO:<${ATTACKER}>`,
    `${victim}>\r\nDATA\r\nSubject: x\r\n\r\nx\r\n.\r\n`,
    `${victim}\0${ATTACKER}`,
    `${victim}\0.evil.example`,
    `<${victim}>${ATTACKER}`,
    `<${ATTACKER}>${victim}`,
    `${victim} <${ATTACKER}>`,
    `"${victim}" <${ATTACKER}>`,
    `"${victim},"@evil.example`,
    `"${local}\r\n"@${domain}`,
    `"${local}"@${domain}`,
    `${local}(${ATTACKER})@${domain}`,
    `${local}@(comment)${domain}`,
    `${victim}(${ATTACKER})`,
    `all:${victim},${ATTACKER};`,
    `@evil.example:${victim}`,
    `${victim}@evil.example`,
    `${local}%${domain}@evil.example`,
    `evil.example!${victim}`,
    `${local}＠${domain}@evil.example`,
    `${victim}\\@evil.example`,
    `${victim}/@evil.example`,
    `${victim}#@evil.example`,
    `${victim}?bcc=${ATTACKER}`,
    `mailto:${victim}`,
    `${local}@${domain}:25`,
    `${local}@${domain}\u3002evil.example`,
    `${local}@${domain}．evil．example`,
    `${local}@[127.0.0.1]`,
    `${local}@[IPv6:::1]`,
    `${local}@localhost`,
    `${local}\u0000@${domain}`,
    `${local}@${domain}${'.'.repeat(300)}`,
    `${'a'.repeat(5_000)}${victim}`,
    `${victim}${' '.repeat(900)},${ATTACKER}`,
    victim.toUpperCase(),
    [...victim].map((sign, at) => (at % 2 ? sign.toUpperCase() : sign)).join(''),
    `\u3000${victim}\u3000`,
    `\ufeff${victim}`,
    `${local}\u00ad@${domain}`,
    `${local}@${domain.replace('.', '\u00ad.')}`,
    victim.normalize('NFD'),
    [...victim]
      .map((sign) => (/[!-~]/.test(sign) ? String.fromCharCode(sign.charCodeAt(0) + 0xfee0) : sign))
      .join(''),
    ...[...victim].flatMap((sign, at) =>
      (LOOKALIKES[sign] ?? []).map((look) => victim.slice(0, at) + look + victim.slice(at + 1)),
    ),
  ];
}

/** The same by the dice: a victim's address with letters replaced and pieces put in. */
export function drawnTricks(victims: readonly string[]) {
  const change = fc.oneof(
    fc.record({ at: fc.nat({ max: 60 }), put: fc.constantFrom(...CHUNKS), over: fc.nat({ max: 2 }) }),
    fc.record({
      at: fc.nat({ max: 60 }),
      put: fc.constantFrom(...Object.values(LOOKALIKES).flat()),
      over: fc.constant(1),
    }),
    fc.record({
      at: fc.nat({ max: 60 }),
      put: fc.string({ unit: 'binary', maxLength: 3 }).map((text) => text.toWellFormed()),
      over: fc.nat({ max: 1 }),
    }),
  );
  return fc
    .tuple(fc.constantFrom(...victims), fc.array(change, { minLength: 1, maxLength: 3 }))
    .map(([victim, changes]) =>
      changes.reduce((text, { at, put, over }) => {
        const place = at % (text.length + 1);
        return text.slice(0, place) + put + text.slice(place + over);
      }, victim),
    );
}
