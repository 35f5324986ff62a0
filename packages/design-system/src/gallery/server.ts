import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { assets } from '../assets.ts';
import { renderDocument } from '../index.ts';
import { brandFiles } from './frame.tsx';
import { gallery } from './gallery.tsx';

/** The policy under which all pages must work. */
export const POLICY =
  "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/**
 * Serves the sample pages at /{name}.{ja|en} and the files that they need.
 * @param extra further pages by path, for tests
 */
export async function serveGallery(
  port = 0,
  extra: ReadonlyMap<string, () => string> = new Map(),
): Promise<{ url: string; close: () => Promise<void> }> {
  const files = new Map(
    [...assets, ...Object.values(brandFiles).flatMap(({ stylesheet, icon }) => [stylesheet, icon])].map(
      (file) => [file.path, file],
    ),
  );
  const server = createServer((request, reply) => {
    const path = (request.url ?? '/').split('?')[0] ?? '/';
    const file = files.get(path);
    if (file !== undefined)
      return void reply.writeHead(200, { 'content-type': file.contentType }).end(file.body);
    const html = extra.get(path)?.() ?? samplePage(path);
    reply
      .writeHead(html === undefined ? 404 : 200, {
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy': POLICY,
      })
      .end(html ?? 'not found');
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function samplePage(path: string): string | undefined {
  const [, name, lang] = /^\/([a-z-]+)\.(ja|en)$/.exec(path) ?? [];
  const page = name === undefined ? undefined : gallery[name];
  return page === undefined ? undefined : renderDocument(page(lang === 'en' ? 'en' : 'ja'));
}
