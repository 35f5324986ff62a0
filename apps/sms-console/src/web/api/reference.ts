import { gzip } from 'node:zlib';
import { promisify } from 'node:util';
import fastify, { type FastifyInstance, type FastifyReply } from 'fastify';
import { routes } from '#app/routes.ts';
import { within } from './authenticate.ts';

/**
 * The reference page. Everybody may read it, as the document that it shows. Nothing of it comes from elsewhere. Its program writes styles into the page, so
 * this one page allows inline styles; scripts stay our own files, here as everywhere.
 */
export function referenceRoutes(app: FastifyInstance): void {
  app.get(within(routes.apiReference), async (_request, reply) =>
    allowStyles(reply).type('text/html; charset=utf-8').header('cache-control', 'no-cache').send(PAGE),
  );
  app.get(within(routes.apiReferenceStart), async (_request, reply) =>
    reply.type('text/javascript; charset=utf-8').header('cache-control', 'no-cache').send(START),
  );
  app.get(within(routes.apiReferenceProgram), async (_request, reply) =>
    reply
      .type('text/javascript; charset=utf-8')
      .header('content-encoding', 'gzip')
      .header('cache-control', 'public, max-age=86400')
      .send(await program()),
  );
}

function allowStyles(reply: FastifyReply): FastifyReply {
  const policy = String(reply.raw.getHeader('content-security-policy'));
  reply.raw.removeHeader('content-security-policy');
  return reply.header(
    'content-security-policy',
    policy
      .replace("style-src 'self'", "style-src 'self' 'unsafe-inline'")
      .replace("img-src 'self'", "img-src 'self' data:"),
  );
}

let compressed: Promise<Buffer> | undefined;

/** The program of the page, read when somebody opens the page for the first time: it is five megabytes. */
function program(): Promise<Buffer> {
  compressed ??= read().catch((error: unknown) => {
    compressed = undefined;
    throw error;
  });
  return compressed;
}

/** The package gives its program out only by a route. */
async function read(): Promise<Buffer> {
  const { default: plugin } = await import('@scalar/fastify-api-reference');
  const aside = fastify();
  await aside.register(plugin, { routePrefix: '/x', configuration: { url: '/x.json' } });
  const { rawPayload, statusCode } = await aside.inject({ url: '/x/js/scalar.js' });
  await aside.close();
  if (statusCode !== 200) throw new Error('The program of the reference page is not where it was.');
  return promisify(gzip)(rawPayload);
}

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>絶対リーチ!SMS API</title>
</head>
<body>
<div id="reference"></div>
<noscript>
<p lang="ja">この説明を表示するには JavaScript が必要です。説明の元になる文書は <a href="${routes.apiOpenApi}">${routes.apiOpenApi}</a> にあります。</p>
<p>This page needs JavaScript. The document that it shows is at <a href="${routes.apiOpenApi}">${routes.apiOpenApi}</a>.</p>
</noscript>
<script src="${routes.apiReferenceProgram}"></script>
<script src="${routes.apiReferenceStart}"></script>
</body>
</html>
`;

/** Without fonts of its maker, without measuring who reads, and without what asks services elsewhere. */
const START = `Scalar.createApiReference('#reference', ${JSON.stringify({
  url: routes.apiOpenApi,
  withDefaultFonts: false,
  telemetry: false,
  hideClientButton: true,
  showDeveloperTools: 'never',
  agent: { disabled: true },
  mcp: { disabled: true },
  defaultHttpClient: { targetKey: 'shell', clientKey: 'curl' },
  documentDownloadType: 'json',
})});
`;
