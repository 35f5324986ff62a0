import { Button, Form, FormActions, Heading, Lead, LinkButton } from '@hitokagi/design-system';
import { defineTexts } from '#support/primitives/locale.ts';
import { renderPage, type Shell } from '#web/http/shell.tsx';
import { PROTOCOL_PATHS } from './paths.ts';

/** Asks before logging out someone whose request does not prove that it comes from a console of this session. */
export function confirmLogoutPage(shell: Shell, { xsrf }: { xsrf: string }): string {
  const t = texts[shell.locale];
  return renderPage(shell, {
    title: t.title,
    heading: (
      <>
        <Heading>{t.title}</Heading>
        <Lead>{t.lead}</Lead>
      </>
    ),
    children: (
      <Form
        action={`${PROTOCOL_PATHS.end_session}/confirm`}
        hidden={[
          { name: 'xsrf', value: xsrf },
          { name: 'logout', value: 'yes' },
        ]}
      >
        <FormActions>
          <Button wide>{t.logout}</Button>
          <LinkButton href="/" kind="secondary" wide>
            {t.stay}
          </LinkButton>
        </FormActions>
      </Form>
    ),
  });
}

const texts = defineTexts({
  ja: {
    title: 'ログアウトしますか',
    lead: 'ログアウトすると、同じログインで開いているすべての管理画面からログアウトします。',
    logout: 'ログアウトする',
    stay: 'ログアウトしない',
  },
  en: {
    title: 'Do you want to sign out?',
    lead: 'Signing out here signs you out of every console that you opened with this sign-in.',
    logout: 'Sign out',
    stay: 'Stay signed in',
  },
});
