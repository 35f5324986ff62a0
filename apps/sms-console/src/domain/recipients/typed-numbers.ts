import { readRecipientNumber, type NumberFault } from './recipient-number.ts';

export type RefusedNumber = { readonly line: number; readonly typed: string; readonly reason: NumberFault };
export type RepeatedNumber = { readonly number: string; readonly lines: readonly number[] };

export type TypedNumbers = {
  /** In E.164, each once, in the order in which they were typed. */
  readonly numbers: readonly string[];
  readonly refused: readonly RefusedNumber[];
  /** Numbers that were typed more than once, each named once with all its lines. */
  readonly repeated: readonly RepeatedNumber[];
};

const SHOWN = 60;

/** Reads a field of numbers: one a line, or with commas, semicolons or tabs between them. Lines are counted from 1. */
export function readTypedNumbers(text: string): TypedNumbers {
  const lines = new Map<string, number[]>();
  const refused: RefusedNumber[] = [];
  for (const [index, line] of text.split(/\r\n?|\n/).entries()) {
    for (const part of line.split(/[,;\t、，；､]/)) {
      const typed = part.trim();
      if (typed === '') continue;
      const read = readRecipientNumber(typed);
      if (!read.ok) refused.push({ line: index + 1, typed: typed.slice(0, SHOWN), reason: read.reason });
      else lines.set(read.number, [...(lines.get(read.number) ?? []), index + 1]);
    }
  }
  return {
    numbers: [...lines.keys()],
    refused,
    repeated: [...lines]
      .filter(([, at]) => at.length > 1)
      .map(([number, at]) => ({ number, lines: [...new Set(at)] })),
  };
}
