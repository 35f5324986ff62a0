import type { KoaContextWithOIDC } from 'oidc-provider';
import { localeFromAcceptLanguage, localeFromTags, type Locale } from '#support/primitives/locale.ts';
import type { WebContext } from '#web/http/context.ts';
import { LANGUAGE_COOKIE } from '#web/http/request.ts';
import type { Shell } from '#web/http/shell.tsx';

/** Sends one of our pages from inside the protocol engine, with the headers that all our pages have. */
export function sendKoaPage(
  context: WebContext,
  ctx: KoaContextWithOIDC,
  page: (shell: Shell) => string,
  accountLocale?: Locale | null,
): void {
  ctx.type = 'html';
  ctx.set('cache-control', 'no-store');
  ctx.body = page(koaShell(context, ctx, accountLocale));
}

function koaShell(
  context: WebContext,
  ctx: KoaContextWithOIDC,
  accountLocale: Locale | null | undefined,
): Shell {
  const uiLocales = ctx.oidc?.params?.ui_locales ?? ctx.query.ui_locales;
  const locale: Locale =
    localeFromTags(ctx.cookies.get(LANGUAGE_COOKIE, { signed: false })) ??
    localeFromTags(typeof uiLocales === 'string' ? uiLocales : undefined) ??
    accountLocale ??
    localeFromAcceptLanguage(ctx.get('accept-language')) ??
    'ja';
  // A page of the protocol cannot be opened again by its path alone, so a change of language leads home.
  return {
    brand: context.brand,
    passwordRules: context.passwordRules,
    locale,
    path: '/',
    requestId: String((ctx.req as { requestId?: string }).requestId ?? ''),
  };
}
