import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Phase } from '@hitokagi/console-kit';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import Provider, { type Configuration } from 'oidc-provider';
import { answerScim } from './scim.ts';
import { answerConsoleApi, type ConsoleApiState, type TestAccount } from './console-api.ts';

/** A real OpenID Provider on a loopback port with a small console API beside it, in the place of the login server. */
export type TestLoginServer = {
  issuer: string;
  accounts: TestAccount[];
  /** Who "types" at the sign-in page; null leaves the page open. */
  atTheKeyboard: TestAccount | null;
  /** What the last sign-in page was asked for. */
  lastSignIn: { loginHint: string | undefined; locale: string | undefined } | null;
  api: ConsoleApiState;
  /** Delivers a back-channel logout to the console; set by the world. */
  deliver: (url: string, body: string) => Promise<number>;
  setPhase(phase: Phase, now: Date): Promise<void>;
  down: boolean;
  /** A token with the login server's signature, issued at `now` to this console, for a minute. */
  sign(typ: string, claims: Record<string, unknown>, now: Date): Promise<string>;
  close(): Promise<void>;
};

export async function startLoginServer(client: {
  id: string;
  secret: string;
  origin: string;
}): Promise<TestLoginServer> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  const server = createServer((request, response) => void handle(request, response));
  await new Promise<void>((done) => server.listen(0, 'localhost', done));
  const { port } = server.address() as { port: number };
  const test: TestLoginServer = {
    issuer: `http://localhost:${port}`,
    accounts: [],
    atTheKeyboard: null,
    lastSignIn: null,
    api: {
      plan: null,
      plansTold: 0,
      changes: new Map(),
      addressesOfOthers: new Set(),
      legacySignIns: new Map(),
      failNext: [],
      refuseNext: null,
      kept: new Set(),
      accounts: () => test.accounts,
    },
    deliver: async () => 503,
    setPhase: async (phase, now) => {
      test.api.plan = planIn(phase, now);
      const told = test.api.plansTold;
      while (test.api.plansTold < told + 2) await new Promise((done) => setTimeout(done, 5));
    },
    down: false,
    sign: (typ, claims, now) => {
      const token = new SignJWT({ jti: randomUUID(), ...claims })
        .setProtectedHeader({ alg: 'ES256', kid: 'sample', typ })
        .setIssuer(test.issuer)
        .setAudience(client.id)
        .setIssuedAt(now);
      // Security event tokens have no end (OpenID SSF 1.0 §4.1.7).
      if (typ !== 'secevent+jwt') token.setExpirationTime(new Date(now.getTime() + 60_000));
      return token.sign(privateKey);
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
  const provider = new Provider(test.issuer, await configuration(test, client, privateKey));
  return test;

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? '/', test.issuer);
    if (test.down) {
      request.destroy();
    } else if (pathname.startsWith('/api/console/v1/')) {
      await answerConsoleApi(test.api, pathname.slice('/api/console/v1'.length), request, response);
    } else if (pathname.startsWith('/scim/v2/')) {
      await answerScim(test.accounts, request, response);
    } else if (pathname.startsWith('/interaction/')) {
      const { params } = await provider.interactionDetails(request, response);
      test.lastSignIn = { loginHint: text(params['login_hint']), locale: text(params['ui_locales']) };
      if (test.atTheKeyboard === null) response.end('the sign-in page');
      else
        await provider.interactionFinished(request, response, {
          login: { accountId: test.atTheKeyboard.sub },
        });
    } else {
      await provider.callback()(request, response);
    }
  }
}

/** A plan that is in this phase at `now`, with the moments an hour apart. */
export function planIn(phase: Phase, now: Date): ConsoleApiState['plan'] {
  const at = (hours: number) => new Date(now.getTime() + hours * 3_600_000).toISOString();
  const moments = {
    prepared: { linkAt: at(1), cutOverAt: null },
    parallel: { linkAt: at(-1), cutOverAt: null },
    unified: { linkAt: at(-2), cutOverAt: at(-1) },
  }[phase];
  return planWith(moments);
}

export function planWith(moments: {
  linkAt: string | null;
  cutOverAt: string | null;
}): ConsoleApiState['plan'] {
  return {
    consoleId: 'con_sample',
    revision: 1,
    announceAt: null,
    ...moments,
    allows: {
      prepared: { legacyLink: false, legacySignIn: true, reset: 'console', logout: 'console' },
      parallel: { legacyLink: true, legacySignIn: true, reset: 'unified', logout: 'by-session' },
      unified: { legacyLink: false, legacySignIn: false, reset: 'unified', logout: 'by-session' },
    },
  };
}

async function configuration(
  test: TestLoginServer,
  client: { id: string; secret: string; origin: string },
  privateKey: CryptoKey,
): Promise<Configuration> {
  const account = (sub: string) => test.accounts.find((one) => one.sub === sub);
  return {
    clients: [
      {
        client_id: client.id,
        client_secret: client.secret,
        redirect_uris: [`${client.origin}/auth/callback`],
        post_logout_redirect_uris: [`${client.origin}/`],
        backchannel_logout_uri: `${client.origin}/auth/backchannel-logout`,
        backchannel_logout_session_required: true,
        id_token_signed_response_alg: 'ES256',
        require_auth_time: true,
      },
    ],
    jwks: { keys: [{ ...(await exportJWK(privateKey)), alg: 'ES256', kid: 'sample', use: 'sig' }] },
    cookies: { keys: ['sample-cookie-key'] },
    conformIdTokenClaims: false,
    claims: { openid: ['sub', 'console_user_id'], email: ['email', 'email_verified'], profile: ['name'] },
    pkce: { required: () => true },
    features: {
      devInteractions: { enabled: false },
      backchannelLogout: { enabled: true },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: (ctx, form) => void (ctx.body = form),
        postLogoutSuccessSource: (ctx) => void (ctx.body = 'the signed-out page'),
      },
    },
    interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
    findAccount: (_ctx, sub) => ({
      accountId: sub,
      claims: () => ({
        sub,
        email: account(sub)?.emailAddress,
        email_verified: true,
        name: account(sub)?.name,
        console_user_id: account(sub)?.consoleUserId,
      }),
    }),
    loadExistingGrant: async (ctx) => {
      const { session, provider } = ctx.oidc;
      const granted = session?.grantIdFor(client.id);
      if (granted !== undefined) return provider.Grant.find(granted);
      const grant = new provider.Grant({ clientId: client.id, accountId: session?.accountId ?? '' });
      grant.addOIDCScope('openid email profile');
      await grant.save();
      return grant;
    },
    fetch: async (url, init) =>
      new Response('', { status: await test.deliver(String(url), String(init?.body)) }),
    ttl: {
      AccessToken: 600,
      AuthorizationCode: 60,
      IdToken: 600,
      Interaction: 3600,
      Session: 3600,
      Grant: 3600,
    },
  };
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
