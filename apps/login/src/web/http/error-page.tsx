import { Heading, Lead, LinkButton, Literal, Text } from '@hitokagi/design-system';
import { defineTexts } from '#support/primitives/locale.ts';
import { renderPage, type Shell } from './shell.tsx';

/** What can go wrong outside of a form; each says what to do next. */
export type PageError =
  | 'not-found'
  | 'bad-request'
  | 'foreign-request'
  | 'too-large'
  | 'unavailable'
  | 'unexpected'
  | 'sign-in-gone';

export const PAGE_ERROR_STATUS: { readonly [E in PageError]: number } = {
  'not-found': 404,
  'bad-request': 400,
  'foreign-request': 403,
  'too-large': 413,
  unavailable: 503,
  unexpected: 500,
  'sign-in-gone': 400,
};

/** An error as a page: what happened, what to do, and the number under which the log has it. */
export function renderErrorPage(shell: Shell, error: PageError): string {
  const t = texts[shell.locale];
  const own = t[error];
  return renderPage(shell, {
    title: own.title,
    heading: (
      <>
        <Heading>{own.title}</Heading>
        <Lead>{own.lead}</Lead>
      </>
    ),
    children: (
      <>
        <Text>{own.next}</Text>
        <LinkButton href="/" kind="secondary" wide>
          {t.home}
        </LinkButton>
        <Text quiet>
          {t.number} <Literal>{shell.requestId}</Literal>
        </Text>
      </>
    ),
  });
}

const texts = defineTexts({
  ja: {
    home: '管理画面の一覧へ',
    number: 'お問い合わせの際は、この番号をお伝えください：',
    'not-found': {
      title: 'ページが見つかりません',
      lead: 'アドレスが変わったか、入力が途中で切れている可能性があります。',
      next: 'お使いの管理画面を開き直すか、一覧からお選びください。',
    },
    'bad-request': {
      title: 'この操作は受け付けられませんでした',
      lead: '送られた内容を読み取れませんでした。',
      next: '前の画面に戻って、もう一度お試しください。',
    },
    'foreign-request': {
      title: 'この操作は受け付けられませんでした',
      lead: '安全のため、ほかのサイトから送られた操作は受け付けていません。何も変更されていません。',
      next: '前の画面に戻って読み込み直し、もう一度操作してください。',
    },
    'too-large': {
      title: '送られた内容が大きすぎます',
      lead: '一度に受け付けられる大きさを超えています。',
      next: '入力を短くして、もう一度お試しください。',
    },
    unavailable: {
      title: 'ただいま混み合っています',
      lead: '一時的に処理できません。入力された内容は変更されていません。',
      next: '1分ほど待ってから、もう一度お試しください。',
    },
    unexpected: {
      title: '処理を完了できませんでした',
      lead: 'システム側で問題が起きました。ご不便をおかけして申し訳ありません。',
      next: '少し待ってからもう一度お試しください。続くときは下の番号を添えてお問い合わせください。',
    },
    'sign-in-gone': {
      title: 'ログインをやり直してください',
      lead: 'このログインの有効期限が切れたか、別の画面ですでに完了しています。',
      next: 'お使いの管理画面を開き直すと、もう一度ログインできます。',
    },
  },
  en: {
    home: 'To the list of consoles',
    number: 'When you contact us, please give this number:',
    'not-found': {
      title: 'This page does not exist',
      lead: 'The address may have changed, or part of it is missing.',
      next: 'Open your console again, or choose it from the list.',
    },
    'bad-request': {
      title: 'This could not be done',
      lead: 'We could not read what was sent.',
      next: 'Go back and try again.',
    },
    'foreign-request': {
      title: 'This could not be done',
      lead: 'For your safety nothing that comes from another site is accepted. Nothing has changed.',
      next: 'Go back, load the page again and repeat what you did.',
    },
    'too-large': {
      title: 'What was sent is too large',
      lead: 'It is more than can be accepted at once.',
      next: 'Please shorten it and try again.',
    },
    unavailable: {
      title: 'We are busy at the moment',
      lead: 'This cannot be done right now. Nothing that you entered has changed anything.',
      next: 'Please wait a minute and try again.',
    },
    unexpected: {
      title: 'This could not be finished',
      lead: 'Something went wrong on our side. We are sorry.',
      next: 'Please try again in a moment. If it happens again, contact us and give the number below.',
    },
    'sign-in-gone': {
      title: 'Please start to sign in again',
      lead: 'This sign-in has expired, or was finished in another window.',
      next: 'Open your console again and you can sign in.',
    },
  },
});
