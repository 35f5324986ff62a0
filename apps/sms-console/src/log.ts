import pino, { type DestinationStream, type Level, type Logger } from 'pino';
import type { BrandId } from '#domain/brand.ts';

/** The program's log: one JSON object a line. */
export function openLog(brand: BrandId, destination: DestinationStream, level: Level = 'info'): Logger {
  return pino({ level, base: { console: brand }, serializers: { req: requestForLog } }, destination);
}

const RECEIPTS = /^(\/internal\/v1\/kannel\/).*/;

/** Queries carry reset tokens and codes of sign-ins: the log keeps the path only, and of the one for receipts not even its secret. */
function requestForLog(request: { method: string; url: string; ip?: string }): object {
  const path = request.url.split('?', 1)[0]?.replace(RECEIPTS, '$1…');
  return { method: request.method, path, ip: request.ip };
}
