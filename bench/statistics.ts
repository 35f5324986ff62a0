/**
 * The value below which `share` of the values lie (nearest rank), so that it is always one that was measured.
 * @param share between 0 and 1
 */
export function percentile(values: readonly number[], share: number): number {
  if (values.length === 0) throw new Error('No values, no percentile.');
  const sorted = values.toSorted((a, b) => a - b);
  const rank = Math.max(1, Math.ceil(share * sorted.length));
  return sorted[rank - 1] as number;
}

/** The middle value; of an even number of values the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new Error('No values, no median.');
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)] as number;
  const lower = sorted[Math.ceil(sorted.length / 2) - 1] as number;
  return (lower + upper) / 2;
}

/** What was measured next to its floor: round by round, because the machine drifts more between rounds than within one. */
export type Ratio = { median: number; lowest: number; highest: number };

/** The ratio of each round to the floor's round beside it. */
export function ratioOfPairs(measured: readonly number[], floor: readonly number[]): Ratio {
  if (measured.length !== floor.length) throw new Error('Each round needs its floor.');
  const ratios = measured.map((value, round) => value / (floor[round] as number));
  return { median: median(ratios), lowest: Math.min(...ratios), highest: Math.max(...ratios) };
}
