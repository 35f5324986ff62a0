import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { recordEvent } from '#support/audit/record.ts';
import type { WebContext } from '#web/http/context.ts';
import { operatorIn } from './operator-api.ts';

export const LOCALE = z.enum(['ja', 'en']).default('ja');
/** A file: it is sent as it is made. */
export const LINES: z.ZodType<unknown> = z.string();
export const CSV = {
  description: 'UTF-8 with byte order mark, lines as in RFC 4180, times in Japan time',
  content: { 'text/csv': { schema: LINES } },
};

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
