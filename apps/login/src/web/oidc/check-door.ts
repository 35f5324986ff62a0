import type { FastifyInstance } from 'fastify';
import type { Provider } from 'oidc-provider';
import type { LoginServerDoor } from '#domain/readiness/check-browser.ts';
import { isTestAccount } from '#domain/readiness/test-account.ts';
import { MINUTE, SECOND } from '#support/primitives/durations.ts';
import type { WebContext } from '#web/http/context.ts';
import { cookieSignatures } from './cookie-signatures.ts';

/** So long a check can last. */
const SESSION = 10 * MINUTE;

/** The login server as the browser of a check finds it: all the routes there are, without a network between. */
export function checkDoor(context: WebContext, provider: Provider, server: FastifyInstance): LoginServerDoor {
  const signatures = cookieSignatures(context.cookieKey.toString('base64url'));
  return {
    async signIn(accountId) {
      if (!isTestAccount(accountId)) throw new Error('Only test accounts are signed in without a proof.');
      const session = new provider.Session();
      session.loginAccount({
        accountId,
        amr: ['pwd'],
        loginTs: Math.floor(context.clock().getTime() / SECOND),
      });
      await session.save(SESSION / SECOND);
      const name = provider.cookieName('session');
      const attributes = `Path=/; HttpOnly; SameSite=Lax${context.secure ? '; Secure' : ''}`;
      return [
        `${name}=${session.jti}; ${attributes}`,
        `${name}.sig=${signatures.sign(`${name}=${session.jti}`)}; ${attributes}`,
      ];
    },
    async visit(url, cookie) {
      const target = new URL(url);
      const answer = await server.inject({
        method: 'GET',
        url: target.pathname + target.search,
        headers: {
          host: target.host,
          accept: 'text/html',
          'accept-language': 'ja',
          'user-agent': 'Hitokagi readiness check',
          ...(cookie === '' ? {} : { cookie }),
        },
      });
      return {
        status: answer.statusCode,
        location: answer.headers.location,
        setCookies: [answer.headers['set-cookie'] ?? []].flat(),
      };
    },
  };
}
