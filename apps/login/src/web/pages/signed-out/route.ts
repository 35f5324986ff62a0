import type { FastifyInstance } from 'fastify';
import type { Provider } from 'oidc-provider';
import { logoutProgress, waitForLogout } from '#domain/logout/progress.ts';
import { browserSession } from '#web/oidc/browser-session.ts';
import type { WebContext } from '#web/http/context.ts';
import { localeOf, query, sendPage, shellOf } from '#web/http/request.ts';
import { signedOutPage } from './page.tsx';

/** Where a person lands after leaving (R9): which consoles are closed, and which are still being told. */
export function registerSignedOut(app: FastifyInstance, context: WebContext, provider: Provider): void {
  app.get('/signed-out', async (request, reply) => {
    if (await browserSession(provider, request, reply)) return reply.redirect('/', 303);
    const shell = shellOf(context, request, localeOf(request));
    return sendPage(
      reply,
      signedOutPage(shell, { consoles: [], continueUrl: undefined, entrances: await entrances() }),
    );
  });

  app.get('/signed-out/:logout', async (request, reply) => {
    const { logout } = request.params as { logout: string };
    const continueUrl = await registeredReturn(query(request, 'client_id'), query(request, 'continue'));
    const waited = Boolean(query(request, 'waited'));
    const progress = waited
      ? await logoutProgress(context.db, logout)
      : await waitForLogout(context.db, logout, context.pause);
    const consoles = progress?.consoles ?? [];
    const allTold = consoles.every((console) => console.state === 'delivered');
    // The page that updates itself says how it ended, with the way back on it.
    if (continueUrl && allTold && !waited) return reply.redirect(continueUrl, 303);
    const locale = localeOf(request, {
      uiLocales: query(request, 'ui_locales') ?? null,
      account: progress?.locale ?? null,
    });
    // An address that is not registered is not carried on, not even through a change of language.
    const shell = {
      ...shellOf(context, request, locale),
      ...(continueUrl ? {} : { path: `/signed-out/${encodeURIComponent(logout)}` }),
    };
    return sendPage(reply, signedOutPage(shell, { consoles, continueUrl, entrances: await entrances() }));
  });

  /** The way back that a console asked for; only an address that this very console registered, whatever the URL says. */
  async function registeredReturn(
    clientId: string | undefined,
    address: string | undefined,
  ): Promise<string | undefined> {
    if (!clientId || !address || !URL.canParse(address)) return undefined;
    const console = await context.consoles.byClientId(clientId);
    const { href, searchParams } = new URL(address);
    const state = searchParams.get('state');
    const isThis = (registered: string): boolean => {
      const back = new URL(registered);
      if (state !== null) back.searchParams.set('state', state);
      return back.href === href;
    };
    return console?.post_logout_redirect_uris.some(isThis) ? href : undefined;
  }

  async function entrances(): Promise<{ nameJa: string; nameEn: string; url: string }[]> {
    return (await context.consoles.all()).map((console) => ({
      nameJa: console.name_ja,
      nameEn: console.name_en,
      url: console.home_url,
    }));
  }
}
