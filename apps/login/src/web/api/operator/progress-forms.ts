import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { recordEvent } from '#support/audit/record.ts';
import type { WebContext } from '#web/http/context.ts';
import { operatorIn } from './operator-api.ts';

export const LIMIT = z.coerce.number().int().min(1).max(200).default(50);
export const CURSOR = z.string().max(1_000).optional().describe('next of the page before');
export const LOCALE = z.enum(['ja', 'en']).default('ja');
export const CSV = z
  .unknown()
  .describe('text/csv in UTF-8 with byte order mark, lines as in RFC 4180, times in Japan time');

/** A place in a list as it stands in URLs: opaque, and no address in clear. */
export function cursorText(place: string | null): string | null {
  return place === null ? null : Buffer.from(place).toString('base64url');
}

/** The place that a cursor means; any text is one, and leads at worst to the end of the list. */
export function placeIn(cursor: string | undefined): string | undefined {
  return cursor === undefined
    ? undefined
    : Buffer.from(cursor, 'base64url').toString('utf8').replaceAll('\0', '');
}

/** A file to keep, of people's data: no cache keeps a copy. */
export function csvHeaders<R extends FastifyReply>(reply: R, fileName: string): R {
  return reply
    .type('text/csv; charset=utf-8')
    .header('content-disposition', `attachment; filename="${fileName}"`)
    .header('cache-control', 'no-store') as R;
}

/** Records that an operator took people's data out, before the first line leaves. */
export async function recordExport(
  context: WebContext,
  request: FastifyRequest,
  consoleId: string,
  detail: Record<string, unknown>,
  now: Date,
): Promise<void> {
  await recordEvent(context.db, {
    at: now,
    action: 'people.exported',
    actor: operatorIn(request).actor,
    consoleId,
    clientIp: request.ip,
    requestId: request.id,
    detail,
  });
}
