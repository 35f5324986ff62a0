import { safeReturnPath } from '@hitokagi/console-kit';
import type { FastifyInstance } from 'fastify';
import { routes } from '#app/routes.ts';
import { DAY, SECOND } from '#support/primitives/durations.ts';
import { readLocale } from '#support/primitives/locale.ts';
import { field } from '#web/http/forms.ts';
import { leadTo } from '#web/http/view.ts';
import type { Web } from '#web/http/web.ts';

/** Keeps the reader's choice of language in this browser and comes back to the page (R8). */
export function languageRoutes(app: FastifyInstance, web: Web): void {
  app.post(routes.language, async (request, reply) => {
    const locale = readLocale(field(request.body, 'lang'));
    if (locale !== null) {
      void reply.setCookie(web.cookies.language, locale, {
        ...web.cookies.options,
        maxAge: (365 * DAY) / SECOND,
      });
    }
    return leadTo(reply, safeReturnPath(field(request.body, 'return_path')) ?? routes.home);
  });
}
