import type { Model } from '../operation.ts';

/**
 * An authorization code and the refresh tokens that follow it (RFC 6749 §4.1.2, RFC 9700 §4.14.2): each is good once, and one that comes a second time ends them all, with the access tokens. They end with the session too.
 */
export type FamilyInput =
  /** @param rivals whether the same token was under way elsewhere, or had been sent before without an answer */
  | { do: 'use'; token: string; rivals?: boolean }
  /** Asks whether an access token of the family is good (RFC 7662). */
  | { do: 'probe' }
  /** The person leaves. */
  | { do: 'leave' };
export type FamilyOutput =
  { is: 'given'; next: string } | { is: 'refused' } | { is: 'active' } | { is: 'inactive' } | { is: 'left' };
/** The token that is good; null when the next one was given out and nobody got it. */
export type FamilyState = { good: string | null; dead: boolean };

/** @param first the authorization code */
export function family(first: string): Model<FamilyState, FamilyInput, FamilyOutput> {
  return {
    initial: { good: first, dead: false },
    step(state, { input, output }) {
      const over = { good: null, dead: true };
      if (input.do === 'leave') return [over];
      if (input.do === 'probe') {
        if (output === undefined) return [state];
        return (output.is === 'active') === !state.dead ? [state] : [];
      }
      const isGood = !state.dead && input.token === state.good;
      if (output?.is === 'given') return isGood ? [{ good: output.next, dead: false }] : [];
      if (output?.is !== 'refused') return isGood ? [{ good: null, dead: false }] : [over];
      // Of two that come at once with a good token both may be refused: the later one ends what the earlier one was being given.
      return isGood && input.rivals !== true ? [] : [over];
    },
  };
}
