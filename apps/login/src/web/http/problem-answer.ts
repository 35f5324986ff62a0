import type { FastifyReply, FastifyRequest } from 'fastify';
import { localeFromAcceptLanguage, type Locale, type Texts } from '#support/primitives/locale.ts';
import { PAGE_ERROR_STATUS, type PageError } from './error-page.tsx';

/** Where kinds of problems are told of; each code is a section of that page. */
export const PROBLEMS_PATH = '/api/problems';

/** The language that a program asks for its problems in; English when it asks for none of ours. */
export function problemLocale(request: FastifyRequest): Locale {
  return localeFromAcceptLanguage(request.headers['accept-language']) ?? 'en';
}

/** The URI of a kind of problem (RFC 9457 §3.1.1). It leads to the words about it. */
export function problemType(request: FastifyRequest, code: string): string {
  return `${request.server.issuer}${PROBLEMS_PATH}#${code}`;
}

export function problemHeaders(reply: FastifyReply, locale: Locale): void {
  reply.type('application/problem+json').header('content-language', locale).header('vary', 'accept-language');
}

/** Answers a program what people get as an error page. */
export function sendPageProblem(
  request: FastifyRequest,
  reply: FastifyReply,
  error: PageError,
): FastifyReply {
  const locale = problemLocale(request);
  const [title, detail] = PAGE_PROBLEMS[error][locale];
  const status = PAGE_ERROR_STATUS[error];
  problemHeaders(reply, locale);
  return reply.code(status).send(
    JSON.stringify({
      type: problemType(request, error),
      title,
      status,
      detail,
      code: error,
      requestId: request.id,
    }),
  );
}

/** What any path can answer, in words for programs: title, and what to do next. */
export const PAGE_PROBLEMS: { readonly [E in PageError]: Texts<readonly [title: string, detail: string]> } = {
  'bad-request': {
    ja: [
      '依頼を読み取れません',
      '依頼を読み取れませんでした。JSON として正しいか、Content-Type とホスト名が合っているか、NUL 文字がないかを確かめてください。',
    ],
    en: [
      'The request cannot be read',
      'The request cannot be read. Check that its JSON is whole, that Content-Type and host name are right, and that it holds no NUL.',
    ],
  },
  'not-found': {
    ja: [
      '該当するアドレスがありません',
      'このアドレスとメソッドの呼び出しはありません。/api/docs に一覧があります。',
    ],
    en: ['No such address', 'There is no call with this address and method. /api/docs lists them all.'],
  },
  'foreign-request': {
    ja: [
      'ほかのサイトからの依頼です',
      '安全のため、ほかのサイトから送られた操作は受け付けていません。何も変更されていません。',
    ],
    en: [
      'A request from another site',
      'For safety nothing that comes from another site is accepted. Nothing has changed.',
    ],
  },
  'too-large': {
    ja: ['送られた内容が大きすぎます', '一度に受け付けられる大きさを超えています。分けて送ってください。'],
    en: ['The request is too large', 'The request is larger than this call takes. Send it in parts.'],
  },
  unavailable: {
    ja: [
      '一時的に処理できません',
      '混み合っているか、データベースに接続できません。Retry-After の秒数だけ待って、もう一度送ってください。',
    ],
    en: [
      'Not available at the moment',
      'The server is busy or has no database. Wait as Retry-After says, and send the request again.',
    ],
  },
  unexpected: {
    ja: [
      '処理を完了できませんでした',
      'サーバー側で問題が起きました。続くときは requestId を添えてお問い合わせください。',
    ],
    en: [
      'This could not be finished',
      'Something went wrong on the side of the server. If it happens again, ask its operators and give the requestId.',
    ],
  },
  'sign-in-gone': {
    ja: [
      'ログインをやり直してください',
      'このログインの有効期限が切れたか、別の画面ですでに完了しています。',
    ],
    en: [
      'This sign-in is gone',
      'This sign-in has expired, or was finished in another window. Start to sign in again.',
    ],
  },
};

declare module 'fastify' {
  interface FastifyInstance {
    /** The address of this login server. */
    issuer: string;
  }
}
