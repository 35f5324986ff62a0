import {
  Button,
  ErrorSummary,
  Form,
  FormActions,
  Heading,
  Lead,
  LinkButton,
  PasswordField,
  PasswordRules,
  Text,
  TextLink,
} from '@hitokagi/design-system';
import { DEFAULT_PASSWORD_RULES } from '#domain/credentials/password-rules.ts';
import { renderPage, type Shell } from '#web/http/shell.tsx';
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
  const rules = DEFAULT_PASSWORD_RULES;
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
          <PasswordField
            id="new-password"
            name="password"
            label={reset.code.password}
            showLabel={reset.code.show}
            hideLabel={reset.code.hide}
            autocomplete="new-password"
            error={view.errors.password}
            describedBy="password-rules"
            required
          />
          <PasswordRules
            id="password-rules"
            fieldId="new-password"
            title={reset.code.rulesTitle}
            progress={reset.code.rulesProgress}
            metLabel={reset.code.met}
            unmetLabel={reset.code.unmet}
            items={[
              { id: 'length', label: reset.rules.length(rules.minimumLength), min: rules.minimumLength },
              ...(rules.classes
                ? [
                    { id: 'lower', label: reset.rules.lower },
                    { id: 'upper', label: reset.rules.upper },
                    { id: 'digit', label: reset.rules.digit },
                    { id: 'symbol', label: reset.rules.symbol },
                  ]
                : []),
              { id: 'match', label: reset.rules.match, otherFieldId: 'confirmation' },
              { id: 'guessable', label: reset.rules.guessable },
            ]}
          />
          <PasswordField
            id="confirmation"
            name="confirmation"
            label={reset.code.confirmation}
            showLabel={reset.code.show}
            hideLabel={reset.code.hide}
            autocomplete="new-password"
            error={view.errors.confirmation}
            required
          />
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
