import type { FastifyReply, FastifyRequest } from 'fastify';
import {
  defineTexts,
  localeFromAcceptLanguage,
  localeFromTags,
  type Locale,
} from '#support/primitives/locale.ts';
import { query } from '#web/http/request.ts';
import { MOUNT } from './front.ts';

/** Why a sign-in came to nothing; each says what to do next. */
export type ForwardAuthFailure =
  'not-begun-here' | 'expired' | 'not-completed' | 'foreign-issuer' | 'host-unknown';

const STATUS: Partial<Record<ForwardAuthFailure, number>> = { 'host-unknown': 500 };

/** A plain page on the console's host: nothing of ours can be loaded there. */
export function sendFailure(
  request: FastifyRequest,
  reply: FastifyReply,
  failure: ForwardAuthFailure,
): FastifyReply {
  const locale =
    localeFromTags(query(request, 'ui_locales')) ??
    localeFromAcceptLanguage(request.headers['accept-language']) ??
    'ja';
  return reply
    .code(STATUS[failure] ?? 400)
    .type('text/html; charset=utf-8')
    .header('cache-control', 'no-store')
    .send(page(locale, failure, request.id));
}

/** To a program on a page of the console, which cannot follow a person to the sign-in page. */
export function sendSignInNeeded(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const t = texts[localeFromAcceptLanguage(request.headers['accept-language']) ?? 'ja'];
  return reply
    .code(401)
    .type('application/problem+json')
    .header('cache-control', 'no-store')
    .send(
      JSON.stringify({
        ...{
          type: 'about:blank',
          title: t.needed,
          status: 401,
          detail: t.neededNext,
          code: 'sign-in-needed',
        },
        requestId: request.id,
      }),
    );
}

function page(locale: Locale, failure: ForwardAuthFailure, requestId: string): string {
  const t = texts[locale];
  const again = failure === 'host-unknown' ? '' : `<p><a href="${MOUNT}/start">${t.again}</a></p>`;
  return `<!doctype html>
<html lang="${locale}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${t.title}</title></head>
<body><main><h1>${t.title}</h1><p>${t[failure]}</p>${again}<p><small>${t.number}${requestId}</small></p></main></body>
</html>
`;
}

const texts = defineTexts({
  ja: {
    title: 'ログインできませんでした',
    'not-begun-here':
      'このブラウザーで始めたログインの手続きが見つかりません。Cookieを有効にして、もう一度ログインしてください。',
    expired: 'ログインの手続きの有効期限が切れました。もう一度ログインしてください。',
    'not-completed': 'ログインの手続きを完了できませんでした。もう一度ログインしてください。',
    'foreign-issuer':
      'ほかの統合認証から始められた手続きのため、受け付けられませんでした。もう一度ログインしてください。',
    'host-unknown':
      'この管理画面のアドレスは、統合認証に登録されていません。管理画面の管理者にお知らせください（リダイレクトURIとして「https://ホスト名/_hitokagi/callback」の登録が必要です）。',
    again: 'もう一度ログインする',
    number: 'お問い合わせの際は、この番号をお伝えください：',
    needed: 'ログインが必要です',
    neededNext: 'セッションが終わっています。ページを読み込み直して、ログインしてください。',
  },
  en: {
    title: 'You could not be signed in',
    'not-begun-here':
      'No sign-in that was started in this browser was found. Please allow cookies and sign in again.',
    expired: 'This sign-in took too long and has expired. Please sign in again.',
    'not-completed': 'The sign-in could not be completed. Please sign in again.',
    'foreign-issuer':
      'This sign-in was begun by another unified login and was not accepted. Please sign in again.',
    'host-unknown':
      'The address of this console is not registered at the unified login. Please tell its administrator: “https://HOST/_hitokagi/callback” has to be registered as a redirect URI.',
    again: 'Sign in again',
    number: 'If you ask for help, please name this number: ',
    needed: 'You need to sign in',
    neededNext: 'The session has ended. Load the page anew and sign in.',
  },
});
