import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Provider } from 'oidc-provider';
import type { Db } from '#support/db/database.ts';
import { isUnavailable } from '#web/http/unavailable.ts';
import { secretHash } from '#support/primitives/secrets.ts';

type Interaction = Awaited<ReturnType<Provider['interactionDetails']>>;

/**
 * A sign-in that a console began: one stored row, and what is still known of it. The URL names the row, the
 * browser's cookie proves that it is this browser's.
 */
export type PendingSignIn = {
  /** See `SignInSituation`. */
  state: 'living' | 'foreign' | 'past' | 'none';
  /** The row, if it is living and this browser's. */
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
  now: Date,
): Promise<PendingSignIn> {
  const interaction = await provider.interactionDetails(request.raw, reply.raw).catch((error: unknown) => {
    // Whether it is this browser's nobody knows then: begun anew it need not be.
    if (isUnavailable(error)) throw error;
    return undefined;
  });
  if (interaction && interaction.uid === uid) return described('living', interaction, interaction.params);
  const row = await db
    .selectFrom('oidc_artifact')
    .select(['payload', 'ended_at', 'expires_at'])
    .where('kind', '=', 'Interaction')
    .where('id_hash', '=', secretHash(uid))
    .executeTakeFirst();
  if (!row) return NO_PENDING_SIGN_IN;
  const isOver = row.ended_at !== null || (row.expires_at !== null && row.expires_at <= now);
  return described(
    isOver ? 'past' : 'foreign',
    undefined,
    (row.payload.params ?? {}) as Record<string, unknown>,
  );
}

/** For pages that were opened without one. */
export const NO_PENDING_SIGN_IN: PendingSignIn = {
  state: 'none',
  interaction: undefined,
  clientId: undefined,
  uiLocales: undefined,
  loginHint: undefined,
};

function described(
  state: PendingSignIn['state'],
  interaction: Interaction | undefined,
  params: Record<string, unknown>,
): PendingSignIn {
  return {
    state,
    interaction,
    clientId: text(params.client_id),
    uiLocales: text(params.ui_locales),
    loginHint: text(params.login_hint),
  };
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
