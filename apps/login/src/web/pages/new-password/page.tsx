import {
  Button,
  ErrorSummary,
  Form,
  FormActions,
  Heading,
  Lead,
  LinkButton,
  Text,
  TextLink,
} from '@hitokagi/design-system';
import { renderPage, type Shell } from '#web/http/shell.tsx';
import { NewPasswordFields } from '#web/pages/reset/new-password-fields.tsx';
import { texts as resetTexts } from '#web/pages/reset/text.ts';
import { texts } from './text.ts';

export type NewPasswordErrors = { password?: string; confirmation?: string };

export type NewPasswordView = {
  path: string;
  signInPath: string;
  /** Whose legacy password it was. */
  legacyConsole: string;
  /** Where the person set out for. */
  consoleName: string | undefined;
  emailAddress: string;
  errors: NewPasswordErrors;
};

/** For someone whose legacy password is right but does not meet our rules (R21): choose a new one, without a mailed code. */
export function newPasswordPage(shell: Shell, view: NewPasswordView): string {
  const t = texts[shell.locale];
  const reset = resetTexts[shell.locale];
  return renderPage(shell, {
    title: t.title,
    consoleBadge: view.consoleName ? { label: reset.badge, name: view.consoleName } : undefined,
    heading: (
      <>
        <Heading>{t.title}</Heading>
        <Lead>{t.lead(view.legacyConsole)}</Lead>
        <ErrorSummary
          title={reset.summary}
          errors={[
            { fieldId: 'new-password', message: view.errors.password },
            { fieldId: 'confirmation', message: view.errors.confirmation },
          ].filter((error): error is { fieldId: string; message: string } => error.message !== undefined)}
        />
      </>
    ),
    children: (
      <>
        <Form action={view.path}>
          <input type="hidden" name="username" autocomplete="username" value={view.emailAddress} />
          <NewPasswordFields locale={shell.locale} rules={shell.passwordRules} errors={view.errors} />
          <FormActions>
            <Button wide>{reset.code.submit}</Button>
          </FormActions>
        </Form>
        <Text>{t.independent(view.legacyConsole)}</Text>
        <Text>
          <TextLink href={view.signInPath}>{reset.back}</TextLink>
        </Text>
      </>
    ),
  });
}

/** There is no such proof for this browser any more. Signing in once more makes another one. */
export function proofEndedPage(shell: Shell, view: { signInPath: string }): string {
  const t = texts[shell.locale];
  return renderPage(shell, {
    title: t.endedTitle,
    heading: (
      <>
        <Heading>{t.endedTitle}</Heading>
        <Lead>{t.endedLead}</Lead>
      </>
    ),
    children: (
      <LinkButton href={view.signInPath} wide>
        {t.again}
      </LinkButton>
    ),
  });
}
