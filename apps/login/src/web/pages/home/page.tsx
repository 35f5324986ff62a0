import {
  Button,
  Form,
  FormActions,
  Heading,
  Lead,
  LinkButton,
  Name,
  Section,
  SentenceWith,
  StatusList,
  Text,
  type StatusItem,
} from '@hitokagi/design-system';
import type { Phase } from '#domain/migration/phase.ts';
import { japanTime } from '#support/primitives/japan-time.ts';
import { defineTexts, type Locale } from '#support/primitives/locale.ts';
import { renderPage, type Shell } from '#web/http/shell.tsx';

/** A console of the person’s, with how far its move has come (R12): the unified login works in every phase. */
export type HomeConsole = { name: string; url: string; phase: Phase; linkAt: Date | null };

/** The start page of who is signed in: the consoles to go to, and the way to one’s own page. */
export function homePage(
  shell: Shell,
  view: { emailAddress: string; name: string; consoles: readonly HomeConsole[] },
): string {
  const t = texts[shell.locale];
  return renderPage(shell, {
    title: t.title,
    heading: (
      <>
        <Heading>{t.title}</Heading>
        <Lead>
          {view.name === '' ? null : <Name>{t.person(view.name)}</Name>}{' '}
          <SentenceWith text={t.signedInAs} literal={view.emailAddress} />
        </Lead>
      </>
    ),
    children: (
      <>
        {view.consoles.length === 0 ? (
          <Text>{t.none}</Text>
        ) : (
          <StatusList
            label={t.title}
            items={view.consoles.map((console) => ({
              name: console.name,
              ...standing(shell.locale, console),
              action: (
                <LinkButton href={console.url} small>
                  {t.open}
                </LinkButton>
              ),
            }))}
          />
        )}
        <Section id="account" title={t.account}>
          <Text>{t.accountBody}</Text>
          <LinkButton href="/account" kind="secondary" wide>
            {t.toAccount}
          </LinkButton>
        </Section>
        <Form action="/sign-out">
          <FormActions>
            <Button kind="secondary" wide>
              {t.signOut}
            </Button>
          </FormActions>
        </Form>
      </>
    ),
  });
}

function standing(locale: Locale, { phase, linkAt }: HomeConsole): Pick<StatusItem, 'state' | 'detail'> {
  const t = texts[locale];
  switch (phase) {
    case 'prepared':
      return {
        state: { tone: 'info', shape: 'clock', label: t.early },
        detail: linkAt === null ? t.earlyUndated : t.earlyUntil(japanTime(linkAt, locale)),
      };
    case 'parallel':
      return { state: { tone: 'success', shape: 'check', label: t.usable }, detail: t.parallel };
    case 'unified':
      return { state: { tone: 'success', shape: 'check', label: t.usable } };
  }
}

/** The front door for someone who is not signed in. */
export function welcomePage(shell: Shell): string {
  const t = texts[shell.locale];
  return renderPage(shell, {
    title: t.welcomeTitle,
    heading: (
      <>
        <Heading>{t.welcomeTitle}</Heading>
        <Lead>{t.welcomeLead}</Lead>
      </>
    ),
    children: (
      <FormActions>
        <LinkButton href="/sign-in" wide>
          {t.signIn}
        </LinkButton>
        <LinkButton href="/reset" kind="secondary" wide>
          {t.firstTime}
        </LinkButton>
      </FormActions>
    ),
  });
}

const texts = defineTexts({
  ja: {
    title: '利用できる管理画面',
    person: (name: string) => `${name} 様、`,
    signedInAs: '{} でログインしています。',
    usable: '利用できます',
    open: '開く',
    none: 'このログインIDで利用できる管理画面はまだありません。御社の管理者またはサポート窓口へお問い合わせください。',
    early: '先行利用できます',
    earlyUndated: '正式なご案内はこれからです。これまでのログイン画面も、そのままお使いいただけます。',
    earlyUntil: (at: string) =>
      `正式なご案内は ${at} からです。これまでのログイン画面も、そのままお使いいただけます。`,
    parallel: '移行期間中です。従来のログイン画面も使えます（パスワードは別です）。',
    account: 'アカウント',
    accountBody: 'ログイン中のブラウザー、最近の記録、パスワード、表示言語を確認・変更できます。',
    toAccount: 'アカウントを開く',
    signOut: 'すべての管理画面からログアウトする',
    welcomeTitle: '統合認証',
    welcomeLead:
      'いくつもの管理画面に、1つのログインIDとパスワードでログインできます。ふだんはお使いの管理画面から開いてください。',
    signIn: 'ログイン',
    firstTime: 'はじめての方：パスワードを設定する',
  },
  en: {
    title: 'Your consoles',
    person: (name: string) => `${name},`,
    signedInAs: 'you are signed in as {}.',
    usable: 'Ready to use',
    open: 'Open',
    none: 'There is no console for this login ID yet. Please ask your administrator or our support.',
    early: 'Available early',
    earlyUndated: 'It will be announced later. Your usual login page works as before.',
    earlyUntil: (at: string) => `It will be announced on ${at}. Your usual login page works as before.`,
    parallel: 'In the time of the move. The earlier login page works too (it has a password of its own).',
    account: 'Your account',
    accountBody: 'See and change your signed-in browsers, recent activity, password and language.',
    toAccount: 'Open your account',
    signOut: 'Sign out of all consoles',
    welcomeTitle: 'Unified Login',
    welcomeLead:
      'One login ID and one password for all your consoles. Usually you come here from the console that you use.',
    signIn: 'Sign in',
    firstTime: 'First time: set a password',
  },
});
