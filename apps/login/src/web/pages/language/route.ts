import type { FastifyInstance } from 'fastify';
import { localeFromTags } from '#support/primitives/locale.ts';
import type { WebContext } from '#web/http/context.ts';
import { field, LANGUAGE_COOKIE, ownPath } from '#web/http/request.ts';

/** The language switch at the top of every page: for as long as the browser stays open. */
export function registerLanguage(app: FastifyInstance, context: WebContext): void {
  app.post('/language', async (request, reply) => {
    const locale = localeFromTags(field(request, 'lang', 20));
    if (locale) reply.setCookie(LANGUAGE_COOKIE, locale, { path: '/', sameSite: 'lax', secure: context.secure, httpOnly: true });
    return reply.redirect(ownPath(field(request, 'return_path')), 303);
  });
}
