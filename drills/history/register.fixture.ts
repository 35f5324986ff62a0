import type { Model } from './operation.ts';

/** A register that is read, written, and written where it holds what is expected: the object on which the checker itself is tested. */
export type RegisterInput =
  { do: 'read' } | { do: 'write'; value: number } | { do: 'swap'; from: number; to: number };
export type RegisterOutput = { value: number } | { done: boolean };

export const REGISTER: Model<number, RegisterInput, RegisterOutput> = {
  initial: 0,
  step(value, { input, output }) {
    switch (input.do) {
      case 'read':
        return !output || ('value' in output && output.value === value) ? [value] : [];
      case 'write':
        return [input.value];
      case 'swap': {
        const fits = input.from === value;
        if (output && 'done' in output && output.done !== fits) return [];
        return [fits ? input.to : value];
      }
    }
  },
};

/** What it answers, and what it holds then. */
export function ask(value: number, input: RegisterInput): { output: RegisterOutput; value: number } {
  switch (input.do) {
    case 'read':
      return { output: { value }, value };
    case 'write':
      return { output: { done: true }, value: input.value };
    case 'swap':
      return { output: { done: input.from === value }, value: input.from === value ? input.to : value };
  }
}
