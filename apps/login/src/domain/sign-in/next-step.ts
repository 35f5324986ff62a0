/**
 * What a pending sign-in has come to. The dispatcher looks at this and nothing else; steps never call steps, each ends by coming back here.
 */
export type SignInSituation = {
  /**
   * The pending sign-in: stored and this browser's (it lives 60 minutes); stored, but the browser has no proof that it is its own (another browser, or
   * cookies are off); ended or expired; or there is none.
   */
  pending: 'living' | 'foreign' | 'past' | 'none';
  /** The console that the person set out for, as far as it is still known. */
  consoleKnown: boolean;
  /** What the protocol engine asks for. */
  prompt: 'login' | 'console_link' | undefined;
  /** Someone with an active account is signed in in this browser, and that is all the engine was waiting for. */
  signedInMeanwhile: boolean;
  /** The person has authenticated in this very step. */
  authenticated: boolean;
};

export type SignInStep =
  /** Show the sign-in page. */
  | 'ask-for-password'
  /** Give the protocol engine its answer; it sends the person back to the console. */
  | 'finish-pending'
  /** Let the engine look again: it needs nothing more from the person. */
  | 'resume-pending'
  /** Start at the console's entrance: the pending sign-in is over. */
  | 'enter-console'
  /** Show the list of consoles: nobody knows any more where the person was going. */
  | 'show-consoles'
  /** Say that this sign-in belongs to another browser, or that cookies are off; never redirect, or a browser without cookies would go in circles. */
  | 'explain-foreign'
  /** Authenticated, but not one of this console's people. */
  | 'explain-no-link';

/** Picks the next step. Every situation has one, so no state is a dead end. */
export function nextStep(situation: SignInSituation): SignInStep {
  const { pending, consoleKnown, prompt } = situation;
  if (situation.authenticated) {
    if (pending === 'living') return 'finish-pending';
    return consoleKnown ? 'enter-console' : 'show-consoles';
  }
  switch (pending) {
    case 'living':
      if (prompt === 'console_link') return 'explain-no-link';
      return situation.signedInMeanwhile ? 'resume-pending' : 'ask-for-password';
    case 'foreign':
      return 'explain-foreign';
    case 'past':
      return consoleKnown ? 'enter-console' : 'ask-for-password';
    case 'none':
      return situation.signedInMeanwhile ? 'show-consoles' : 'ask-for-password';
  }
}
