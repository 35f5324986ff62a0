import fc from 'fast-check';

/** Inside addresses as attackers write them. `PORT` stands where a trap listens. */
export const INSIDE_ADDRESSES: readonly string[] = [
  'http://127.0.0.1:PORT/',
  'http://127.0.0.1.:PORT/',
  'http://127.1:PORT/',
  'http://127.0.1:PORT/',
  'http://127.255.255.254:PORT/',
  'http://2130706433:PORT/',
  'http://017700000001:PORT/',
  'http://0x7f000001:PORT/',
  'http://0x7F.0X0.0.0x1:PORT/',
  'http://0177.0.0.1:PORT/',
  'http://0177.0000.0.0x1:PORT/',
  'http://0x7f.1:PORT/',
  'http://%31%32%37.0.0.1:PORT/',
  'http://①②⑦.⓪.⓪.①:PORT/',
  'http://１２７。０。０。１:PORT/',
  'http://127｡0｡0｡1:PORT/',
  'http://𝟏𝟐𝟕.𝟎.𝟎.𝟏:PORT/',
  'http://0:PORT/',
  'http://0.0.0.0:PORT/',
  'http://00.0:PORT/',
  'http://[::1]:PORT/',
  'http://[::]:PORT/',
  'http://[0:0:0:0:0:0:0:1]:PORT/',
  'http://[0000::0001]:PORT/',
  'http://[::ffff:127.0.0.1]:PORT/',
  'http://[::ffff:7f00:1]:PORT/',
  'http://[0:0:0:0:0:FFFF:7f00:0001]:PORT/',
  'http://[::127.0.0.1]:PORT/',
  'http://[::ffff:0:127.0.0.1]:PORT/',
  'http://[64:ff9b::127.0.0.1]:PORT/',
  'http://[64:ff9b:1::127.0.0.1]:PORT/',
  'http://[2002:7f00:1::]:PORT/',
  'http://[2001:0:7f00:1::]:PORT/',
  'http://localhost:PORT/',
  'http://LOCALHOST:PORT/',
  'http://localhost.:PORT/',
  'http://ｌｏｃａｌｈｏｓｔ:PORT/',
  'http://loc\u00adalhost:PORT/',
  'http://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ:PORT/',
  'http://lo\tcal\nhost:PORT/',
  'http:\\\\127.0.0.1:PORT\\',
  'http:127.0.0.1:PORT/',
  'http:///127.0.0.1:PORT/',
  'http://console.localhost:PORT/',
  'http://console.localhost.:PORT/',
  'https://127.0.0.1:PORT/',
  'https://localhost:PORT/',
  'http://taro:word@127.0.0.1:PORT/',
  'http://sms.example.co.jp@127.0.0.1:PORT/',
  'http://:word@localhost:PORT/',
  'http://sms.example.co.jp\\@127.0.0.1:PORT/',
  'http://127.0.0.1:PORT\\@sms.example.co.jp/',
  'http://127.0.0.1:PORT?@sms.example.co.jp/',
  'http://127.0.0.1:PORT#@sms.example.co.jp/',
  'http://169.254.169.254/latest/meta-data/',
  'http://169.254.169.254./latest/meta-data/',
  'http://2852039166/latest/meta-data/',
  'http://0xa9fea9fe/latest/meta-data/',
  'http://[::ffff:169.254.169.254]/latest/meta-data/',
  'http://[fd00:ec2::254]/latest/meta-data/',
  'http://[fe80::a9fe:a9fe]/latest/meta-data/',
  'http://10.0.0.1/',
  'http://172.16.0.1/',
  'http://172.31.255.255/',
  'http://192.168.0.1/',
  'http://100.64.0.1/',
  'http://192.0.0.170/',
  'http://198.18.0.1/',
  'http://224.0.0.1/',
  'http://255.255.255.255/',
  'http://[fc00::1]/',
  'http://[fec0::1]/',
  'http://[ff02::1]/',
  'ftp://127.0.0.1:PORT/',
  'gopher://127.0.0.1:PORT/_POST',
  'unix:/var/run/docker.sock',
  'file:///etc/passwd',
  'ws://127.0.0.1:PORT/',
  'data:text/plain,127.0.0.1:PORT',
  'javascript:fetch("http://127.0.0.1:PORT/")',
  '//127.0.0.1:PORT/',
  '127.0.0.1:PORT',
  '',
];

type Notation = 'decimal' | 'octal' | 'hex' | 'HEX' | 'padded';

/** Any address of an inside network of IPv4, in any notation in which a URL may hold it. */
export const writtenInside = fc
  .tuple(
    fc.constantFrom(
      [127, 8],
      [10, 8],
      [0, 8],
      [0xac10, 12],
      [0xc0a8, 16],
      [0xa9fe, 16],
      [0x6440, 10],
      [0xe, 4],
      [0xf, 4],
    ),
    fc.nat({ max: 0xffffffff }),
    fc.array(fc.constantFrom<Notation[]>('decimal', 'octal', 'hex', 'HEX', 'padded'), {
      minLength: 4,
      maxLength: 4,
    }),
    fc.constantFrom(1, 2, 3, 4),
    fc.constantFrom('', '.'),
    fc.constantFrom('plain', 'full-width', 'percent', 'mapped', 'compatible', 'translated', '6to4', 'nat64'),
  )
  .map(([network, rest, notations, parts, dot, dress]) => {
    const number = withinNetwork(network as [number, number], rest);
    if (['mapped', 'compatible', 'translated', '6to4', 'nat64'].includes(dress))
      return `http://[${SIXES[dress as keyof typeof SIXES](number)}]/`;
    const plain = written(number, parts, notations) + dot;
    if (dress === 'full-width')
      return `http://${[...plain].map((sign) => String.fromCodePoint((sign.codePointAt(0) ?? 0) + 0xfee0)).join('')}/`;
    if (dress === 'percent')
      return `http://${[...plain].map((sign) => `%${sign.charCodeAt(0).toString(16)}`).join('')}/`;
    return `http://${plain}/`;
  });

const SIXES = {
  mapped: (number: number) => `::ffff:${dotted(number)}`,
  compatible: (number: number) => `::${dotted(number)}`,
  translated: (number: number) => `::ffff:0:${dotted(number)}`,
  nat64: (number: number) => `64:ff9b::${dotted(number)}`,
  '6to4': (number: number) =>
    `2002:${(number >>> 16).toString(16)}:${(number & 0xffff).toString(16)}:0:0:0:0:1`,
};

/** The leading bits of the network, the others as drawn. A network of 12 or 10 bits is written with 16. */
function withinNetwork([network, prefix]: [number, number], rest: number): number {
  const width = network > 0xff ? 16 : network > 0xf ? 8 : Math.max(prefix, 4) === 4 ? 4 : 8;
  const lead = (network << (32 - width)) >>> 0;
  const mask = prefix === 32 ? 0 : 0xffffffff >>> prefix;
  return ((lead & ~mask) | (rest & mask)) >>> 0;
}

function dotted(number: number): string {
  return [24, 16, 8, 0].map((shift) => (number >>> shift) & 255).join('.');
}

/** As inet_aton reads it: the last part holds all remaining bytes. */
function written(number: number, parts: number, notations: readonly Notation[]): string {
  const numbers = [24, 16, 8].slice(0, parts - 1).map((shift) => (number >>> shift) & 255);
  numbers.push(parts === 1 ? number : number & (0xffffffff >>> (8 * (parts - 1))));
  return numbers
    .map((part, at) => {
      switch (notations[at] ?? 'decimal') {
        case 'octal':
          return `0${part.toString(8)}`;
        case 'padded':
          return `000${part.toString(8)}`;
        case 'hex':
          return `0x${part.toString(16)}`;
        case 'HEX':
          return `0X${part.toString(16).toUpperCase()}`;
        case 'decimal':
        case undefined:
          return String(part);
      }
    })
    .join('.');
}
