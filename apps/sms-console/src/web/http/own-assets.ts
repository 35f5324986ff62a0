import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Asset } from '@hitokagi/design-system/assets';

/** Counts and saves while somebody writes; the pages work without it. */
export const composeScript = ownScript('compose');

function ownScript(name: string): Asset {
  const body = readFileSync(new URL(`../browser/${name}.js`, import.meta.url), 'utf8');
  const hash = createHash('sha256').update(body).digest('hex').slice(0, 12);
  return {
    name: `${name}.js`,
    path: `/assets/${name}-${hash}.js`,
    body,
    contentType: 'text/javascript; charset=utf-8',
    cacheControl: 'public, max-age=31536000, immutable',
  };
}
