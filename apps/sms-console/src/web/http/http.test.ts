import { describe, expect, test } from 'vitest';
import { field, passwordField } from './forms.ts';
import { preferredLocale } from './request-locale.ts';
import { lengthText, momentText } from './times.ts';

describe('times', () => {
  test('R13: moments are in Japan time with their weekday', () => {
    const moment = new Date('2026-11-21T13:00:00Z');
    expect(momentText(moment, 'ja')).toBe('2026年11月21日(土) 22:00');
    expect(momentText(moment, 'en')).toBe('Sat 21 Nov 2026, 22:00 (Japan time)');
    expect(momentText(new Date('2026-12-31T15:05:00Z'), 'ja')).toBe('2027年1月1日(金) 00:05');
  });

  test('lengths are in words', () => {
    expect(lengthText(5_400_000, 'ja')).toBe('1時間30分');
    expect(lengthText(3_661_000, 'en')).toBe('1 hour 1 minute 1 second');
  });
});

describe('the language of a browser (R8)', () => {
  test('is the better liked of ours', () => {
    expect(preferredLocale('en-GB,en;q=0.9,ja;q=0.5')).toBe('en');
    expect(preferredLocale('fr;q=1, ja;q=0.3, en;q=0.2')).toBe('ja');
    expect(preferredLocale('fr')).toBeNull();
    expect(preferredLocale('en;q=0')).toBeNull();
    expect(preferredLocale(undefined)).toBeNull();
  });
});

describe('form fields', () => {
  test('are text or empty', () => {
    expect(field({ a: 'x\u0000y' }, 'a')).toBe('xy');
    expect(field({ a: ['x', 'y'] }, 'a')).toBe('');
    expect(field(undefined, 'a')).toBe('');
    expect(field({}, 'constructor')).toBe('');
    expect(passwordField({ a: ' パス ワード ' }, 'a')).toBe(' パス ワード ');
  });
});
