import type { PartOutcome } from './decide.ts';
import type { Receipt } from './read-receipt.ts';
import type { Sendable } from './submit.ts';

/** How messages get to one kind of gateway. `Part` is what is written of a message at once, in the form of that kind. */
export type Carriage<Part> = {
  /** The parts of a message in their order: the same for the same message every time. */
  plan(message: Sendable): readonly Part[];
  open(events: CarriageEvents): CarriageLink<Part>;
};

export type CarriageEvents = {
  onReady(): void;
  /** `answer` is called when the receipt is stored, or could not be. */
  onReceipt(receipt: Receipt, answer: (stored: boolean) => void): void;
  /** Called once, with a few words without a secret; nothing can be submitted after it. */
  onEnd(why: string): void;
};

/** A way to the gateway that is open until it ends: whoever opened it opens another. */
export type CarriageLink<Part> = {
  /** False: nothing was written, and `onOutcome` is never called; else it is called exactly once. */
  submit(part: Part, onOutcome: (outcome: PartOutcome) => void): boolean;
  /** Ends it; what is unanswered then is in doubt. */
  close(): void;
};
