import { fork } from 'node:child_process';
import { ZxcvbnFactory, type OptionsType } from '@zxcvbn-ts/core';
import type { CommonWords } from './common-words-reader.ts';
import { ranksOf, type WordTable } from './word-table.ts';

/**
 * The library that judges passwords, with its dictionaries in packed form: read as usual they are 270,000 properties and their texts, 33 MiB in every server; packed by a process that then ends
 * they are 4. (A thread would leave 20 MiB behind: its memory is the server's.) What it judges is the same (see the test).
 */
export async function commonWordsJudge(limits: OptionsType): Promise<ZxcvbnFactory> {
  const { table, graphs } = await packedElsewhere();
  const judge = new ZxcvbnFactory({ ...limits, graphs });
  // The library has no way to be given ranks; it looks into these two objects, and into nothing else of a dictionary.
  Object.assign((judge as unknown as { options: object }).options, {
    rankedDictionaries: rankedDictionaries(table),
    rankedDictionariesMaxWordSize: Object.fromEntries(
      table.dictionaries.map(({ name, longest }) => [name, longest]),
    ),
  });
  return judge;
}

function packedElsewhere(): Promise<CommonWords> {
  const reader = fork(new URL('./common-words-reader.ts', import.meta.url), {
    execArgv: [],
    env: {},
    serialization: 'advanced',
  });
  return new Promise((resolve, reject) => {
    reader.once('message', (words) => resolve(words as CommonWords)).once('error', reject);
    reader.once('exit', () => reject(new Error('The dictionaries were not read.')));
  });
}

/** Objects that answer as the library's own: each word is a property, its rank the value. The library asks every dictionary for one word after the other, so the last answer is kept. */
function rankedDictionaries(table: WordTable): Record<string, Record<string, number>> {
  let last: { word: string; ranks: readonly (number | undefined)[] } | undefined;
  const rank = (dictionary: number, word: string): number | undefined => {
    if (last?.word !== word) last = { word, ranks: ranksOf(table, word) };
    return last.ranks[dictionary];
  };
  return Object.fromEntries(
    table.dictionaries.map(({ name }, dictionary) => [
      name,
      new Proxy<Record<string, number>>(
        {},
        { get: (_, word) => (typeof word === 'string' ? rank(dictionary, word) : undefined) },
      ),
    ]),
  );
}
