import type { FastifyInstance } from 'fastify';
import type { Provider } from 'oidc-provider';
import { activeAccount } from '#domain/accounts/accounts.ts';
import { consoleEntrance, consoleName } from '#domain/consoles/consoles.ts';
import { linkedConsoleIds } from '#domain/consoles/links.ts';
import { endSession } from '#domain/logout/end-session.ts';
import { phaseAt } from '#domain/migration/phase.ts';
import { planOf } from '#domain/migration/plans.ts';
import { browserSession } from '#web/oidc/browser-session.ts';
import type { WebContext } from '#web/http/context.ts';
import { localeOf, sendPage, shellOf } from '#web/http/request.ts';
import { homePage, welcomePage } from './page.tsx';

/** The front door: who is signed in sees the consoles that are open to them; who is not, where to begin. */
export function registerHome(app: FastifyInstance, context: WebContext, provider: Provider): void {
  app.get('/', async (request, reply) => {
    const session = await browserSession(provider, request, reply);
    const account = session && (await activeAccount(context.db, session.accountId));
    const locale = localeOf(request, { account: account?.locale ?? null });
    const shell = shellOf(context, request, locale);
    if (!account) return sendPage(reply, welcomePage(shell));
    const linked = await linkedConsoleIds(context.db, account.id);
    const consoles = (await context.consoles.all()).filter((console) => linked.includes(console.id));
    return sendPage(
      reply,
      homePage(shell, {
        emailAddress: account.email_address,
        name: account.name,
        consoles: await Promise.all(
          consoles.map(async (console) => {
            const plan = await planOf(context.db, console.id);
            return {
              name: consoleName(console, locale),
              url: consoleEntrance(console, context.issuer),
              phase: phaseAt(plan, context.clock()),
              linkAt: plan.linkAt,
            };
          }),
        ),
      }),
    );
  });

  app.post('/sign-out', async (request, reply) => {
    const session = await browserSession(provider, request, reply);
    if (!session) return reply.redirect('/signed-out', 303);
    const id = await context.db
      .transaction()
      .execute((trx) => endSession(trx, context.jobs, session.uid, 'logout', context.clock()));
    reply.clearCookie(provider.cookieName('session'), {
      path: '/',
      httpOnly: true,
      sameSite: 'lax',
      secure: context.secure,
    });
    return reply.redirect(`/signed-out/${id ?? ''}`, 303);
  });
}
