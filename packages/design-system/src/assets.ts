import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { brandCss, brandIcon, type Brand } from './brand/brand-css.ts';

/** A static file for browsers. Its path carries a hash of its content: serve it with `cacheControl`. */
export interface Asset {
  /** What it is, without hash: `ui.css`. */
  name: string;
  /** Absolute path on the app's own origin: `/assets/ui-3f9a….css`. */
  path: string;
  body: string;
  contentType: string;
  cacheControl: string;
}

const contentTypes = {
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
} as const;

/** The files that every page needs. An app registers one route for each at start. */
export const assets: readonly Asset[] = [
  asset('ui', 'css', [readTokens(), ...readFolder('styles', '.css')].join('\n')),
  asset('ui', 'js', readFolder('browser', '.js').map(ownScope).join('\n')),
];

/** Path of one of the files that every page needs. */
export function assetPath(name: 'ui.css' | 'ui.js'): string {
  const found = assets.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no asset is called ${name}`);
  return found.path;
}

/**
 * The files of one brand: the stylesheet that colours the pages (give its path to the page after `ui.css`) and the tab icon.
 * @param id names the files; lower-case letters, digits and hyphens
 */
export function brandAssets(id: string, brand: Brand): { stylesheet: Asset; icon: Asset } {
  if (!/^[a-z0-9-]+$/.test(id)) throw new Error(`a brand id may hold a-z, 0-9 and hyphens: ${id}`);
  return {
    stylesheet: asset(`brand-${id}`, 'css', brandCss(brand)),
    icon: asset(`icon-${id}`, 'svg', brandIcon(brand)),
  };
}

function asset(stem: string, extension: keyof typeof contentTypes, body: string): Asset {
  const hash = createHash('sha256').update(body).digest('hex').slice(0, 12);
  return {
    name: `${stem}.${extension}`,
    path: `/assets/${stem}-${hash}.${extension}`,
    body,
    contentType: contentTypes[extension],
    cacheControl: 'public, max-age=31536000, immutable',
  };
}

function readTokens(): string {
  return readFileSync(
    createRequire(import.meta.url).resolve('@digital-go-jp/design-tokens/dist/tokens.css'),
    'utf8',
  );
}

function readFolder(folder: string, extension: string): string[] {
  const url = new URL(`./${folder}/`, import.meta.url);
  const names = readdirSync(url)
    .filter((name) => name.endsWith(extension))
    .sort();
  return names.map((name) => readFileSync(new URL(name, url), 'utf8'));
}

// The scripts are modules without imports or exports; a block each keeps their names apart in the one file that is served.
function ownScope(source: string): string {
  return `{\n${source}}\n`;
}
