import { z } from 'zod';
import { cursorText, placeIn } from '#web/http/lists.ts';

/** What every list that goes on is asked with … */
export const PAGED = {
  cursor: z.string().max(1_000).optional().describe('`next` of the page before'),
  limit: z.coerce.number().int().min(1).max(500).default(50),
};

/** … and answered with; a list that never goes on has the same form, and its `next` is null. */
export function pageOf<T extends z.ZodType>(item: T) {
  return z.object({
    items: z.array(item),
    next: z.string().nullable().describe('The `cursor` of the page that follows; null: there is none'),
  });
}

/** The place that a page goes on after, and how much it takes. */
export function asked(query: { cursor?: string | undefined; limit: number }): {
  after: string | undefined;
  limit: number;
} {
  return { after: placeIn(query.cursor), limit: query.limit };
}

/** A page of what was found where one more than `limit` was asked for. */
export function pageIn<T, R>(
  found: readonly T[],
  limit: number,
  placeOf: (one: T) => string,
  answerOf: (one: T) => R,
): { items: R[]; next: string | null } {
  const page = found.slice(0, limit);
  const last = page.at(-1);
  return {
    items: page.map(answerOf),
    next: found.length > limit && last !== undefined ? cursorText(placeOf(last)) : null,
  };
}

/** A page of a list that is short enough to be read as a whole, in the order of what places are made of. */
export function pageAmong<T, R>(
  all: readonly T[],
  query: { cursor?: string | undefined; limit: number },
  placeOf: (one: T) => string,
  answerOf: (one: T) => R,
): { items: R[]; next: string | null } {
  const { after, limit } = asked(query);
  const inOrder = all.toSorted((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1));
  const rest = after === undefined ? inOrder : inOrder.filter((one) => placeOf(one) > after);
  return pageIn(rest, limit, placeOf, answerOf);
}

/** A list that has an end that everybody knows: one line a console, a day, a browser. */
export function whole<R>(items: readonly R[]): { items: R[]; next: null } {
  return { items: [...items], next: null };
}
