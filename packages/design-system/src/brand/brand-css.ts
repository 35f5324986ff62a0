import { contrast, toHex, toOklch } from './colour.ts';
import { marks, type MarkName } from './marks.ts';

/** What a brand brings along for its colours and its tab icon. */
export interface Brand {
  /** The key colour as #rrggbb. */
  keyColour: string;
  /** The mark on the tab icon… */
  mark?: MarkName | undefined;
  /** …or, without one, one or two characters. */
  monogram?: string | undefined;
}

/** The colours of one scheme (light or dark), each as #rrggbb. */
export interface BrandColours {
  /** The page behind everything, with a breath of the key colour. */
  ground: string;
  /** Fill of the primary button and of the mark. */
  key: string;
  /** The same under the pointer. */
  keyHover: string;
  /** Text on `key` and on `keyHover`. */
  onKey: string;
  /** The key colour as text, on ground, surface and soft. */
  accent: string;
  /** A quiet area in the key colour. */
  soft: string;
  /** Its border; at least 3 : 1 on ground and surface. */
  line: string;
}

/** Least contrast of text, WCAG 2.2 AA. */
export const TEXT_CONTRAST = 4.5;

/** Least contrast of lines and signs that mean something, WCAG 2.2 AA. */
export const SIGN_CONTRAST = 3;

/** The surface of cards, the same for all brands. */
export const surfaces = { light: '#ffffff', dark: '#1f2125' } as const;

/** The colours that follow from a key colour, all readable whatever it is. Throws when it is not #rrggbb. */
export function brandColours(keyColour: string, scheme: 'light' | 'dark'): BrandColours {
  const { c, h } = toOklch(keyColour);
  const light = scheme === 'light';
  const ground = toHex(
    light ? { l: 0.974, c: Math.min(c, 0.005), h } : { l: 0.195, c: Math.min(c, 0.008), h },
  );
  const soft = toHex(light ? { l: 0.955, c: Math.min(c, 0.02), h } : { l: 0.3, c: Math.min(c, 0.04), h });
  const grounds = [ground, surfaces[scheme], soft];
  const away = light ? -1 : 1;
  const fill = keyFill(keyColour, light);
  return {
    ground,
    soft,
    ...fill,
    accent: readable(keyColour, grounds, TEXT_CONTRAST, away),
    line: readable(toHex({ ...toOklch(keyColour), c: Math.min(c, 0.09) }), grounds, SIGN_CONTRAST, away),
  };
}

/** The stylesheet of a brand, for light and dark. It only sets custom properties that the system's stylesheet reads. */
export function brandCss(brand: Brand): string {
  const light = declarations(brandColours(brand.keyColour, 'light'));
  const dark = declarations(brandColours(brand.keyColour, 'dark'));
  return `:root {\n${light}}\n@media screen and (prefers-color-scheme: dark) {\n:root {\n${dark}}\n}\n`;
}

/** The tab icon of a brand as an SVG file. */
export function brandIcon(brand: Brand): string {
  const { key, onKey } = brandColours(brand.keyColour, 'light');
  const drawing =
    brand.mark === undefined ? monogram(brand.monogram ?? '', onKey) : mark(brand.mark, key, onKey);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="${key}"/>${drawing}</svg>`;
}

function mark(name: MarkName, key: string, onKey: string): string {
  const { lines, areas, holes } = marks[name];
  const stroke = 'fill="none" stroke-width="2.75" stroke-linecap="round" stroke-linejoin="round"';
  return [
    areas === undefined ? '' : `<path d="${areas}" fill="${onKey}"/>`,
    lines === undefined ? '' : `<path d="${lines}" ${stroke} stroke="${onKey}"/>`,
    holes === undefined ? '' : `<path d="${holes}" ${stroke} stroke="${key}"/>`,
  ].join('');
}

function monogram(text: string, onKey: string): string {
  const size = text.length > 1 ? 13 : 18;
  const plain = text.replace(/[<>&"']/g, '');
  return `<text x="16" y="16" text-anchor="middle" dominant-baseline="central" font-family="sans-serif" font-size="${size}" font-weight="700" fill="${onKey}">${plain}</text>`;
}

// White on the key colour looks calmer than black, so a middling key colour is darkened a little for it; a bright one (yellow) keeps
// its character and takes black. The darkest and lightest colours are moved just far enough that the hover shade stays readable too.
function keyFill(keyColour: string, light: boolean): Pick<BrandColours, 'key' | 'keyHover' | 'onKey'> {
  const own = toOklch(keyColour);
  const bright = light ? own.l > 0.78 : own.l > 0.7;
  if (!bright && light) {
    const key = readable(keyColour, ['#ffffff'], TEXT_CONTRAST + 0.2, -1);
    const at = toOklch(key);
    return { key, keyHover: toHex({ ...at, l: at.l > 0.3 ? at.l - 0.06 : at.l + 0.08 }), onKey: '#ffffff' };
  }
  const onKey = '#101114';
  const key = readable(keyColour, [onKey, ...(light ? [] : [surfaces.dark])], TEXT_CONTRAST + 0.2, 1);
  const at = toOklch(key);
  return { key, keyHover: toHex({ ...at, l: Math.min(1, at.l + 0.05) }), onKey };
}

// Moves the lightness up (1) or down (-1) by small steps until the colour stands out from all the grounds.
function readable(colour: string, grounds: readonly string[], least: number, direction: 1 | -1): string {
  const own = toOklch(colour);
  let hex = colour.toLowerCase();
  for (let l = own.l; grounds.some((ground) => contrast(hex, ground) < least); l += direction * 0.005) {
    if (l < -0.01 || l > 1.01) return direction === 1 ? '#ffffff' : '#000000';
    hex = toHex({ ...own, l });
  }
  return hex;
}

function declarations(colours: BrandColours): string {
  return Object.entries(colours)
    .map(
      ([name, value]) =>
        `  --ui-${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}: ${value};\n`,
    )
    .join('');
}
