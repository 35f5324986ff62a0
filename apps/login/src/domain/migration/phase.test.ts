import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PHASE_RULES, phaseAt } from './phase.ts';

const at = (text: string): Date => new Date(text);
const LINK = at('2026-11-21T22:00:00+09:00');
const CUT_OVER = at('2027-03-31T22:00:00+09:00');

describe('R12: the phase is a function of plan and clock', () => {
  it.each([
    ['no moment is set', { linkAt: null, cutOverAt: null }, '2099-01-01T00:00:00Z', 'prepared'],
    ['before link time', { linkAt: LINK, cutOverAt: null }, '2026-11-21T21:59:59.999+09:00', 'prepared'],
    ['at link time', { linkAt: LINK, cutOverAt: null }, '2026-11-21T22:00:00+09:00', 'parallel'],
    [
      'long after it, without an end',
      { linkAt: LINK, cutOverAt: null },
      '2036-01-01T00:00:00+09:00',
      'parallel',
    ],
    [
      'before the cut-over',
      { linkAt: LINK, cutOverAt: CUT_OVER },
      '2027-03-31T21:59:59.999+09:00',
      'parallel',
    ],
    ['at the cut-over', { linkAt: LINK, cutOverAt: CUT_OVER }, '2027-03-31T22:00:00+09:00', 'unified'],
    [
      'a cut-over without a link time',
      { linkAt: null, cutOverAt: CUT_OVER },
      '2027-03-31T22:00:00+09:00',
      'unified',
    ],
    ['both at one moment', { linkAt: LINK, cutOverAt: LINK }, '2026-11-21T22:00:00+09:00', 'unified'],
  ] as const)('%s', (_name, plan, now, phase) => {
    expect(phaseAt({ announceAt: null, ...plan }, at(now))).toBe(phase);
  });

  it('M2: as time goes on phases never go back, and an announcement alone changes nothing', () => {
    const moment = fc.option(
      fc.date({ min: at('2026-01-01T00:00:00Z'), max: at('2028-01-01T00:00:00Z'), noInvalidDate: true }),
      { nil: null },
    );
    const order = ['prepared', 'parallel', 'unified'];
    fc.assert(
      fc.property(
        moment,
        moment,
        moment,
        fc.date({ min: at('2025-01-01T00:00:00Z'), max: at('2029-01-01T00:00:00Z'), noInvalidDate: true }),
        fc.nat(),
        (linkAt, cutOverAt, announceAt, now, later) => {
          const plan = { linkAt, cutOverAt, announceAt };
          const [before, after] = [phaseAt(plan, now), phaseAt(plan, new Date(now.getTime() + later))];
          expect(order.indexOf(after)).toBeGreaterThanOrEqual(order.indexOf(before));
          expect(phaseAt({ ...plan, announceAt: null }, now)).toBe(before);
        },
      ),
    );
  });

  it('what each phase allows is R12’s table', () => {
    expect(PHASE_RULES).toEqual({
      prepared: { legacyLink: false, legacySignIn: true, reset: 'console', logout: 'by-session' },
      parallel: { legacyLink: true, legacySignIn: true, reset: 'unified', logout: 'by-session' },
      unified: { legacyLink: false, legacySignIn: false, reset: 'unified', logout: 'by-session' },
    });
  });
});
