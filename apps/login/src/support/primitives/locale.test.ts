import { describe, expect, it } from 'vitest';
import { localeFromAcceptLanguage, localeFromTags } from './locale.ts';

describe('R8: which language', () => {
  it.each([
    ['ja', 'ja'],
    ['en', 'en'],
    ['en-GB', 'en'],
    ['EN_us', 'en'],
    ['ja-JP en', 'ja'],
    ['fr de en ja', 'en'],
    ['fr-CA', undefined],
    ['jam', undefined],
    ['english', undefined],
    ['', undefined],
    [undefined, undefined],
    [null, undefined],
  ])('a list of tags %j means %j', (tags, locale) => {
    expect(localeFromTags(tags)).toBe(locale);
  });

  it.each([
    ['ja', 'ja'],
    ['en-US,en;q=0.9,ja;q=0.8', 'en'],
    ['fr,ja;q=0.2,en;q=0.7', 'en'],
    ['en;q=0,ja;q=0.1', 'ja'],
    ['en;q=0', undefined],
    ['ja;q=0.5,en;q=0.5', 'ja'],
    ['*', undefined],
    ['zh-Hans-CN', undefined],
    ['en ; q=0.3 , ja ; q=0.4', 'ja'],
    ['en;q=rubbish', 'en'],
    [',,,;;;q=,', undefined],
    ['', undefined],
    [undefined, undefined],
    [`${'x,'.repeat(100_000)}en`, undefined],
  ])('a browser that says %.40j gets %j', (header, locale) => {
    expect(localeFromAcceptLanguage(header)).toBe(locale);
  });
});
