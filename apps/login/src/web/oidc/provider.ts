import {
  errors,
  interactionPolicy,
  Provider,
  type Configuration,
  type KoaContextWithOIDC,
} from 'oidc-provider';
import { accountWithLink } from '#domain/consoles/links.ts';
import { secretUse, secretUsed } from '#domain/consoles/secrets.ts';
import { SESSION_ABSOLUTE, SESSION_IDLE } from '#domain/sessions/sessions.ts';
import type { Db } from '#support/db/database.ts';
import type { SigningKeys } from '#support/keys/signing-keys.ts';
import { HOUR, MINUTE, SECOND } from '#support/primitives/durations.ts';
import type { WebContext } from '#web/http/context.ts';
import { renderErrorPage } from '#web/http/error-page.tsx';
import { placeOfRoute } from '#web/http/hosts.ts';
import { storageAdapter, writeRest } from './adapter.ts';
import { alterAnswersOfChecks } from './altered-answers.ts';
import { cookieSignatures } from './cookie-signatures.ts';
import { formPostPage } from './form-post-page.tsx';
import { CLAIMS, grantId, SCOPES } from './grants.ts';
import { sendKoaPage } from './koa-page.ts';
import { afterLogout, answerLogoutRequest, destroySession } from './logout.ts';
import { answerFailure, renderProtocolError } from './protocol-error.ts';
import { PROTOCOL_PATHS } from './paths.ts';
import { followKeys } from './signing-keys.ts';
import { personAhead } from './request-work.ts';

const seconds = (duration: number): number => Math.floor(duration / SECOND);

type ResponseModeHandler = (
  ctx: KoaContextWithOIDC,
  action: string,
  answer: Record<string, unknown>,
) => void | Promise<void>;
type ClientSecrets = { clientId: string; clientSecret: string; second_secret_hash?: string };

/** The protocol engine, set up for consoles that an operator has registered: OpenID Connect Core, PKCE, RP-initiated and back-channel logout. */
export function createProvider(context: WebContext, keys: SigningKeys): Provider {
  const { consoles, clock, db } = context;
  const sendAsForm: ResponseModeHandler = (ctx, action, answer) => {
    const fields = Object.entries(answer).map(([name, value]) => ({ name, value: String(value) }));
    ctx.status = 'error' in answer ? 400 : 200;
    sendKoaPage(context, ctx, (shell) => formPostPage(shell, { action, fields }));
  };
  const configuration: Configuration = {
    adapter: storageAdapter(db, consoles, clock),
    jwks: keys.jwks,
    routes: PROTOCOL_PATHS,
    scopes: [...SCOPES],
    claims: {
      openid: ['sub', 'sid', 'console_user_id'],
      email: ['email', 'email_verified'],
      profile: ['name', 'locale'],
    },
    // Stock clients look for name and address in the ID token and never ask userinfo.
    conformIdTokenClaims: false,
    // OpenID Connect Core §3.1.2.1: redirect_uri is required, also of a console that has only one.
    allowOmittingSingleRegisteredRedirectUri: false,
    responseTypes: ['code'],
    subjectTypes: ['public'],
    // The engine takes the secret of a console in either way.
    clientAuthMethods: ['client_secret_basic', 'client_secret_post'],
    enabledJWA: { idTokenSigningAlgValues: ['RS256', 'ES256'] },
    cookies: {
      keys: cookieSignatures(context.cookieKey.toString('base64url')),
      names: {
        session: context.secure ? '__Host-sso' : 'sso',
        interaction: 'sign_in',
        resume: 'sign_in_resume',
      },
      long: { httpOnly: true, sameSite: 'lax', secure: context.secure, signed: true },
      short: { httpOnly: true, sameSite: 'lax', secure: context.secure, signed: true },
    },
    ttl: {
      AccessToken: seconds(10 * MINUTE),
      AuthorizationCode: seconds(60 * SECOND),
      IdToken: seconds(10 * MINUTE),
      RefreshToken: (_ctx, token) =>
        Math.max(
          1,
          Math.min(
            seconds(1 * HOUR),
            (token.iiat ?? token.iat ?? epoch(clock())) + seconds(12 * HOUR) - epoch(clock()),
          ),
        ),
      Interaction: seconds(60 * MINUTE),
      Grant: seconds(SESSION_ABSOLUTE),
      Session: (_ctx, session) =>
        Math.max(
          1,
          Math.min(
            seconds(SESSION_IDLE),
            (session.loginTs ?? epoch(clock())) + seconds(SESSION_ABSOLUTE) - epoch(clock()),
          ),
        ),
    },
    // PKCE is per console: on for all but those that an operator marked as unable.
    extraClientMetadata: { properties: ['require_pkce', 'second_secret_hash'] },
    pkce: { required: (_ctx, client) => client['require_pkce'] !== false },
    rotateRefreshToken: true,
    issueRefreshToken: async (_ctx, client, code) =>
      client.grantTypeAllowed('refresh_token') && code.scopes.has('offline_access'),
    expiresWithSession: async () => true,
    features: {
      devInteractions: { enabled: false },
      backchannelLogout: { enabled: true },
      revocation: {
        enabled: true,
        allowedPolicy: (_ctx, client, token) => token.clientId === client.clientId,
      },
      introspection: {
        enabled: true,
        allowedPolicy: (_ctx, client, token) => token.clientId === client.clientId,
      },
      userinfo: { enabled: true },
      claimsParameter: { enabled: true },
      resourceIndicators: { enabled: false },
      dPoP: { enabled: false },
      pushedAuthorizationRequests: { enabled: false },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: (ctx) => answerLogoutRequest(context, ctx),
        postLogoutSuccessSource: (ctx) => ctx.redirect('/signed-out'),
      },
    },
    interactions: { url: (_ctx, interaction) => `/sign-in/${interaction.uid}`, policy: signInPolicy() },
    loadExistingGrant,
    findAccount: async (ctx, accountId) => {
      const console = ctx.oidc.client && (await consoles.byClientId(ctx.oidc.client.clientId));
      if (!console) return undefined;
      const found = await linkedPerson(db, accountId, console.id);
      if (!found) return undefined;
      const { account, consoleUserId } = found;
      return {
        accountId,
        consoleUserId,
        claims: () => ({
          sub: accountId,
          email: account.email_address,
          // An address becomes a way in only through a code that was read there (R3).
          email_verified: true,
          name: account.name,
          ...(account.locale ? { locale: account.locale } : {}),
          ...(consoleUserId === null ? {} : { console_user_id: consoleUserId }),
        }),
      };
    },
    renderError: (ctx, out, error) => renderProtocolError(context, ctx, out, error),
    // The engine itself fetches nothing: no client registers keys or requests by address. Logout goes through domain/logout.
    fetch: async () => {
      throw new Error('The protocol engine makes no outbound requests.');
    },
    clientBasedCORS: () => false,
  };
  /** What the engine has no setting for: its page of the form post response mode, which is registered while the engine is made, and a host of their own for what browsers are led to. */
  class ProviderWithOwnPages extends Provider {
    override pathFor(name: string, options?: Parameters<Provider['pathFor']>[1]): string {
      const path = super.pathFor(name, options);
      // The engine takes the address of a path from its issuer: a whole address stays as it is.
      return placeOfRoute(path) === 'pages' ? `${context.pagesUrl}${path}` : path;
    }
    override registerResponseMode(name: string, handler: ResponseModeHandler): void {
      super.registerResponseMode(name, name === 'form_post' ? sendAsForm : handler);
    }
  }
  const provider = new ProviderWithOwnPages(context.issuer, configuration);
  // What the engine takes from a request about its own address is the issuer's, whatever proxy stands before us and whatever a header says.
  const { protocol, host } = new URL(context.issuer);
  Object.defineProperties(provider.request, {
    protocol: { get: () => protocol.slice(0, -1) },
    secure: { get: () => context.secure },
    host: { get: () => host },
  });

  Object.assign(provider.Client.prototype, {
    // Client secrets are stored hashed; what the engine holds as the secret is the hash, and beside it that of a second one.
    async compareClientSecret(this: ClientSecrets, actual: string) {
      const { clientId, clientSecret: first, second_secret_hash: second = null } = this;
      const used = secretUsed({ client_secret_hash: first, second_secret_hash: second }, actual);
      if (used !== undefined) context.uses.note(clientId, secretUse(used), clock());
      return used !== undefined;
    },
    // Consoles are told from the queue (domain/logout), which is filled in the transaction that ends the session.
    async backchannelLogout() {},
  });
  Object.assign(provider.Session.prototype, {
    async destroy(this: Parameters<typeof destroySession>[1]) {
      await destroySession(context, this);
    },
  });
  followKeys(provider, keys);
  // What is written after the engine is done has none of its error handlers around it.
  provider.use(async (ctx, next) => {
    try {
      await next();
    } catch (error) {
      ctx.status = 500;
      provider.emit('server_error', ctx as KoaContextWithOIDC, error as Error);
      answerFailure(context, ctx as KoaContextWithOIDC, error as Error);
    }
  });
  alterAnswersOfChecks(context, provider, keys);
  provider.use((ctx, next) => afterLogout(context, ctx as KoaContextWithOIDC, next));
  provider.use(async (ctx, next) => {
    try {
      await next();
      await writeRest(db, ctx, clock());
    } catch (error) {
      // The session ended in another window while this request was under way.
      if (!(error instanceof errors.SessionNotFound)) throw error;
      ctx.status = 400;
      sendKoaPage(context, ctx as KoaContextWithOIDC, (shell) => renderErrorPage(shell, 'sign-in-gone'));
    }
  });
  return provider;
}

/** The person, as far as a console may know them; read with the session or token that named them, if it was in this request. */
async function linkedPerson(db: Db, accountId: string, consoleId: string) {
  const ahead = personAhead(accountId);
  if (!ahead) return accountWithLink(db, accountId, consoleId);
  return (
    ahead.found && {
      account: ahead.found.account,
      consoleUserId: ahead.found.consoleUserIds[consoleId] ?? null,
    }
  );
}

/**
 * When a person must be asked: the engine's own reasons to sign in, an account that is gone or suspended, and a console that does not know
 * this account. Consent is not asked for, every console is the company's own; one that requests it, as OpenID Connect Core §11 wants for
 * `offline_access`, gets it without a page.
 */
function signInPolicy(): interactionPolicy.DefaultPolicy {
  const { base, Check, Prompt } = interactionPolicy;
  const policy = base();
  policy.get('consent')?.checks.clear();
  policy
    .get('login')
    ?.checks.add(
      new Check('account_gone', 'End-User authentication is required', (ctx) =>
        ctx.oidc.session?.accountId && !ctx.oidc.account ? Check.REQUEST_PROMPT : Check.NO_NEED_TO_PROMPT,
      ),
    );
  policy.add(
    new Prompt(
      { name: 'console_link', requestable: false },
      new Check('not_linked', 'this End-User has no user in this console', 'interaction_required', (ctx) =>
        ctx.oidc.account && ctx.oidc.account.consoleUserId === null
          ? Check.REQUEST_PROMPT
          : Check.NO_NEED_TO_PROMPT,
      ),
    ),
  );
  return policy;
}

async function loadExistingGrant(ctx: KoaContextWithOIDC) {
  const { session, client, account, provider } = ctx.oidc;
  if (!session || !client || !account) return undefined;
  const grant = new provider.Grant({ clientId: client.clientId, accountId: account.accountId });
  grant.jti = grantId(session.uid, client.clientId, account.accountId);
  grant.addOIDCScope(SCOPES.join(' '));
  grant.addOIDCClaims([...CLAIMS]);
  return grant;
}

function epoch(moment: Date): number {
  return Math.floor(moment.getTime() / 1_000);
}
