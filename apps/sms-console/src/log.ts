import pino, { type DestinationStream, type Level, type Logger } from 'pino';
import type { BrandId } from '#domain/brand.ts';

/** The program's log: one JSON object a line. */
export function openLog(brand: BrandId, destination: DestinationStream, level: Level = 'info'): Logger {
  return pino({ level, base: { console: brand }, serializers: { req: requestForLog } }, destination);
}

/** Queries carry reset tokens and codes of sign-ins: the log keeps the path only. */
function requestForLog(request: { method: string; url: string; ip?: string }): object {
  return { method: request.method, path: request.url.split('?', 1)[0], ip: request.ip };
}
