import { describe, expect, it } from 'vitest';
import { japanTime } from './japan-time.ts';

describe('R13: moments are shown in Japan time', () => {
  it.each([
    ['2026-11-21T13:00:00Z', '2026年11月21日(土) 22:00', 'Sat 21 Nov 2026, 22:00 (Japan time)'],
    ['2026-11-21T15:00:00Z', '2026年11月22日(日) 00:00', 'Sun 22 Nov 2026, 00:00 (Japan time)'],
    ['2026-11-21T14:59:59Z', '2026年11月21日(土) 23:59', 'Sat 21 Nov 2026, 23:59 (Japan time)'],
    ['2026-12-31T15:04:00Z', '2027年1月1日(金) 00:04', 'Fri 1 Jan 2027, 00:04 (Japan time)'],
    ['2028-02-28T15:00:00Z', '2028年2月29日(火) 00:00', 'Tue 29 Feb 2028, 00:00 (Japan time)'],
  ])('%s', (moment, ja, en) => {
    expect(japanTime(new Date(moment), 'ja')).toBe(ja);
    expect(japanTime(new Date(moment), 'en')).toBe(en);
  });
});
