import { describe, expect, it } from 'vitest';
import { nextStep, type SignInSituation, type SignInStep } from './next-step.ts';

const SITUATIONS: SignInSituation[] = (['living', 'foreign', 'past', 'none'] as const).flatMap((pending) =>
  [true, false].flatMap((consoleKnown) =>
    ([undefined, 'login', 'console_link'] as const).flatMap((prompt) =>
      [true, false].flatMap((signedInMeanwhile) =>
        [true, false].map((authenticated) => ({
          pending,
          consoleKnown,
          prompt,
          signedInMeanwhile,
          authenticated,
        })),
      ),
    ),
  ),
);

describe('R3: the next step of a sign-in', () => {
  it('exists for every situation', () => {
    expect(SITUATIONS).toHaveLength(96);
    for (const situation of SITUATIONS) expect(nextStep(situation), JSON.stringify(situation)).toBeTruthy();
  });

  it('asks who has just authenticated for nothing more', () => {
    const final: SignInStep[] = ['finish-pending', 'enter-console', 'show-consoles'];
    for (const situation of SITUATIONS)
      if (situation.authenticated) expect(final).toContain(nextStep(situation));
  });

  it('gives nobody anything who has not authenticated, but by what the engine or the console itself asks again', () => {
    for (const situation of SITUATIONS)
      if (!situation.authenticated) expect(nextStep(situation)).not.toBe('finish-pending');
  });

  it('L5: never answers another browser’s pending sign-in, and never leaves it by a redirect that would go in circles', () => {
    for (const situation of SITUATIONS)
      if (situation.pending === 'foreign')
        expect(nextStep(situation)).toBe(
          situation.authenticated
            ? situation.consoleKnown
              ? 'enter-console'
              : 'show-consoles'
            : 'explain-foreign',
        );
  });

  it('leads to the console that the person set out for as long as anyone knows it', () => {
    for (const situation of SITUATIONS)
      if (situation.consoleKnown && situation.pending === 'past')
        expect(nextStep(situation)).toBe('enter-console');
  });
});
