import fc from 'fast-check';
import { expect, test } from 'vitest';
import { brandColours, brandCss, brandIcon, SIGN_CONTRAST, surfaces, TEXT_CONTRAST } from './brand-css.ts';
import { contrast, toHex, toOklch } from './colour.ts';

const keyColours = fc
  .integer({ min: 0, max: 0xffffff })
  .map((value) => `#${value.toString(16).padStart(6, '0')}`);
const schemes = fc.constantFrom('light', 'dark' as const);

test('LOOK: text is readable on every key colour, and every key colour as text on its grounds', () => {
  fc.assert(
    fc.property(keyColours, schemes, (keyColour, scheme) => {
      const colours = brandColours(keyColour, scheme);
      expect(contrast(colours.onKey, colours.key)).toBeGreaterThanOrEqual(TEXT_CONTRAST);
      expect(contrast(colours.onKey, colours.keyHover)).toBeGreaterThanOrEqual(TEXT_CONTRAST);
      for (const ground of [colours.ground, colours.soft, surfaces[scheme]]) {
        expect(contrast(colours.accent, ground)).toBeGreaterThanOrEqual(TEXT_CONTRAST);
        expect(contrast(colours.line, ground)).toBeGreaterThanOrEqual(SIGN_CONTRAST);
      }
    }),
    { numRuns: 2000 },
  );
});

test('LOOK: the inks of the system are readable on the ground and soft areas of every brand', () => {
  const inks = { light: ['#1a1a1a', '#595959', '#ce0000'], dark: ['#eceef1', '#b4b8c0', '#ff8f8f'] };
  fc.assert(
    fc.property(keyColours, schemes, (keyColour, scheme) => {
      const { ground, soft } = brandColours(keyColour, scheme);
      for (const ink of inks[scheme])
        for (const area of [ground, soft]) expect(contrast(ink, area)).toBeGreaterThanOrEqual(TEXT_CONTRAST);
    }),
    { numRuns: 2000 },
  );
});

test.each(['#000000', '#ffffff', '#808080', '#ffff00', '#00ff00', '#0000ff'])(
  'LOOK: the extreme key colour %s works too',
  (keyColour) => {
    for (const scheme of ['light', 'dark'] as const) {
      const { key, keyHover, onKey, accent } = brandColours(keyColour, scheme);
      expect(
        Math.min(contrast(onKey, key), contrast(onKey, keyHover), contrast(accent, surfaces[scheme])),
      ).toBeGreaterThanOrEqual(TEXT_CONTRAST);
    }
  },
);

test('a key colour that is readable already stays as it is', () => {
  expect(brandColours('#1b3f94', 'light')).toMatchObject({
    key: '#1b3f94',
    accent: '#1b3f94',
    onKey: '#ffffff',
  });
});

test('a bright key colour keeps its character and takes dark text', () => {
  expect(brandColours('#ffd400', 'light')).toMatchObject({ key: '#ffd400', onKey: '#101114' });
});

test('the hue of the key colour is kept in both schemes', () => {
  const wanted = toOklch('#d9480f').h;
  for (const scheme of ['light', 'dark'] as const)
    expect(Math.abs(toOklch(brandColours('#d9480f', scheme).accent).h - wanted)).toBeLessThan(3);
});

test('colours survive the way to OKLCH and back', () => {
  fc.assert(
    fc.property(keyColours, (hex) => {
      expect(toHex(toOklch(hex))).toBe(hex);
    }),
  );
});

test('contrast agrees with known values of WCAG', () => {
  expect(contrast('#000000', '#ffffff')).toBeCloseTo(21, 5);
  expect(contrast('#767676', '#ffffff')).toBeCloseTo(4.54, 2);
});

test('the stylesheet sets custom properties only, for light and dark', () => {
  const css = brandCss({ keyColour: '#1b7f4d' });
  expect(css.replace(/--ui-[a-z-]+: #[0-9a-f]{6};/g, '').replace(/\s/g, '')).toBe(
    ':root{}@mediascreenand(prefers-color-scheme:dark){:root{}}',
  );
});

test.each(['red', '#fff', '#12345g', '#1b7f4d;}*{display:none'])(
  'what is no colour is refused: %s',
  (keyColour) => {
    expect(() => brandCss({ keyColour })).toThrow('#rrggbb');
  },
);

test('the tab icon cannot carry markup from the monogram', () => {
  expect(brandIcon({ keyColour: '#1b7f4d', monogram: '<"&' })).not.toMatch(/<"|&/);
});
