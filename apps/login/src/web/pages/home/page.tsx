import {
  Button,
  Form,
  FormActions,
  Heading,
  Lead,
  LinkButton,
  Name,
  StatusList,
  Text,
  TextLink,
} from '@hitokagi/design-system';
import { defineTexts } from '#support/primitives/locale.ts';
import { renderPage, type Shell } from '#web/http/shell.tsx';

/** Who is signed in, and the consoles to go to. */
export function homePage(
  shell: Shell,
  view: { emailAddress: string; name: string; consoles: readonly { name: string; url: string }[] },
): string {
  const t = texts[shell.locale];
  return renderPage(shell, {
    title: t.title,
    heading: (
      <>
        <Heading>{t.title}</Heading>
        <Lead>
          {view.name === '' ? null : <Name>{t.person(view.name)}</Name>} {t.signedInAs(view.emailAddress)}
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
              state: { tone: 'success', shape: 'check', label: t.usable },
              action: (
                <LinkButton href={console.url} small>
                  {t.open}
                </LinkButton>
              ),
            }))}
          />
        )}
        <Text>
          <TextLink href={`/reset?login_hint=${encodeURIComponent(view.emailAddress)}`}>
            {t.changePassword}
          </TextLink>
        </Text>
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
    signedInAs: (address: string) => `${address} でログインしています。`,
    usable: '利用できます',
    open: '開く',
    none: 'このログインIDで利用できる管理画面はまだありません。御社の管理者またはサポート窓口へお問い合わせください。',
    changePassword: 'パスワードを変更する',
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
    signedInAs: (address: string) => `you are signed in as ${address}.`,
    usable: 'Ready to use',
    open: 'Open',
    none: 'There is no console for this login ID yet. Please ask your administrator or our support.',
    changePassword: 'Change the password',
    signOut: 'Sign out of all consoles',
    welcomeTitle: 'Unified Login',
    welcomeLead:
      'One login ID and one password for all your consoles. Usually you come here from the console that you use.',
    signIn: 'Sign in',
    firstTime: 'First time: set a password',
  },
});
