/** Japan has had one offset since 1952. */
const OFFSET = 9 * 60 * 60 * 1_000;

/** The month in Japan that `moment` lies in: its name such as 2026-11, and when it began. */
export function monthStart(moment: Date): { month: string; from: Date } {
  return monthsBack(moment, 0);
}

/** The month in Japan `back` months before that of `moment`. */
export function monthsBack(moment: Date, back: number): { month: string; from: Date } {
  const there = new Date(moment.getTime() + OFFSET);
  const from = new Date(Date.UTC(there.getUTCFullYear(), there.getUTCMonth() - back, 1) - OFFSET);
  return { month: new Date(from.getTime() + OFFSET).toISOString().slice(0, 7), from };
}
