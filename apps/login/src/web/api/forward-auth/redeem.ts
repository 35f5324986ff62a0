import type { FastifyInstance, FastifyRequest } from 'fastify';
import { decodeJwt } from 'jose';
import { sessionUidOfSid } from '#domain/sessions/sessions.ts';
import type { WebContext } from '#web/http/context.ts';
import type { ConsoleSession, PendingSignIn } from './cookies.ts';
import type { Front } from './front.ts';

/**
 * Exchanges a code as any console does, at our own token endpoint with the credentials that the proxy has sent: PKCE, single use and the ledger of sign-ins are the protocol's. The ID token comes
 * from this very process, so its signature says nothing more.
 * @returns undefined when the code is not good, or the session that it came from has ended meanwhile
 */
export async function redeem(
  app: FastifyInstance,
  context: WebContext,
  front: Front,
  request: FastifyRequest,
  { code, pending }: { code: string; pending: PendingSignIn },
): Promise<ConsoleSession | undefined> {
  const answer = await app.inject({
    method: 'POST',
    url: '/token',
    remoteAddress: request.ip,
    headers: {
      host: new URL(context.issuer).host,
      authorization: request.headers.authorization ?? '',
      'content-type': 'application/x-www-form-urlencoded',
    },
    payload: new URLSearchParams({
      grant_type: 'authorization_code',
      code,
      redirect_uri: front.redirectUri,
      code_verifier: pending.verifier,
    }).toString(),
  });
  if (answer.statusCode >= 500) throw new Error(`The token endpoint answered ${answer.statusCode}.`);
  if (answer.statusCode !== 200) return undefined;
  const { sub, sid, nonce } = decodeJwt<{ sid?: string; nonce?: string }>(
    answer.json<{ id_token: string }>().id_token,
  );
  if (sub === undefined || sid === undefined || nonce !== pending.nonce) return undefined;
  const uid = await sessionUidOfSid(context.db, sub, front.console.client_id, sid);
  if (uid === undefined) return undefined;
  const now = context.clock().getTime();
  return { consoleId: front.console.id, uid, accountId: sub, sid, beganAt: now, seenAt: now };
}
