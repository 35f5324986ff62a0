import { generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { type ConsoleKit, memoryLogoutTokenStore } from '../src/index.ts';
import type { ConsoleKitOptions } from '../src/index.ts';
import { kitFor } from './console.ts';
import type { TestLoginServer } from './login-server.ts';

export const EVENT = 'http://schemas.openid.net/event/backchannel-logout';
export const NOW = new Date('2026-11-25T03:00:00.500Z');
export const IAT = Math.floor(NOW.getTime() / 1000);

type Header = { alg?: string; typ?: string | undefined; kid?: string; [name: string]: unknown };

/** Makes logout tokens as the login server would, good or altered, and receives them at a time that the test sets. */
export class LogoutTokens {
  now = NOW;
  /** What the console's session store was asked to end. */
  ended: unknown[] = [];
  readonly login: TestLoginServer;
  #counter = 0;

  constructor(login: TestLoginServer) {
    this.login = login;
  }

  receiver(options: Partial<ConsoleKitOptions> = {}): ConsoleKit {
    const clock = (): Date => this.now;
    return kitFor(this.login, {
      clock,
      logoutTokens: memoryLogoutTokenStore(clock),
      sessions: {
        endBySid: async (sid, { startedBefore }) => this.ended.push({ sid, startedBefore }),
        endBySub: async (sub, { startedBefore }) => this.ended.push({ sub, startedBefore }),
      },
      ...options,
    });
  }

  /** The claims of a good token with `changes`; `undefined` leaves a claim out. */
  claims(changes: JWTPayload = {}): JWTPayload {
    const all: JWTPayload = {
      iss: this.login.issuer,
      aud: 'sms',
      iat: IAT,
      exp: IAT + 120,
      jti: `jti-${++this.#counter}`,
      sid: 'sid-1',
      sub: 'acc_1',
      events: { [EVENT]: {} },
      ...changes,
    };
    return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
  }

  sign(
    payload: JWTPayload,
    header: Header = {},
    key: CryptoKey | Uint8Array = this.login.es256.privateKey,
  ): Promise<string> {
    const { alg, ...rest } = { alg: 'ES256', typ: 'logout+jwt', kid: 'es-1', ...header };
    const kept = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
    return new SignJWT(payload).setProtectedHeader({ alg, ...kept }).sign(key);
  }

  /** The provider's public RSA key as bytes, for the swap of a public key into an HMAC secret. */
  publicKeyBytes(): Uint8Array {
    const { d: _d, p: _p, q: _q, dp: _dp, dq: _dq, qi: _qi, ...publicJwk } = this.login.rs256.jwk;
    return new TextEncoder().encode(JSON.stringify(publicJwk));
  }
}

export const form = (token: string): string => new URLSearchParams({ logout_token: token }).toString();

export async function anotherKey(): Promise<CryptoKey> {
  return (await generateKeyPair('ES256')).privateKey;
}

export function withHeader(token: string, changes: object): string {
  const [header = '', ...rest] = token.split('.');
  const changed = { ...(JSON.parse(Buffer.from(header, 'base64url').toString()) as object), ...changes };
  return [Buffer.from(JSON.stringify(changed)).toString('base64url'), ...rest].join('.');
}
