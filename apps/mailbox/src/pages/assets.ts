import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { assetPath, assets, brandAssets, type Asset } from '@hitokagi/design-system/assets';
import type { FastifyInstance } from 'fastify';

const brand = brandAssets('mailbox', { keyColour: '#54599a', monogram: '箱' });
const ownStyles = stylesheet('mailbox.css');

/** The stylesheets of every page, in their order. */
export const stylesheets: readonly string[] = [assetPath('ui.css'), brand.stylesheet.path, ownStyles.path];

/** The scripts of every page; each page works without them. */
export const scripts: readonly string[] = [assetPath('ui.js')];

/** The tab icon. */
export const iconPath = brand.icon.path;

/** Serves the files that the pages load. */
export function assetRoutes(app: FastifyInstance, _options: object, done: () => void): void {
  for (const file of [...assets, brand.stylesheet, brand.icon, ownStyles]) {
    app.get(file.path, (_request, reply) =>
      reply.type(file.contentType).header('cache-control', file.cacheControl).send(file.body),
    );
  }
  done();
}

function stylesheet(name: string): Asset {
  const body = readFileSync(new URL(name, import.meta.url), 'utf8');
  const hash = createHash('sha256').update(body).digest('hex').slice(0, 12);
  return {
    name,
    path: `/assets/${name.replace('.css', '')}-${hash}.css`,
    body,
    contentType: 'text/css; charset=utf-8',
    cacheControl: 'public, max-age=31536000, immutable',
  };
}
