import type { MessageStore } from './message-store.ts';

/** What the routes need from the rest of the program. */
export type HttpParts = {
  readonly store: MessageStore;
  /** The port that mail comes in on, to be named on pages. */
  readonly smtpPort: () => number;
};
