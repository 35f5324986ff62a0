import type { Locale } from '../locale.ts';
import type { InitiateSignInResult, SignInFailure } from '../results.ts';

/** Why a sign-in ended without a person: at `/auth/start` or at `/auth/callback`. */
export type UnifiedSignInFailure = SignInFailure | Extract<InitiateSignInResult, { ok: false }>;

/** A function of the console itself threw. */
type ConsoleFailed = { reason: 'console-failed' };

const STATUS: Partial<Record<(UnifiedSignInFailure | ConsoleFailed)['reason'], number>> = {
  'login-server-unreachable': 503,
  'console-failed': 500,
};

const ja = {
  title: 'ログインできませんでした',
  unreachable: '統合認証につながりません。しばらく待ってから、もう一度お試しください。',
  expired: 'ログインの手続きの有効期限が切れました。もう一度ログインしてください。',
  incomplete:
    'このブラウザーで始めたログインの手続きが見つかりません。Cookieを有効にして、もう一度ログインしてください。',
  refused: 'ログインの手続きを完了できませんでした。もう一度ログインしてください。',
  failed: 'この画面の側で問題が起きました。しばらく待ってから、もう一度お試しください。',
  again: 'もう一度ログインする',
};

const texts: Record<Locale, typeof ja> = {
  ja,
  en: {
    title: 'You could not be signed in',
    unreachable: 'The unified login cannot be reached. Please wait a little and try again.',
    expired: 'This sign-in took too long and has expired. Please sign in again.',
    incomplete:
      'No sign-in that was started in this browser was found. Please allow cookies and sign in again.',
    refused: 'The sign-in could not be completed. Please sign in again.',
    failed: 'Something went wrong in this console. Please wait a little and try again.',
    again: 'Sign in again',
  },
};

/** The status and a plain page for a sign-in that came to nothing, with a link to try again. For consoles without a page of their own. */
export function failurePage(
  failure: UnifiedSignInFailure | ConsoleFailed,
  locale: Locale,
): { status: number; html: string } {
  const text = texts[locale];
  const returnPath = 'returnPath' in failure ? failure.returnPath : '/';
  const again = `/auth/start?${new URLSearchParams({ return_path: returnPath }).toString()}`;
  const html = `<!doctype html>
<html lang="${locale}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${text.title}</title></head>
<body><main><h1>${text.title}</h1><p>${text[sentenceFor(failure)]}</p><p><a href="${again}">${text.again}</a></p></main></body>
</html>
`;
  return { status: STATUS[failure.reason] ?? 400, html };
}

function sentenceFor(
  failure: UnifiedSignInFailure | ConsoleFailed,
): 'unreachable' | 'expired' | 'incomplete' | 'refused' | 'failed' {
  switch (failure.reason) {
    case 'login-server-unreachable':
      return 'unreachable';
    case 'expired':
      return 'expired';
    case 'no-pending-sign-in':
    case 'state-mismatch':
      return 'incomplete';
    case 'login-required':
    case 'refused-by-login-server':
    case 'bad-token':
    case 'issuer-unknown':
      return 'refused';
    case 'console-failed':
      return 'failed';
  }
}

/** The first of Japanese and English in an Accept-Language header; Japanese without one. */
export function preferredLocale(acceptLanguage: string | undefined): Locale {
  const first = /\b(ja|en)\b/iu.exec(acceptLanguage ?? '')?.[1];
  return first?.toLowerCase() === 'en' ? 'en' : 'ja';
}
