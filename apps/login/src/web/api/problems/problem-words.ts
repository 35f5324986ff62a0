/** One kind of problem: its HTTP status, and in both languages its title and what to do next. */
export type ProblemWords = readonly [
  status: number,
  words: {
    readonly ja: readonly [title: string, detail: string];
    readonly en: readonly [title: string, detail: string];
  },
];

/** Problems by code. A code is for programs and never changes. */
export type ProblemList = Readonly<Record<string, ProblemWords>>;
