import swagger from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';
import { finishedDocument, type ApiDocument } from './document.ts';

/** Has the routes that are registered afterwards described, and serves the description: `/api/openapi.json`. */
export async function registerOpenApi(app: FastifyInstance): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Hitokagi',
        version: '1',
        description: WORDS,
        license: { name: 'MIT', identifier: 'MIT' },
      },
      components: {
        securitySchemes: {
          operatorToken: {
            type: 'http',
            scheme: 'bearer',
            description:
              'The token of an operator (`hko_…`): made on the page “API tokens” of the operator pages, or by `npx hitokagi operator token create`.',
          },
          consoleSecret: {
            type: 'http',
            scheme: 'basic',
            description: 'Client id and client secret of a joined console.',
          },
        },
      },
    },
    transform: jsonSchemaTransform,
    transformObject: jsonSchemaTransformObject,
    hideUntagged: true,
  });
  let document: ApiDocument | undefined;
  app.get('/api/openapi.json', { config: { fromAnywhere: true } }, async () => {
    document ??= finishedDocument(app.swagger(), app.issuer);
    return document;
  });
}

const WORDS = `What joined consoles and programs of operators ask of the unified login.

**Who may call.** The console API (\`/api/console/v1\`, \`/ssf\`) takes the client id and secret of a console by HTTP Basic authentication. The operator API (\`/api/operator/v1\`) takes the token of an operator; each call names the role that it needs.

**Problems.** What cannot be done is answered as \`application/problem+json\` (RFC 9457), in Japanese or English by \`Accept-Language\`. \`code\` is for programs and never changes; \`type\` leads to a page that tells of it; \`requestId\` finds it in the log of the server.

**Moments** are RFC 3339 texts; what is answered is in UTC.`;
