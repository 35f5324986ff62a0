import type { FastifyReply } from 'fastify';

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
export function csvHeaders<R extends FastifyReply>(
  reply: R,
  fileName: string,
  encoding: 'utf-8' | 'shift_jis' = 'utf-8',
): R {
  return reply
    .type(`text/csv; charset=${encoding}`)
    .header('content-disposition', `attachment; filename="${fileName}"`)
    .header('cache-control', 'no-store') as R;
}
