// The program that reads the dictionaries of common words, hands them over in packed form, and ends: what it read is gone with it.
import * as common from '@zxcvbn-ts/language-common';
import * as english from '@zxcvbn-ts/language-en';
import * as japanese from '@zxcvbn-ts/language-ja';
import { packWords, type WordTable } from './word-table.ts';

export type CommonWords = { table: WordTable; graphs: typeof common.adjacencyGraphs };

const table = packWords({ ...common.dictionary, ...english.dictionary, ...japanese.dictionary });
// Whoever asked may have died meanwhile: then there is nobody to tell, and nothing to say.
process.send?.({ table, graphs: common.adjacencyGraphs } satisfies CommonWords, () => process.exit());
