import multipart, { type Multipart } from '@fastify/multipart';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

/** A file that is on its way. */
export type Upload = { readonly fileName: string; readonly content: AsyncIterable<Buffer> };

declare module 'fastify' {
  interface FastifyRequest {
    /** The file of a form; null for a form without a chosen one. Its other fields are the body, as in any form. */
    upload: Upload | null;
  }
}

/**
 * Lets the routes of a scope take one file, and checks the form's token first: the fields come before the file, and of the file nothing is
 * read before the route reads it.
 * @param limit in bytes; a route that gets one byte more knows that the file is too large
 */
export async function takeUploads(
  scope: FastifyInstance,
  limit: number,
  checkToken: (request: FastifyRequest, reply: FastifyReply, done: (error?: Error) => void) => void,
): Promise<void> {
  await scope.register(multipart, {
    throwFileSizeLimit: false,
    limits: { files: 1, fields: 20, fieldSize: 10_000, parts: 21, headerPairs: 20, fileSize: limit + 1 },
  });
  scope.decorateRequest('upload', null);
  scope.addHook('preHandler', async (request) => {
    if (!request.isMultipart()) return;
    const fields: Record<string, string> = {};
    request.body = fields;
    for await (const part of request.parts() as AsyncIterable<Multipart>) {
      if (part.type === 'file') {
        // A form without a chosen file sends an empty one without a name.
        if (part.filename) {
          request.upload = { fileName: part.filename, content: part.file as AsyncIterable<Buffer> };
          return;
        }
        part.file.resume();
      } else if (typeof part.value === 'string') fields[part.fieldname] = part.value;
    }
  });
  scope.addHook('preHandler', (request, reply, done) => {
    if (request.method === 'GET' || request.method === 'HEAD') done();
    else checkToken(request, reply, done);
  });
}

/** Reads a file to its end, so that whoever sends it hears the answer. */
export async function drain({ upload }: FastifyRequest): Promise<void> {
  if (upload) for await (const _ of upload.content);
}

/** A whole small file; null when it is larger than `limit` bytes. */
export async function wholeFile({ content }: Upload, limit: number): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of content) {
    size += chunk.length;
    if (size <= limit) chunks.push(chunk);
  }
  return size > limit ? null : Buffer.concat(chunks);
}
