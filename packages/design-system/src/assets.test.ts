import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { assetPath, assets, brandAssets } from './assets.ts';

test('every file is named by the hash of its content, so that it can be kept for ever', () => {
  const brand = brandAssets('sample', { keyColour: '#1b3f94', mark: 'key' });
  for (const file of [...assets, brand.stylesheet, brand.icon]) {
    const hash = createHash('sha256').update(file.body).digest('hex').slice(0, 12);
    expect(file.path).toMatch(new RegExp(`^/assets/[a-z-]+-${hash}\\.(css|js|svg)$`));
    expect(file.cacheControl).toContain('immutable');
  }
});

test('the stylesheet holds the tokens and all parts, in order', () => {
  const css = assets.find((file) => file.name === 'ui.css')?.body ?? '';
  const order = [
    '--color-primitive-blue-900',
    '--ui-ground',
    '.ui-heading',
    '.ui-input',
    '.ui-notice',
    '.ui-person-header',
    '@media (forced-colors: active)',
  ].map((part) => css.indexOf(part));
  expect(order).toEqual([...order].sort((a, b) => a - b));
  expect(order[0]).toBeGreaterThan(0);
});

test('DESIGN: stylesheet and script fetch nothing from anywhere', () => {
  for (const file of assets) {
    expect(file.body).not.toMatch(/@import|url\(/);
    expect(file.body).not.toMatch(/https?:\/\//);
  }
});

test('the browser scripts are one file of separate scopes without imports or exports', () => {
  const js = assets.find((file) => file.name === 'ui.js')?.body ?? '';
  expect(js).not.toMatch(/^\s*(import|export)\s/m);
  expect(() => new Function(js)).not.toThrow();
});

test('names lead to paths', () => {
  expect(assetPath('ui.css')).toBe(assets.find((file) => file.name === 'ui.css')?.path);
});

test('a brand id that would make an odd path is refused', () => {
  expect(() => brandAssets('../x', { keyColour: '#1b3f94' })).toThrow('brand id');
});
