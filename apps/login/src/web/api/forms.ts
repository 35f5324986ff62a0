import { z } from 'zod';

/** What several calls of the API have in common, in what they are asked and in what they answer. */
export const MOMENT = z.string().describe('RFC 3339, UTC');
export const IN_CONSOLE = z.object({ clientId: z.string().max(60) });

/** A text of at most so many characters that can be stored: no half of a character, no NUL. */
export function text(longest: number): z.ZodString {
  return z
    .string()
    .max(longest)
    .refine((given) => given.isWellFormed() && !given.includes('\u0000'), 'holds characters that are none');
}

/** A moment as answers have it. */
export function iso(moment: Date | null): string | null {
  return moment?.toISOString() ?? null;
}

/** Without the fields that were not given. */
export function given<T extends object>(fields: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}
