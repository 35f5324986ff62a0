import { describe, expect, it } from 'vitest';
import { fullMinute, japanTime, momentTyped } from './japan-time.ts';

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

describe('R25: moments are typed in Japan time', () => {
  it.each([
    ['2027-01-12', '10:00'],
    ['2027/1/12', '10時'],
    ['２０２７－０１－１２', '１０：００'],
    ['2027年1月12日(火)', '10時0分'],
    [' 2027.01.12 ', ' 10:00 '],
  ])('%s %s', (date, time) => {
    expect(momentTyped(date, time)).toEqual({ ok: true, at: new Date('2027-01-12T01:00:00Z') });
  });

  it.each([
    ['', '10:00', 'date', 'missing'],
    ['tomorrow', '10:00', 'date', 'malformed'],
    ['20270-01-12', '10:00', 'date', 'malformed'],
    ['2027-02-29', '10:00', 'date', 'impossible'],
    ['2027-13-01', '10:00', 'date', 'impossible'],
    ['2027-00-10', '10:00', 'date', 'impossible'],
    ['2027-01-00', '10:00', 'date', 'impossible'],
    ['2027-01-12', '', 'time', 'missing'],
    ['2027-01-12', 'noon', 'time', 'malformed'],
    ['2027-01-12', '24:00', 'time', 'impossible'],
    ['2027-01-12', '10:60', 'time', 'impossible'],
  ])('%s %s is refused for its %s: %s', (date, time, part, reason) => {
    expect(momentTyped(date, time)).toEqual({ ok: false, part, reason });
  });

  it('the earliest moment that is shown is never too early', () => {
    expect(fullMinute(new Date('2027-01-12T01:00:00.001Z'))).toEqual(new Date('2027-01-12T01:01:00Z'));
    expect(fullMinute(new Date('2027-01-12T01:00:00Z'))).toEqual(new Date('2027-01-12T01:00:00Z'));
  });
});
