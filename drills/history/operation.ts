/** One call of one client, with its beginning and end on one monotonic clock (milliseconds). */
export type Operation<I, O> = {
  readonly id: number;
  /** Who asked; one client asks one thing after the other. */
  readonly client: string;
  readonly input: I;
  /** What was answered; undefined: nobody knows whether it took effect, nor when. */
  readonly output: O | undefined;
  readonly start: number;
  /** `Infinity` where nothing was answered: it may take effect at any later time, or never. */
  readonly end: number;
};

/** What an object is, said by how it answers when one thing is done after the other. */
export type Model<S, I, O> = {
  /** Any value that JSON writes; two states are the same when they are written the same. */
  readonly initial: S;
  /**
   * The states in which an operation may leave the object that is in `state` and answers like this; none where it cannot answer so.
   * @param operation its `output` is undefined where it took effect and nobody was answered
   */
  step(state: S, operation: Operation<I, O>): readonly S[];
};

/** Operations that concern one object, in the order of their beginnings. */
export type History<I, O> = readonly Operation<I, O>[];

/** Whether two operations were under way at the same time. */
export function overlap(one: Operation<unknown, unknown>, other: Operation<unknown, unknown>): boolean {
  return one.start <= other.end && other.start <= one.end;
}
