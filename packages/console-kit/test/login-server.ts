import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { exportJWK, generateKeyPair, type JWK } from 'jose';
import Provider, { type ClientMetadata, type Configuration } from 'oidc-provider';

export type TestConsole = { clientId: string; origin: string };
type ApiAnswer = { status: number; headers?: Record<string, string>; body?: unknown };
export type ApiHandler = (request: IncomingMessage, body: string) => ApiAnswer | Promise<ApiAnswer>;
export type SigningKey = { privateKey: CryptoKey; jwk: JWK & { kid: string } };

export const CLIENT_SECRET = 'sample-client-secret-0123456789abcdef';

/** A real OpenID Provider on a loopback port, which signs people in by itself, with as much of the console API beside it as these tests ask for. */
export type TestLoginServer = {
  issuer: string;
  /** Who is signed in when the sign-in page would show; null shows the page. */
  person: string | null;
  api: ApiHandler;
  /** Paths asked for, in order. */
  requests: string[];
  es256: SigningKey;
  rs256: SigningKey;
  addConsole(console: TestConsole): void;
  goDown(): Promise<void>;
  comeBack(): Promise<void>;
};

export async function startLoginServer(): Promise<TestLoginServer> {
  const es256 = await signingKey('ES256', 'es-1');
  const rs256 = await signingKey('RS256', 'rs-1');
  const clients: ClientMetadata[] = [];
  let provider: Provider | null = null;
  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    test.requests.push(new URL(request.url ?? '/', test.issuer).pathname);
    void answer(test, (provider ??= providerFor(test, clients)), request, response);
  };
  let server = await listen(createServer(handle), 0);
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const { port } = address;
  const test: TestLoginServer = {
    issuer: `http://localhost:${port}`,
    person: 'acc_1',
    api: () => ({ status: 404, body: { code: 'not-set-up' } }),
    requests: [],
    es256,
    rs256,
    addConsole: ({ clientId, origin }) => clients.push(clientFor(clientId, origin)),
    goDown: async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
    comeBack: async () => {
      server = await listen(createServer(handle), port);
    },
  };
  return test;
}

async function answer(
  test: TestLoginServer,
  provider: Provider,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { pathname } = new URL(request.url ?? '/', test.issuer);
  if (pathname.startsWith('/api/console/v1/') || pathname.startsWith('/scim/v2/')) {
    const { status, headers, body } = await test.api(request, await textOf(request));
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(body === undefined ? undefined : JSON.stringify(body));
  } else if (pathname.startsWith('/interaction/')) {
    if (test.person === null) response.end('sign-in page');
    else await provider.interactionFinished(request, response, { login: { accountId: test.person } });
  } else {
    await provider.callback()(request, response);
  }
}

function providerFor(test: TestLoginServer, clients: ClientMetadata[]): Provider {
  const configuration: Configuration = {
    clients,
    jwks: { keys: [test.es256.jwk, test.rs256.jwk] },
    cookies: { keys: ['sample-cookie-key'] },
    conformIdTokenClaims: false,
    claims: { openid: ['sub', 'console_user_id'], email: ['email', 'email_verified'], profile: ['name'] },
    pkce: { required: () => true },
    features: {
      devInteractions: { enabled: false },
      backchannelLogout: { enabled: true },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: (ctx, form) => {
          ctx.body = form;
        },
        postLogoutSuccessSource: (ctx) => {
          ctx.body = 'signed out';
        },
      },
    },
    interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
    findAccount: (_ctx, sub) => ({
      accountId: sub,
      claims: () => ({
        sub,
        email: `${sub}@example.co.jp`,
        email_verified: true,
        name: '見本 花子',
        console_user_id: `user-of-${sub}`,
      }),
    }),
    loadExistingGrant: async (ctx) => {
      const { session, client, provider } = ctx.oidc;
      // A second grant for the same session would make the code of another tab invalid.
      const granted = session?.grantIdFor(client?.clientId ?? '');
      if (granted !== undefined) return provider.Grant.find(granted);
      const grant = new provider.Grant({
        clientId: client?.clientId ?? '',
        accountId: session?.accountId ?? '',
      });
      grant.addOIDCScope('openid email profile');
      await grant.save();
      return grant;
    },
    // The provider refuses loopback addresses through its own dispatcher.
    fetch: (url, init) => fetch(url, { ...init, dispatcher: undefined } as RequestInit),
    ttl: {
      AccessToken: 600,
      AuthorizationCode: 60,
      IdToken: 600,
      Interaction: 3600,
      Session: 3600,
      Grant: 3600,
    },
  };
  return new Provider(test.issuer, configuration);
}

function clientFor(clientId: string, origin: string): ClientMetadata {
  return {
    client_id: clientId,
    client_secret: CLIENT_SECRET,
    redirect_uris: [`${origin}/auth/callback`],
    post_logout_redirect_uris: [`${origin}/`],
    backchannel_logout_uri: `${origin}/auth/backchannel-logout`,
    backchannel_logout_session_required: true,
    id_token_signed_response_alg: 'ES256',
    require_auth_time: true,
    token_endpoint_auth_method: 'client_secret_basic',
  };
}

async function signingKey(alg: string, kid: string): Promise<SigningKey> {
  const { privateKey } = await generateKeyPair(alg, { extractable: true });
  return { privateKey, jwk: { ...(await exportJWK(privateKey)), alg, kid, use: 'sig' } };
}

function listen(server: Server, port: number): Promise<Server> {
  return new Promise((done, failed) => {
    server.once('error', failed).listen(port, 'localhost', () => done(server));
  });
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
