import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ConsoleRow } from '#support/db/schema.ts';
import type { WebContext } from '#web/http/context.ts';

/** Where the move of a console stands. */
export function movePath(console: Pick<ConsoleRow, 'client_id'>): string {
  return `/operator/migration/${encodeURIComponent(console.client_id)}`;
}

/** Where a notice stands. */
export function noticePath(noticeId: string): string {
  return `/operator/notices/${encodeURIComponent(noticeId)}`;
}

/** What is registered of a console. */
export function consolePath(console: Pick<ConsoleRow, 'client_id'>): string {
  return `/operator/consoles/${encodeURIComponent(console.client_id)}`;
}

/** An address with what is wanted in its query, so that a link can be sent to a colleague; what is missing or empty is left out. */
export function withQuery(path: string, wanted: Readonly<Record<string, string | undefined>>): string {
  const given = Object.entries(wanted).filter((one): one is [string, string] => Boolean(one[1]));
  return given.length === 0 ? path : `${path}?${new URLSearchParams(given).toString()}`;
}

/** The console that a page's address names (`:clientId`); undefined, and the page of what does not exist as the answer, when there is none. */
export async function consoleInAddress(
  context: WebContext,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<ConsoleRow | undefined> {
  const { clientId } = request.params as { clientId: string };
  const console = await context.consoles.byClientId(clientId);
  if (!console) reply.callNotFound();
  return console;
}
