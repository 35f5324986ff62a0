import { createHash, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { base64url, exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from 'jose';

type Asked = {
  path: string;
  query: URLSearchParams;
  authorization: string | undefined;
  body: URLSearchParams;
};
type Key = { kid: string; alg: 'RS256' | 'ES256'; privateKey: CryptoKey; jwk: JWK };

/**
 * An OpenID Provider as the OpenID Foundation's suite is one for relying parties: it signs everybody in at once, writes down what it was asked, and does wrong where a test says so. Tests change
 * its members; each test has one of its own.
 */
export class PlanProvider {
  readonly asked: Asked[] = [];
  /** What signs, and what is published at the JWKS address. */
  keys: Key[] = [];
  published: JWK[] = [];
  /** Alters what a good answer would be. */
  discovery = (document: Record<string, unknown>): Record<string, unknown> => document;
  idToken = (claims: JWTPayload): JWTPayload => claims;
  header = (header: { alg: string; kid?: string }): { alg: string; kid?: string } => header;
  signed = (token: string): string => token;
  userInfo = (claims: Record<string, unknown>): Record<string, unknown> => claims;
  /** What comes back with the person after a logout. */
  backFromLogout = (state: string | null): Record<string, string> => (state === null ? {} : { state });
  readonly issuer: string;
  readonly #server;
  #rotations = 0;
  readonly #codes = new Map<string, URLSearchParams>();

  private constructor(server: ReturnType<typeof createServer>) {
    this.#server = server;
    this.issuer = `http://localhost:${(server.address() as AddressInfo).port}`;
  }

  static async start(alg: 'RS256' | 'ES256' = 'RS256'): Promise<PlanProvider> {
    const server = createServer();
    await new Promise<void>((done) => server.listen(0, 'localhost', done));
    const provider = new PlanProvider(server);
    server.on('request', (request, response) => void provider.#answer(request, response));
    await provider.rotate(alg);
    return provider;
  }

  /** From now on another key signs; the former one is published no more. */
  async rotate(alg: 'RS256' | 'ES256' = 'RS256'): Promise<void> {
    const key = await newKey(alg, this.#rotations++);
    this.keys = [key];
    this.published = [key.jwk];
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((done) => this.#server.close(done));
  }

  async sign(claims: JWTPayload, header: Record<string, unknown> = {}): Promise<string> {
    const [key] = this.keys;
    if (!key) throw new Error('no key');
    const { alg, ...rest } = { alg: key.alg, kid: key.kid, ...header };
    return new SignJWT(claims).setProtectedHeader({ alg, ...rest }).sign(key.privateKey);
  }

  /** The paths asked for, in order. */
  get paths(): string[] {
    return this.asked.map(({ path }) => path);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.issuer);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = new URLSearchParams(Buffer.concat(chunks).toString());
    const { authorization } = request.headers;
    this.asked.push({ path: url.pathname, query: url.searchParams, authorization, body });
    const json = (value: unknown): void =>
      void response.setHeader('content-type', 'application/json').end(JSON.stringify(value));
    switch (url.pathname) {
      case '/.well-known/openid-configuration':
        return json(this.discovery(this.#document()));
      case '/jwks':
        return json({ keys: this.published });
      case '/authorize': {
        const code = randomUUID();
        this.#codes.set(code, url.searchParams);
        return goTo(response, url.searchParams.get('redirect_uri'), {
          code,
          state: url.searchParams.get('state') ?? '',
          iss: this.issuer,
        });
      }
      case '/token':
        return json(await this.#tokens(body));
      case '/userinfo':
        return json(this.userInfo({ sub: 'acc_1', name: '見本 花子', email: 'hanako@example.co.jp' }));
      case '/end':
        return goTo(
          response,
          url.searchParams.get('post_logout_redirect_uri'),
          this.backFromLogout(url.searchParams.get('state')),
        );
      default:
        response.writeHead(404).end();
    }
  }

  async #tokens(body: URLSearchParams): Promise<object> {
    const asked = this.#codes.get(body.get('code') ?? '');
    this.#codes.delete(body.get('code') ?? '');
    const challenge = createHash('sha256')
      .update(body.get('code_verifier') ?? '')
      .digest('base64url');
    if (asked?.get('code_challenge') !== challenge) return { error: 'invalid_grant' };
    const now = Math.floor(Date.now() / 1_000);
    const claims = this.idToken({
      ...{ iss: this.issuer, sub: 'acc_1', aud: asked.get('client_id') ?? '', iat: now, exp: now + 300 },
      ...{ nonce: asked.get('nonce') ?? '', sid: 'sid-1', console_user_id: '7' },
    });
    const [key] = this.keys;
    const { kid, alg } = this.header({ alg: key?.alg ?? '', kid: key?.kid ?? '' });
    const unsigned = `${base64url.encode(JSON.stringify({ alg }))}.${base64url.encode(JSON.stringify(claims))}.`;
    const token = alg === 'none' ? unsigned : await this.sign(claims, { alg, kid });
    return {
      access_token: 'sample-access-token',
      token_type: 'Bearer',
      id_token: this.signed(token),
      expires_in: 60,
    };
  }

  #document(): Record<string, unknown> {
    const { issuer } = this;
    return {
      issuer,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/token`,
      userinfo_endpoint: `${issuer}/userinfo`,
      end_session_endpoint: `${issuer}/end`,
      jwks_uri: `${issuer}/jwks`,
      response_types_supported: ['code'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['RS256', 'ES256', 'none'],
      authorization_response_iss_parameter_supported: true,
    };
  }
}

/** RSA keys take their time: each is made once, and has another name where another test has it. */
const pairs = new Map<string, ReturnType<typeof generateKeyPair>>();

/** @param which another number, another key */
export async function newKey(
  alg: 'RS256' | 'ES256',
  which: number,
  kid: string = randomUUID(),
): Promise<Key> {
  const known = `${alg} ${which}`;
  let pair = pairs.get(known);
  if (!pair) pairs.set(known, (pair = generateKeyPair(alg, { extractable: true })));
  const { privateKey, publicKey } = await pair;
  return { kid, alg, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' } };
}

function goTo(response: ServerResponse, address: string | null, parameters: Record<string, string>): void {
  const url = new URL(address ?? 'about:blank');
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  response.writeHead(302, { location: url.href }).end();
}
