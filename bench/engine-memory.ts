// The floor of the protocol: the same engine with the same settings on its own memory storage, on bare node:http. No database, no framework, no password hash.
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { exportJWK, generateKeyPair } from 'jose';
import { Provider, interactionPolicy, type Configuration } from 'oidc-provider';
import { CONSOLE } from './sample.ts';

const port = Number(process.env.BENCH_PORT);
const { privateKey } = await generateKeyPair('ES256', { extractable: true });
const cookies = { httpOnly: true, sameSite: 'lax', signed: true } as const;
const policy = interactionPolicy.base();
policy.get('consent')?.checks.clear();

const configuration: Configuration = {
  clients: [
    {
      client_id: CONSOLE.clientId,
      client_secret: CONSOLE.clientSecret,
      redirect_uris: [CONSOLE.redirectUri],
      response_types: ['code'],
      grant_types: ['authorization_code', 'refresh_token'],
      token_endpoint_auth_method: 'client_secret_basic',
      id_token_signed_response_alg: 'ES256',
      require_auth_time: true,
      backchannel_logout_uri: 'http://console.example.co.jp/auth/backchannel-logout',
      backchannel_logout_session_required: true,
    },
  ],
  jwks: { keys: [{ ...(await exportJWK(privateKey)), alg: 'ES256', use: 'sig', kid: 'bench' }] },
  routes: {
    authorization: '/authorize',
    token: '/token',
    userinfo: '/userinfo',
    jwks: '/jwks',
    end_session: '/logout',
    introspection: '/introspect',
  },
  scopes: ['openid', 'email', 'profile', 'offline_access'],
  claims: {
    openid: ['sub', 'sid', 'console_user_id'],
    email: ['email', 'email_verified'],
    profile: ['name', 'locale'],
  },
  conformIdTokenClaims: false,
  responseTypes: ['code'],
  enabledJWA: { idTokenSigningAlgValues: ['ES256'] },
  cookies: { keys: ['sample-cookie-key'], long: cookies, short: cookies },
  ttl: {
    AccessToken: 600,
    AuthorizationCode: 60,
    IdToken: 600,
    Interaction: 3_600,
    Grant: 43_200,
    Session: 3_600,
  },
  expiresWithSession: async () => true,
  features: {
    devInteractions: { enabled: false },
    backchannelLogout: { enabled: true },
    revocation: { enabled: true },
    introspection: { enabled: true },
    userinfo: { enabled: true },
    resourceIndicators: { enabled: false },
  },
  interactions: { url: (_ctx, interaction) => `/sign-in/${interaction.uid}`, policy },
  async loadExistingGrant(ctx) {
    const { session, client, provider: engine } = ctx.oidc;
    if (!session?.accountId || !client) return undefined;
    const known = session.grantIdFor(client.clientId);
    if (known) return engine.Grant.find(known);
    const grant = new engine.Grant({ clientId: client.clientId, accountId: session.accountId });
    grant.addOIDCScope('openid email profile offline_access');
    await grant.save();
    return grant;
  },
  findAccount: async (_ctx, accountId) => ({
    accountId,
    claims: () => ({
      sub: accountId,
      email: accountId,
      email_verified: true,
      name: '見本 太郎',
      console_user_id: `user-${accountId}`,
    }),
  }),
};

const provider = new Provider(`http://localhost:${port}`, configuration);
const engine = provider.callback();
const server = createServer((request, response) => {
  if (!request.url?.startsWith('/sign-in/')) return void engine(request, response);
  if (request.method === 'GET')
    return void response.setHeader('content-type', 'text/html').end('<!doctype html><title>見本</title>');
  return void formOf(request).then((form) =>
    provider.interactionFinished(request, response, {
      login: { accountId: form.get('email_address') ?? '', amr: ['pwd'] },
    }),
  );
});
server.listen(port, '127.0.0.1');
await once(server, 'listening');
process.stdout.write('ready engine-memory\n');
process.once('SIGTERM', () => process.exit(0));

async function formOf(request: IncomingMessage): Promise<URLSearchParams> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return new URLSearchParams(Buffer.concat(chunks).toString());
}
