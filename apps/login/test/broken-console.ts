import { createHash, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify, type JWTPayload } from 'jose';
import { CONSOLE_SECRET, type World } from './world.ts';

/** What one of these consoles does wrong; nothing else. */
export type Wrong =
  | 'entrance-missing'
  | 'no-pkce'
  | 'no-nonce'
  | 'other-redirect-uri'
  | 'clock-behind'
  | 'state-constant'
  | 'nonce-constant'
  | 'verifier-constant'
  | 'state-unchecked'
  | 'any-browser'
  | 'nonce-unchecked'
  | 'issuer-unchecked'
  | 'audience-unchecked'
  | 'expiry-unchecked'
  | 'signature-unchecked'
  | 'unsigned-taken'
  | 'response-issuer-unchecked'
  | 'target-unchecked'
  | 'initiator-unchecked'
  | 'code-not-redeemed'
  | 'callback-fails'
  | 'no-session-cookie'
  | 'test-user-refused'
  | 'home-for-everybody'
  | 'cookie-for-scripts'
  | 'cookie-for-any-site'
  | 'cookie-for-all-sites'
  | 'session-id-kept'
  | 'cookie-for-a-day'
  | 'logout-signature-unchecked'
  | 'logout-unsigned-taken'
  | 'logout-issuer-unchecked'
  | 'logout-audience-unchecked'
  | 'logout-age-unchecked'
  | 'logout-event-unchecked'
  | 'logout-nonce-unchecked'
  | 'logout-subject-unchecked'
  | 'logout-before-verifying'
  | 'logout-by-sub'
  | 'logout-replayed'
  | 'logout-ignored'
  | 'logout-refused'
  | 'logout-fails'
  | 'leaves-alone'
  | 'leaves-without-hint'
  | 'leaves-without-client'
  | 'leaves-elsewhere'
  | 'leaves-in-circles'
  | 'leaves-session'
  | 'no-way-out'
  | 'legacy-open'
  | 'legacy-closed'
  | 'legacy-link-missing'
  | 'legacy-link-early'
  | 'legacy-link-by-script'
  | 'event-refused';

export type BrokenConsole = { clientId: string; wrong?: Wrong; phase?: 'prepared' | 'parallel' | 'unified' };
type Session = { sub: string; sid: string; idToken: string };
type Pending = { state: string; nonce: string; verifier: string; target: string };

/**
 * Many small consoles on one server, each below a path of its own: sign-in, sessions, legacy page and both ways out, written without a kit so that every check can be left out by itself. They speak
 * to the login server as any console does, without a network between.
 */
export async function openBrokenConsoles(world: World, consoles: readonly BrokenConsole[]) {
  const { issuer } = world.config;
  const keys = createLocalJWKSet((await world.app.server.inject({ url: '/jwks', headers: host() })).json());
  const handlers = new Map(consoles.map((one) => [one.clientId, consoleOf(one)]));
  const server = createServer((request, response) => {
    const name = request.url?.split('/')[1] ?? '';
    const handle = handlers.get(name);
    if (!handle) return void response.writeHead(404).end();
    handle(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    addressesOf: (clientId: string) => addressesOf(`${origin}/${clientId}`),
    close(): Promise<void> {
      server.closeAllConnections();
      return new Promise((closed) => server.close(() => closed()));
    },
  };

  function host() {
    return { host: new URL(issuer).host };
  }

  function consoleOf({ clientId, wrong, phase = 'prepared' }: BrokenConsole) {
    const is = (one: Wrong): boolean => one === wrong;
    const sessions = new Map<string, Session>();
    const pendings = new Map<string, Pending>();
    const used = new Set<string>();
    const path = `/${clientId}/`;

    return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
      const url = new URL(request.url ?? '/', origin);
      const body = await textOf(request);
      if (is('clock-behind')) {
        response.sendDate = false;
        response.setHeader('date', new Date(Date.now() - 600_000).toUTCString());
      }
      const session = sessions.get(cookie(request, 'session'));
      switch (`${request.method} ${url.pathname.slice(path.length)}`) {
        case 'GET auth/start':
          return is('entrance-missing') ? end(404) : start(url.searchParams);
        case 'GET auth/callback':
          return callback(url.searchParams);
        case 'POST auth/backchannel-logout':
          return end(
            is('logout-fails') ? 500 : await told(new URLSearchParams(body).get('logout_token') ?? ''),
          );
        case 'POST auth/events':
          return end((await isEvent(body)) && !is('event-refused') ? 202 : 400);
        case 'GET login':
          return legacy();
        case 'POST logout':
        case 'GET logout':
          return leave(session);
        case 'GET ':
          if (!session && !is('home-for-everybody')) return go(phase === 'unified' ? 'auth/start' : 'login');
          return page(
            is('no-way-out')
              ? 'はい'
              : `<form method="post" action="${path}logout"><button>出る</button></form>`,
          );
        default:
          return end(404);
      }

      function start(asked: URLSearchParams): void {
        const iss = asked.get('iss') ?? issuer;
        if (iss !== issuer && !is('initiator-unchecked')) return end(400);
        const target = asked.get('target_link_uri') ?? '';
        const isOwn = target.startsWith(`${origin}${path}`) || is('target-unchecked');
        const pending: Pending = {
          state: is('state-constant') ? 'always-the-same' : random(),
          nonce: is('nonce-constant') ? 'always-the-same' : random(),
          verifier: is('verifier-constant') ? 'a'.repeat(43) : random() + random(),
          target: target !== '' && isOwn ? target : `${origin}${path}`,
        };
        pendings.set(pending.state, pending);
        set('pending', Buffer.from(JSON.stringify(pending)).toString('base64url'), 'HttpOnly; SameSite=Lax');
        const wanted = {
          client_id: clientId,
          response_type: 'code',
          scope: 'openid email profile',
          redirect_uri: `${origin}${path}auth/${is('other-redirect-uri') ? 'other' : 'callback'}`,
          state: pending.state,
          ...(is('no-nonce') ? {} : { nonce: pending.nonce }),
          ...(is('no-pkce')
            ? {}
            : {
                code_challenge: createHash('sha256').update(pending.verifier).digest('base64url'),
                code_challenge_method: 'S256',
              }),
        };
        return go(`${iss}/authorize?${new URLSearchParams(wanted).toString()}`);
      }

      async function callback(answer: URLSearchParams): Promise<void> {
        const state = answer.get('state') ?? '';
        const kept = cookie(request, 'pending');
        const pending = is('any-browser')
          ? pendings.get(state)
          : kept === ''
            ? undefined
            : (JSON.parse(Buffer.from(kept, 'base64url').toString()) as Pending);
        if (is('callback-fails')) return end(500);
        if (!pending || (pending.state !== state && !is('state-unchecked'))) return end(400);
        if (answer.get('iss') !== issuer && !is('response-issuer-unchecked')) return end(400);
        if (is('code-not-redeemed')) return end(502);
        const idToken = await redeem(answer.get('code') ?? '', pending);
        const claims = idToken === undefined ? undefined : await verified(idToken, pending);
        if (idToken === undefined || !claims) return end(400);
        if (is('test-user-refused')) return end(403);
        const known = cookie(request, 'session');
        const id = is('session-id-kept') && known !== '' ? known : random();
        sessions.set(id, { sub: claims.sub ?? '', sid: String(claims.sid), idToken });
        if (!is('no-session-cookie')) set('session', id, attributes());
        return go(pending.target);
      }

      async function redeem(code: string, pending: Pending): Promise<string | undefined> {
        const answered = await world.app.server.inject({
          method: 'POST',
          url: '/token',
          headers: {
            ...host(),
            authorization: `Basic ${Buffer.from(`${clientId}:${CONSOLE_SECRET}`).toString('base64')}`,
            'content-type': 'application/x-www-form-urlencoded',
          },
          payload: new URLSearchParams({
            grant_type: 'authorization_code',
            code,
            redirect_uri: `${origin}${path}auth/callback`,
            code_verifier: pending.verifier,
          }).toString(),
        });
        return answered.json<{ id_token?: string }>().id_token;
      }

      async function verified(token: string, { nonce }: Pending): Promise<JWTPayload | undefined> {
        const claims = await signedClaims(token, is('signature-unchecked'), is('unsigned-taken'));
        if (!claims) return undefined;
        const now = Date.now() / 1_000;
        return (claims.iss === issuer || is('issuer-unchecked')) &&
          (claims.aud === clientId || is('audience-unchecked')) &&
          ((claims.exp ?? 0) > now || is('expiry-unchecked')) &&
          (claims.nonce === nonce || is('nonce-unchecked') || is('no-nonce'))
          ? claims
          : undefined;
      }

      async function told(token: string): Promise<200 | 400> {
        if (is('logout-before-verifying') && token.split('.').length === 3)
          endSessions((one) => one.sid === decodeJwt(token).sid);
        const claims = await signedClaims(
          token,
          is('logout-signature-unchecked'),
          is('logout-unsigned-taken'),
        );
        if (!claims || is('logout-refused')) return 400;
        const { iss, aud, iat = 0, exp = 0, jti = '', sub, sid, events, nonce } = claims;
        const now = Date.now() / 1_000;
        const isRight =
          (iss === issuer || is('logout-issuer-unchecked')) &&
          (aud === clientId || is('logout-audience-unchecked')) &&
          ((exp > now && iat > now - 180) || is('logout-age-unchecked')) &&
          (typeof events === 'object' || is('logout-event-unchecked')) &&
          (nonce === undefined || is('logout-nonce-unchecked')) &&
          (sub !== undefined || sid !== undefined || is('logout-subject-unchecked')) &&
          (!used.has(jti) || is('logout-replayed'));
        if (!isRight) return 400;
        used.add(jti);
        if (!is('logout-ignored'))
          endSessions((one) => (is('logout-by-sub') ? one.sub === sub : one.sid === sid));
        return 200;
      }

      function endSessions(matches: (one: Session) => boolean): void {
        for (const [id, one] of sessions) if (matches(one)) sessions.delete(id);
      }

      function leave(left: Session | undefined): void {
        if (is('leaves-in-circles')) return void response.writeHead(307, { location: `${path}logout` }).end();
        if (!is('leaves-session')) sessions.delete(cookie(request, 'session'));
        if (is('leaves-alone')) return go('login');
        const asked = new URLSearchParams({
          ...(is('leaves-without-hint') ? {} : { id_token_hint: left?.idToken ?? '' }),
          ...(is('leaves-without-client') ? {} : { client_id: clientId }),
          post_logout_redirect_uri: `${origin}${path}${is('leaves-elsewhere') ? 'elsewhere' : ''}`,
        });
        return go(`${issuer}/logout?${asked.toString()}`);
      }

      function legacy(): void {
        if (phase === 'unified' && !is('legacy-open')) return go('auth/start');
        if (is('legacy-closed')) return go('auth/start');
        const link = `<a href="${path}auth/start">統合認証画面はこちら</a>`;
        const shown = phase === 'parallel' ? !is('legacy-link-missing') : is('legacy-link-early');
        const script = `<script src="${issuer}/consoles/${clientId}/link.js" async></script>`;
        return page(
          `<input type="password" name="password">${is('legacy-link-by-script') ? script : shown ? link : ''}`,
        );
      }

      function attributes(): string {
        const lasts = is('cookie-for-a-day') ? '; Max-Age=86400' : '';
        const sites = is('cookie-for-any-site')
          ? ''
          : `; SameSite=${is('cookie-for-all-sites') ? 'None; Secure' : 'Lax'}`;
        return `Version=1${is('cookie-for-scripts') ? '' : '; HttpOnly'}${sites}${lasts}`;
      }
      function set(name: string, value: string, more: string): void {
        response.appendHeader('set-cookie', `${name}=${value}; Path=${path}; ${more}`);
      }
      function go(to: string): void {
        response.writeHead(303, { location: /^https?:/.test(to) ? to : `${path}${to}` }).end();
      }
      function page(html: string): void {
        response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(html);
      }
      function end(status: number): void {
        response.writeHead(status).end();
      }
    };

    async function isEvent(token: string): Promise<boolean> {
      const claims = await signedClaims(token, false, false);
      return claims?.aud === clientId && claims.iss === issuer && typeof claims.events === 'object';
    }
  }

  /** What a token says whose signature is right, or that nobody asks for one. */
  async function signedClaims(
    token: string,
    anySignature: boolean,
    none: boolean,
  ): Promise<JWTPayload | undefined> {
    try {
      const { alg } = decodeProtectedHeader(token);
      if (alg === 'none' ? none : anySignature) return decodeJwt(token);
      const { payload } = await jwtVerify(token, keys, {
        algorithms: ['ES256'],
        // The claims are looked at one by one.
        currentDate: new Date((decodeJwt(token).iat ?? 0) * 1_000),
      });
      return payload;
    } catch {
      return undefined;
    }
  }
}

function addressesOf(base: string) {
  return {
    homeUrl: `${base}/`,
    initiateLoginUri: `${base}/auth/start`,
    redirectUris: [`${base}/auth/callback`],
    postLogoutRedirectUris: [`${base}/`],
    backchannelLogoutUri: `${base}/auth/backchannel-logout`,
    eventUri: `${base}/auth/events`,
    legacyLoginUrl: `${base}/login`,
  };
}

function random(): string {
  return randomBytes(24).toString('base64url');
}

function cookie(request: IncomingMessage, name: string): string {
  return new RegExp(`(?:^|; )${name}=([^;]*)`).exec(request.headers.cookie ?? '')?.[1] ?? '';
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
