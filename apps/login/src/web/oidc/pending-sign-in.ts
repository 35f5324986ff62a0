import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Provider } from 'oidc-provider';
import type { Db } from '#support/db/database.ts';
import { secretHash } from '#support/primitives/secrets.ts';

type Interaction = Awaited<ReturnType<Provider['interactionDetails']>>;

/**
 * A sign-in that a console began: one stored row, and what is still known of it. The URL names the row, the
 * browser's cookie proves that it is this browser's.
 */
export type PendingSignIn = {
  /** The living row; undefined when it has ended, expired (60 minutes), or is another browser's. */
  interaction: Interaction | undefined;
  clientId: string | undefined;
  uiLocales: string | undefined;
  loginHint: string | undefined;
};

/** Reads the pending sign-in with this uid. An ended one still says which console it was for. */
export async function pendingSignIn(
  provider: Provider,
  db: Db,
  request: FastifyRequest,
  reply: FastifyReply,
  uid: string,
): Promise<PendingSignIn> {
  const interaction = await provider.interactionDetails(request.raw, reply.raw).catch(() => undefined);
  if (interaction && interaction.uid === uid) return described(interaction, interaction.params);
  const past = await db
    .selectFrom('oidc_artifact')
    .select('payload')
    .where('kind', '=', 'Interaction')
    .where('id_hash', '=', secretHash(uid))
    .executeTakeFirst();
  return described(undefined, (past?.payload.params ?? {}) as Record<string, unknown>);
}

function described(interaction: Interaction | undefined, params: Record<string, unknown>): PendingSignIn {
  return { interaction, clientId: text(params.client_id), uiLocales: text(params.ui_locales), loginHint: text(params.login_hint) };
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
