/**
 * What a pending sign-in has come to. The dispatcher looks at this and nothing else; steps never call steps, each ends by coming back here.
 */
export type SignInSituation = {
  /** The pending sign-in is still stored (it lives 60 minutes) and belongs to this browser. */
  pending: boolean;
  /** The console that the person set out for, as far as it is still known. */
  consoleKnown: boolean;
  /** What the protocol engine asks for. */
  prompt: 'login' | 'console_link' | undefined;
  /** The person has authenticated in this very step. */
  authenticated: boolean;
};

export type SignInStep =
  /** Show the sign-in page. */
  | 'ask-for-password'
  /** Give the protocol engine its answer; it sends the person back to the console. */
  | 'finish-pending'
  /** Sign the browser in and start at the console's entrance: the pending sign-in ended meanwhile. */
  | 'enter-console'
  /** Sign the browser in and show the list of consoles: nobody knows any more where the person was going. */
  | 'show-consoles'
  /** Authenticated, but not one of this console's people. */
  | 'explain-no-link';

/** Picks the next step. Every situation has one, so no state is a dead end. */
export function nextStep(situation: SignInSituation): SignInStep {
  if (situation.authenticated) {
    if (situation.pending) return 'finish-pending';
    return situation.consoleKnown ? 'enter-console' : 'show-consoles';
  }
  if (situation.pending) return situation.prompt === 'console_link' ? 'explain-no-link' : 'ask-for-password';
  return situation.consoleKnown ? 'enter-console' : 'show-consoles';
}
