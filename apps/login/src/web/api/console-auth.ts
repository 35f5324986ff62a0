import type { FastifyRequest } from 'fastify';
import { secretUse, secretUsed } from '#domain/consoles/secrets.ts';
import type { ConsoleRow } from '#support/db/schema.ts';
import type { WebContext } from '#web/http/context.ts';

/** The console that a request authenticates as, by HTTP Basic with its client id and secret (RFC 6749 §2.3.1). */
export async function authenticatedConsole(
  context: WebContext,
  request: FastifyRequest,
): Promise<ConsoleRow | undefined> {
  const encoded = /^Basic ([A-Za-z0-9+/=]+)$/i.exec(request.headers.authorization ?? '')?.[1];
  if (!encoded) return undefined;
  const [id, secret] = splitOnce(Buffer.from(encoded, 'base64').toString('utf8'), ':');
  const console = await context.consoles.byClientId(formDecoded(id));
  // Some clients form-encode the secret as RFC 6749 says, some send it as it is.
  const [used] = [secret, formDecoded(secret)].flatMap((given) => secretUsed(console ?? NOBODY, given) ?? []);
  if (!console || used === undefined) return undefined;
  context.uses.note(console.client_id, secretUse(used), context.clock());
  return console;
}

/** Takes the time that a console takes, and no secret fits. */
const NOBODY = { client_secret_hash: '', second_secret_hash: null };

/** The console that the authentication of this scope has found. */
export function consoleIn(request: FastifyRequest): ConsoleRow {
  if (!request.console) throw new Error('The route is not behind the console authentication.');
  return request.console;
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

/** Reads the form encoding inside Basic; what is not readable matches nothing. */
function formDecoded(text: string): string {
  try {
    return decodeURIComponent(text.replace(/\+/g, ' '));
  } catch {
    return '';
  }
}

declare module 'fastify' {
  interface FastifyRequest {
    console: ConsoleRow | null;
  }
}
