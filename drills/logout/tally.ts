/** What a campaign has seen: figures, and everything that must not be. */
export type Tally = {
  logouts: number;
  /** Milliseconds: of each page that was answered; from the press of the button until all consoles were out, with nothing in the way. */
  readonly pages: number[];
  readonly pagesAgain: number[];
  readonly calm: number[];
  /** Milliseconds from the end of the last outage and the last kill until all consoles were out. */
  readonly afterTrouble: number[];
  readonly outages: Map<string, number>;
  readonly told: Map<string, number>;
  askedAgain: number;
  tries: number;
  readonly lost: string[];
  readonly wrong: string[];
  readonly doubled: string[];
  readonly untrue: string[];
  readonly slowPages: string[];
  readonly broken: string[];
};

export function newTally(): Tally {
  return {
    logouts: 0,
    pages: [],
    pagesAgain: [],
    calm: [],
    afterTrouble: [],
    outages: new Map(),
    told: new Map(),
    askedAgain: 0,
    tries: 0,
    lost: [],
    wrong: [],
    doubled: [],
    untrue: [],
    slowPages: [],
    broken: [],
  };
}

/** The value below which this share of the values lies. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
