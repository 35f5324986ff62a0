import { expect, test } from 'vitest';
import { portsFrom } from './ports.ts';
import { aligned, welcome } from './table.ts';

const samples = {
  legacyPassword: 'Mihon-2026',
  accounts: [
    {
      emailAddress: 'user001@example.co.jp',
      name: '見本 太郎',
      note: { ja: '両方の管理画面を使う人', en: 'uses both consoles' },
    },
  ],
};

test('the table names every address of the public surface and the sample people, in Japanese and then in English', () => {
  const text = welcome(portsFrom(5100), '/data/logs', samples);
  const [ja, en] = text.split('Hitokagi is running.');
  for (const half of [ja, en]) {
    for (const port of [5100, 5200, 5300, 5400]) expect(half).toContain(`http://localhost:${port}`);
    for (const port of [5425, 5475]) expect(half).toMatch(new RegExp(` localhost:${port}`));
    for (const word of ['user001@example.co.jp', 'Mihon-2026', '/data/logs', 'Ctrl-C'])
      expect(half).toContain(word);
  }
  expect(ja).toContain('両方の管理画面を使う人');
  expect(en).toContain('uses both consoles');
});

test('without sample people the table leaves them out', () => {
  expect(welcome(portsFrom(5100), '/data/logs', null)).not.toContain('Mihon');
});

test('columns stay straight where Japanese letters are two columns wide', () => {
  expect(
    aligned([
      ['管理画面', 'x'],
      ['abcdefgh', 'y'],
      ['ab', 'z'],
    ]),
  ).toEqual(['    管理画面  x', '    abcdefgh  y', '    ab        z']);
});
