import { randomInt } from 'node:crypto';
import { ZxcvbnFactory } from '@zxcvbn-ts/core';
import * as common from '@zxcvbn-ts/language-common';
import * as english from '@zxcvbn-ts/language-en';
import * as japanese from '@zxcvbn-ts/language-ja';
import { beforeAll, describe, expect, it } from 'vitest';
import { commonWordsJudge } from './common-words.ts';
import {
  DEFAULT_PASSWORD_RULES,
  LIMITS,
  passwordFaults,
  warmPasswordRules,
  type PasswordFault,
} from './password-rules.ts';

const PERSON = {
  emailAddress: 'keiri.tantou@mihon-shoji.co.jp',
  words: ['見本 太郎', 'Hanazono Kirarinmaru', '見本商事', 'Mihonshoji'],
};
const faultsOf = (password: string): Promise<readonly PasswordFault[]> =>
  passwordFaults(password, PERSON, DEFAULT_PASSWORD_RULES);
/** Those of the passwords that have faults. */
async function refusedOf(passwords: readonly string[]): Promise<string[]> {
  const refused: string[] = [];
  for (const password of passwords)
    if ((await passwordFaults(password, { emailAddress: 'q@x.jp' }, DEFAULT_PASSWORD_RULES)).length > 0)
      refused.push(password);
  return refused;
}

beforeAll(warmPasswordRules);

describe('R5: each rule, broken alone, is named', () => {
  it.each<[string, PasswordFault[]]>([
    ['Kaw4-no', ['too-short']],
    ['KAWA-NO-OTO 41', ['no-lower-case']],
    ['kawa-no-oto 41', ['no-upper-case']],
    ['Kawa-no-oto yon', ['no-digit']],
    ['Kawanooto41desu', ['no-symbol']],
    [`Kawa-no-oto 41 ${'desu '.repeat(23)}`, ['too-long']],
    ['Keiri.Tantou-41', ['contains-address']],
    ['41-MIHON-shoji.co.jp', ['contains-address']],
    ['Password1!', ['too-common']],
    ['Mihonshoji-1', ['too-common']],
    ['Kirarinmaru-1', ['too-common']],
    ['Hitokagi1!', ['too-common']],
    ['Zettaireach1!', ['too-common']],
  ])('%s: %j', async (password, faults) => {
    expect(await faultsOf(password)).toEqual(faults);
  });

  it('names all broken rules at once, in the order of the page', async () => {
    expect(await faultsOf('')).toEqual([
      'too-short',
      'no-lower-case',
      'no-upper-case',
      'no-digit',
      'no-symbol',
    ]);
    expect(await faultsOf('aaa')).toEqual(['too-short', 'no-upper-case', 'no-digit', 'no-symbol']);
  });

  it('a local part of two letters and a short domain are no reason to refuse', async () => {
    expect(
      await passwordFaults('Yo-kawa-no-oto 41', { emailAddress: 'yo@a.jp' }, DEFAULT_PASSWORD_RULES),
    ).toEqual([]);
  });
});

describe('R5: the rules are read generously', () => {
  it.each([
    ['a space is a symbol', 'Kawano oto41desu'],
    ['punctuation of any script is a symbol', 'Kawanooto41desu。'],
    ['a letter without case is neither upper nor lower, and no symbol', 'Kawa41、川の音です'],
    ['an emoji is a symbol', 'Kawanooto41desu🐟'],
    ['a combining mark is a symbol', 'Kawanooto41q\u0323x'],
    ['letters of other scripts have case', 'Θάλασσα-ирбис-41'],
    ['figures of other scripts are digits', 'Kawa-no-oto-desu-٤١'],
    ['full-width letters count as what they are', 'Ｋａｗａ－ｎｏ－ｏｔｏ ４１'],
    ['eight characters are enough when they are good ones', 'q7#Vx!zR'],
    ['128 characters are allowed', `Kawa-no-oto 41 ${'yamatsuki'.repeat(13)}`.slice(0, 128)],
  ])('%s', async (_name, password) => {
    expect(await faultsOf(password)).toEqual([]);
  });

  it('64 characters and more are allowed, counted in characters and not in bytes or code units', async () => {
    expect(await faultsOf(`Aa1!${'川の音と山の月'.repeat(9)}`.slice(0, 64))).toEqual([]);
    const fish = `Kawa-no 41 ${'🐟🦊🌊'.repeat(39)}`;
    expect([...fish]).toHaveLength(128);
    expect(await faultsOf(fish)).toEqual([]);
    expect(await faultsOf(`${fish}🐟`)).toEqual(['too-long']);
  });

  it('a letter without case does not stand for a symbol', async () => {
    expect(await faultsOf('Kawanooto41川')).toEqual(['no-symbol']);
  });

  it('composed and decomposed spellings are one password', async () => {
    expect(await faultsOf('Cafe\u0301-no-oto 41')).toEqual(await faultsOf('Caf\u00e9-no-oto 41'));
    // Seven characters that a keyboard sent as eight code points.
    expect(await faultsOf('e\u0301A1!bcd')).toContain('too-short');
  });
});

describe('R5: packed dictionaries', () => {
  it('judge as the library does with its own', async () => {
    const dictionary = { ...common.dictionary, ...english.dictionary, ...japanese.dictionary };
    const whole = new ZxcvbnFactory({ ...LIMITS, dictionary, graphs: common.adjacencyGraphs });
    const packed = await commonWordsJudge(LIMITS);
    const words = Object.values(dictionary).flatMap((list) =>
      Array.from({ length: 12 }, () => list[randomInt(list.length)] as string),
    );
    const texts = words.flatMap((word, i) => [word, `${word}-${words[i - 1]}`, `X${word.toUpperCase()}9!`]);
    for (const text of ['Kawa-no-oto 41', 'mondayTuesday', 'P@ssw0rd', ...texts]) {
      const { score, guesses, sequence } = packed.check(text, ['mihon']);
      const theirs = whole.check(text, ['mihon']);
      expect({ score, guesses, sequence }, text).toEqual({
        score: theirs.score,
        guesses: theirs.guesses,
        sequence: theirs.sequence,
      });
    }
  }, 60_000);
});

describe('R5: what guessing finds soon is refused', () => {
  it('at least 99 % of 2,000 common words bent to the rule', async () => {
    const cap = (word: string): string => `${word[0]?.toUpperCase()}${word.slice(1)}`;
    const bends: ((word: string) => string)[] = [
      (word) => `${cap(word)}1!`,
      (word) => `${cap(word)}7?`,
      (word) => `${cap(word)}!1`,
      (word) => `${cap(word)}_3`,
      (word) => `${cap(word)}12!`,
      (word) => `${cap(word).replaceAll('a', '@')}1!`,
      (word) => `${cap(word).replaceAll('a', '@')}9#`,
      (word) => `${cap(word).replaceAll('a', '@').replaceAll('o', '0')}1!`,
    ];
    const lists = [
      common.dictionary['passwords-common'],
      english.dictionary['commonWords-en'],
      english.dictionary['lastnames-en'],
      japanese.dictionary.commonWords,
      japanese.dictionary.lastnames,
    ] as string[][];
    const words = lists.flatMap((list) => {
      const usable = list.filter((word) => /^[a-z]{6,12}$/.test(word)).slice(0, 5_000);
      return Array.from({ length: 50 }, (_, i) => usable[Math.floor((i * usable.length) / 50)] as string);
    });
    const bent = words.flatMap((word) => bends.map((bend) => bend(word)));
    expect(bent).toHaveLength(2_000);
    const refused = new Set(await refusedOf(bent));
    const accepted = bent.filter((password) => !refused.has(password));
    expect(accepted.length, `accepted: ${accepted.slice(0, 20).join(' ')}`).toBeLessThanOrEqual(20);
  }, 120_000);

  it('at most 1 of 300 random passphrases that meet the rule', async () => {
    const list = common.dictionary['diceware-common'].filter((word) => word.length >= 4);
    const phrases = Array.from({ length: 300 }, () => {
      const [first = '', ...rest] = Array.from({ length: 4 }, () => list[randomInt(list.length)] as string);
      return `${first[0]?.toUpperCase()}${first.slice(1)}-${rest.join('-')} ${randomInt(10)}`;
    });
    const refused = await refusedOf(phrases);
    expect(refused.length, refused.join('\n')).toBeLessThanOrEqual(1);
  }, 120_000);

  it('of random passwords of eight characters most may be set', async () => {
    const letters = [
      'abcdefghijklmnopqrstuvwxyz',
      'ABCDEFGHIJKLMNOPQRSTUVWXYZ',
      '0123456789',
      '!#$%&()*+-./:;=?@_',
    ];
    const one = (from: string): string => from[randomInt(from.length)] as string;
    const passwords = Array.from({ length: 100 }, () =>
      [...letters.map(one), ...Array.from({ length: 4 }, () => one(letters.join('')))]
        .sort(() => randomInt(3) - 1)
        .join(''),
    );
    const refused = await refusedOf(passwords);
    expect(refused.length, refused.join(' ')).toBeLessThanOrEqual(20);
  });

  it('P4: no text makes the judgement stop the event loop for more than 100 ms', async () => {
    const hostile = [
      '4@8({[<369&#!1|0$5+7%2',
      'p4ssw0rd',
      'a4@e3i1!o0s5$t7+l|',
      '1999-12-31 ',
      '1234567890',
      '3141592653589793238462643383279502884197',
      'qwertyuiopasdfghjkl',
      '4aAa@4',
      'あいうえお漢字',
      'thethethe',
    ].map((piece) => [...`Aa1!${piece.repeat(30)}`].slice(0, 128).join(''));
    for (const password of hostile) {
      const times: number[] = [];
      for (let i = 0; i < 3; i++) {
        const begin = process.threadCpuUsage();
        await faultsOf(password);
        times.push(process.threadCpuUsage(begin).user / 1_000);
      }
      expect(Math.min(...times), password.slice(0, 30)).toBeLessThan(100);
    }
  });
});
