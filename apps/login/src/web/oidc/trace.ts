import type { KoaContextWithOIDC, Provider } from 'oidc-provider';
import { isTraced, noteStep, type TraceStep } from '#domain/consoles/trace.ts';
import type { WebContext } from '#web/http/context.ts';

/**
 * Writes down what the engine does with the sign-in of an operator who tests a console (R19). A console that nobody tests costs a look into memory, and no statement. Of the
 * parameters only what is no secret is kept: that `state`, `nonce` and a challenge were there, not which.
 */
export function traceSignIns(
  context: WebContext,
  provider: Provider,
  log: { error(detail: object, text: string): void },
): void {
  provider.on('authorization.success', (ctx) => note(ctx, 'code-issued', paramsOf(ctx)));
  provider.on('interaction.started', (ctx, prompt) =>
    note(ctx, 'person-asked', { ...paramsOf(ctx), prompt: prompt.name, reasons: prompt.reasons }),
  );
  provider.on('authorization.error', (ctx, error) =>
    note(ctx, 'request-refused', { ...paramsOf(ctx), ...refusalOf(error) }),
  );
  provider.on('grant.success', (ctx) => note(ctx, 'code-redeemed', grantOf(ctx)));
  provider.on('grant.error', (ctx, error) =>
    note(ctx, 'token-refused', { ...grantOf(ctx), ...refusalOf(error) }),
  );

  function note(ctx: KoaContextWithOIDC, step: TraceStep, detail: Record<string, unknown>): void {
    const clientId = ctx.oidc.client?.clientId ?? text(ctx.oidc.params?.client_id);
    if (clientId === undefined) return;
    const now = context.clock();
    const { entities } = ctx.oidc;
    const accountId =
      entities.AuthorizationCode?.accountId ??
      entities.RefreshToken?.accountId ??
      entities.Session?.accountId ??
      null;
    // Anybody can send people here with a wrong request; only a console's own request may be of nobody.
    if (accountId === null && step !== 'token-refused') return;
    const write = async (): Promise<void> => {
      const console = await context.consoles.byClientId(clientId);
      if (console && isTraced(console, now))
        await noteStep(context.db, console.id, accountId, { step, detail }, now);
    };
    write().catch((error: unknown) => log.error({ err: error }, 'trace of a test sign-in'));
  }
}

function paramsOf(ctx: KoaContextWithOIDC): Record<string, unknown> {
  const params = ctx.oidc.params ?? {};
  return {
    redirectUri: text(params.redirect_uri),
    responseType: text(params.response_type),
    scope: text(params.scope),
    prompt: text(params.prompt),
    maxAge: text(params.max_age),
    challengeMethod:
      params.code_challenge === undefined ? undefined : (text(params.code_challenge_method) ?? 'plain'),
    state: params.state !== undefined,
    nonce: params.nonce !== undefined,
  };
}

function grantOf(ctx: KoaContextWithOIDC): Record<string, unknown> {
  const params = ctx.oidc.params ?? {};
  return {
    grantType: text(params.grant_type),
    redirectUri: text(params.redirect_uri),
    verifier: params.code_verifier !== undefined,
  };
}

/** What the engine says of a refusal; its details name what did not fit, never a secret. */
function refusalOf(error: Error): Record<string, unknown> {
  const { error_description: description, error_detail: detail } = error as {
    error_description?: string;
    error_detail?: string;
  };
  return { error: error.message, description, reason: detail };
}

function text(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' ? value.slice(0, 500) : undefined;
}
