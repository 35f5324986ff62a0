import type { FastifyInstance } from 'fastify';
import type { Provider } from 'oidc-provider';
import { setAccountLocale } from '#domain/accounts/accounts.ts';
import { browserSession } from '#web/oidc/browser-session.ts';
import { localeFromTags } from '#support/primitives/locale.ts';
import type { WebContext } from '#web/http/context.ts';
import { field, LANGUAGE_COOKIE, ownPath } from '#web/http/request.ts';

/** The language switch at the top of every page: for as long as the browser stays open, and for good when someone is signed in. */
export function registerLanguage(app: FastifyInstance, context: WebContext, provider: Provider): void {
  app.post('/language', async (request, reply) => {
    const locale = localeFromTags(field(request, 'lang', 20));
    const session = locale && (await browserSession(provider, request, reply));
    if (session) await setAccountLocale(context.db, session.accountId, locale, context.clock());
    if (locale)
      reply.setCookie(LANGUAGE_COOKIE, locale, {
        path: '/',
        sameSite: 'lax',
        secure: context.secure,
        httpOnly: true,
      });
    return reply.redirect(ownPath(field(request, 'return_path')), 303);
  });
}
