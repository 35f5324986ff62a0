import type { Operation } from './operation.ts';

/** What a call came to: an answer; `unknown`, where nobody was answered; `nothing`, where the answer says that nothing was looked at (a limit), so that it tells nothing of the object. */
export type Outcome<O> = { output: O } | 'unknown' | 'nothing';

/** Writes down what is asked of one object. */
export type Recorder<I, O> = {
  readonly operations: readonly Operation<I, O>[];
  /** Makes a call and writes it down. The answer, or undefined where there is none. */
  call(client: string, input: I, act: () => Promise<Outcome<O>>): Promise<O | undefined>;
  /** Writes down what was learnt by the way: something that was so at some moment between these two. */
  note(client: string, input: I, output: O, start: number, end: number): void;
};

/** Milliseconds on the clock of all histories. */
export function moment(): number {
  return performance.now();
}

export function recorder<I, O>(): Recorder<I, O> {
  const operations: Operation<I, O>[] = [];
  return {
    operations,
    async call(client, input, act) {
      const start = moment();
      const outcome = await act();
      const end = moment();
      if (outcome === 'nothing') return undefined;
      const output = outcome === 'unknown' ? undefined : outcome.output;
      const id = operations.length + 1;
      operations.push({
        id,
        client,
        input,
        output,
        start,
        end: output === undefined ? Infinity : end,
      });
      return output;
    },
    note(client, input, output, start, end) {
      operations.push({ id: operations.length + 1, client, input, output, start, end });
    },
  };
}
