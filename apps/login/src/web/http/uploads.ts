import multipart, { type Multipart } from '@fastify/multipart';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { LARGEST_FILE } from '#domain/consoles/import/receive.ts';

const TYPES = ['text/csv', 'text/tab-separated-values'];

/** Lets the routes of a scope take files: as a form with a file, or as the body itself. Nothing is read before the route reads it. */
export async function takeUploads(scope: FastifyInstance): Promise<void> {
  await scope.register(multipart, {
    throwFileSizeLimit: false,
    limits: { files: 1, fields: 4, fieldSize: 1_000, parts: 5, headerPairs: 20, fileSize: LARGEST_FILE + 1 },
  });
  scope.addContentTypeParser(TYPES, (_request, body, done) => done(null, body));
}

/** A file that is on its way, and the fields of its form that came before it. */
export type Upload = {
  fields: Readonly<Record<string, string>>;
  fileName: string;
  content: AsyncIterable<Buffer>;
};

/** The file of a request, to be read to its end; only the fields when there is none. */
export async function uploadIn(
  request: FastifyRequest,
): Promise<Upload | { fields: Readonly<Record<string, string>>; content: undefined }> {
  const fields: Record<string, string> = {};
  if (!request.isMultipart()) {
    const type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase() ?? '';
    if (!TYPES.includes(type)) return { fields, content: undefined };
    return { fields, fileName: '', content: request.body as AsyncIterable<Buffer> };
  }
  for await (const part of request.parts() as AsyncIterable<Multipart>) {
    if (part.type === 'file') {
      const content = part.file as AsyncIterable<Buffer>;
      // A form without a chosen file sends an empty one without a name.
      if (part.filename) return { fields, fileName: part.filename, content };
      part.file.resume();
    } else if (typeof part.value === 'string') fields[part.fieldname] = part.value;
  }
  return { fields, content: undefined };
}
