import type { Model } from '../operation.ts';

/** The list of ended sessions that a console asks for from a place on (R9): it only grows, and what has a place keeps it. */
export type ListInput = { after: number };
/** @property fits whether every place that the answer shows was the same in all other answers. @property more whether it says that there is more to be had */
export type ListOutput = { next: number; fits: boolean; more: boolean };

/** The state is how many places were given out, as far as anybody has seen. */
export const ENDED_LIST: Model<number, ListInput, ListOutput> = {
  initial: 0,
  step(length, { input, output }) {
    if (output === undefined) return [length];
    const { next, fits, more } = output;
    // A place that was given out is there for everybody who asks later.
    return fits && next >= input.after && (next >= length || more) ? [Math.max(length, next)] : [];
  },
};

/** An answer as it came: places from `after` to `next`, with their sids in order. */
export type Told = { after: number; next: number; sids: readonly string[]; more: boolean };

/** Whether each answer shows the same at the same place as all others do. Answers that are not whole (a page is full, or a place has no sid) show nothing here. */
export function fitting(answers: readonly Omit<Told, 'more'>[]): readonly boolean[] {
  const places = new Map<number, string>();
  const sameAsBefore = ({ after, next, sids }: Omit<Told, 'more'>): boolean =>
    sids.length !== next - after ||
    sids.every((sid, index) => {
      const place = after + index + 1;
      const known = places.get(place) ?? sid;
      places.set(place, known);
      return known === sid;
    });
  return answers.map(sameAsBefore);
}
