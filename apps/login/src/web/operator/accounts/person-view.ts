import type { PersonFacts } from '#domain/person/facts.ts';
import type { Step } from '#domain/person/step.ts';
import type { ActName } from './acts.ts';

/** All that one person's page shows. */
export type PersonView = {
  facts: PersonFacts;
  step: Step;
  /** Names of those who did something, by actor. */
  actors: ReadonlyMap<string, string>;
  consoleName: (clientId: string) => string;
  /** The account that this one was merged into. */
  mergedInto: string | undefined;
  /** What has just been done. */
  done: ActName | undefined;
};
