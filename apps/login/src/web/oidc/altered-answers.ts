import { decodeJwt, decodeProtectedHeader } from 'jose';
import type { Provider } from 'oidc-provider';
import { noteRedeemed, type Altered } from '#domain/readiness/altered-answer.ts';
import { signedByNobody, unsigned } from '#domain/readiness/logout-token-checks.ts';
import { isTestAccount } from '#domain/readiness/test-account.ts';
import { signJwt, type SigningAlgorithm, type SigningKeys } from '#support/keys/signing-keys.ts';
import { HOUR, SECOND } from '#support/primitives/durations.ts';
import { newSecret } from '#support/primitives/secrets.ts';
import type { WebContext } from '#web/http/context.ts';

/**
 * Gives test accounts the ID tokens that a console must refuse, when its check asks for one (R19). For anybody else's account this is a look at the beginning of an id, and no statement.
 */
export function alterAnswersOfChecks(context: WebContext, provider: Provider, keys: SigningKeys): void {
  provider.use(async (ctx, next) => {
    await next();
    const { oidc } = ctx as {
      oidc?: { route?: string; entities?: { AuthorizationCode?: { accountId?: string } } };
    };
    const accountId = oidc?.route === 'token' ? oidc.entities?.AuthorizationCode?.accountId : undefined;
    if (accountId === undefined || !isTestAccount(accountId) || ctx.status !== 200) return;
    const altered = await noteRedeemed(context.db, accountId);
    const body = ctx.body as { id_token?: unknown } | undefined;
    if (altered === null || typeof body?.id_token !== 'string') return;
    ctx.body = { ...body, id_token: await alteredToken(keys, body.id_token, altered) };
  });
}

/** Otherwise the token that it was: of this console, of this sign-in. */
async function alteredToken(keys: SigningKeys, token: string, altered: Altered): Promise<string> {
  const { alg, kid = '', typ = 'JWT' } = decodeProtectedHeader(token);
  const claims = decodeJwt(token) as Parameters<typeof signJwt>[3];
  const algorithm = alg as SigningAlgorithm;
  const signed = (changed: Record<string, unknown>): Promise<string> =>
    signJwt(keys, algorithm, typ, { ...claims, ...changed });
  switch (altered) {
    case 'nonce':
      return signed({ nonce: newSecret() });
    case 'issuer':
      return signed({ iss: 'https://readiness-check.invalid' });
    case 'audience':
      return signed({ aud: `readiness-check of ${claims.aud}` });
    case 'expiry':
      return signed({ iat: claims.iat - HOUR / SECOND, exp: claims.iat - HOUR / SECOND + 600 });
    case 'signature':
      return signedByNobody(claims, algorithm, kid, typ);
    case 'unsigned':
      return unsigned(claims, typ);
  }
}
