/** Words with their rank in each of some dictionaries, in one block of memory that threads can hand over. */
export type WordTable = {
  /** Three numbers an entry: two fingerprints of the word, and dictionary and rank together; 0 where there is none. */
  readonly entries: Uint32Array;
  /** The dictionaries by their number, with the length of the longest word. */
  readonly dictionaries: readonly { name: string; longest: number }[];
};

/** Of 32 bits: 27 for the rank, five for the dictionary. */
const RANK_BITS = 27;
const PER_ENTRY = 3;

/**
 * Packs dictionaries, each a list of words with the most frequent first. A word is kept as a fingerprint of 64 bits, not as a text: of 270,000 words in 4 MB two are taken for one
 * with a chance of one to 500 million, and then a password is judged a little weaker.
 */
export function packWords(dictionaries: Readonly<Record<string, readonly string[]>>): WordTable {
  const lists = Object.entries(dictionaries);
  if (lists.length > 2 ** (32 - RANK_BITS)) throw new Error('There are more dictionaries than numbers.');
  const words = lists.reduce((sum, [, list]) => sum + list.length, 0);
  const entries = new Uint32Array(Math.ceil(words * 1.3) * PER_ENTRY);
  lists.forEach(([, list], dictionary) => {
    // Of a word that stands twice the later rank counts, as in the library.
    new Map(list.map((word, i) => [word, i + 1])).forEach((rank, word) => {
      const [high, low] = fingerprint(word);
      let at = placeOf(high, entries);
      while (entries[at + 2] !== 0) at = next(at, entries);
      entries.set([high, low, ((dictionary << RANK_BITS) | rank) >>> 0], at);
    });
  });
  return {
    entries,
    dictionaries: lists.map(([name, list]) => ({
      name,
      longest: list.reduce((longest, word) => Math.max(longest, word.length), 0),
    })),
  };
}

/** The rank of a word by the number of the dictionary, from 1; nothing where it does not stand. */
export function ranksOf({ entries }: WordTable, word: string): readonly (number | undefined)[] {
  const ranks: (number | undefined)[] = [];
  const [high, low] = fingerprint(word);
  for (let at = placeOf(high, entries); entries[at + 2] !== 0; at = next(at, entries)) {
    if (entries[at] !== high || entries[at + 1] !== low) continue;
    const value = entries[at + 2] as number;
    ranks[value >>> RANK_BITS] = value & (2 ** RANK_BITS - 1);
  }
  return ranks;
}

function placeOf(high: number, entries: Uint32Array): number {
  return (high % (entries.length / PER_ENTRY)) * PER_ENTRY;
}

function next(at: number, entries: Uint32Array): number {
  return at + PER_ENTRY < entries.length ? at + PER_ENTRY : 0;
}

/** Two hashes of 32 bits, made as MurmurHash3 mixes. */
function fingerprint(word: string): [high: number, low: number] {
  let high = 0x9747b28c;
  let low = 0x85ebca6b;
  for (let i = 0; i < word.length; i++) {
    const code = word.charCodeAt(i);
    high = Math.imul(high ^ code, 0xcc9e2d51);
    high ^= high >>> 15;
    low = Math.imul(low ^ code, 0x1b873593);
    low ^= low >>> 13;
  }
  return [mixed(high), mixed(low)];
}

function mixed(hash: number): number {
  let h = hash ^ (hash >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
