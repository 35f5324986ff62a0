import { Button, Form, FormActions, Heading, Lead } from '@hitokagi/design-system';
import { defineTexts } from '#support/primitives/locale.ts';
import { renderPage, type Shell } from '#web/http/shell.tsx';

/** Carries the answer to a console that wants it as a form (OAuth 2.0 Form Post Response Mode §2): by itself where there is script, by a button where there is none. */
export function formPostPage(
  shell: Shell,
  { action, fields }: { action: string; fields: readonly { name: string; value: string }[] },
): string {
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
      <Form action={action} hidden={fields} atOnce>
        <FormActions>
          <Button wide>{t.onward}</Button>
        </FormActions>
      </Form>
    ),
  });
}

const texts = defineTexts({
  ja: {
    title: '管理画面に戻ります',
    lead: '自動で進まないときは、「進む」を押してください。',
    onward: '進む',
  },
  en: {
    title: 'Back to your console',
    lead: 'If nothing happens, press “Go on”.',
    onward: 'Go on',
  },
});
