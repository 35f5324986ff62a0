import {
  Button,
  ErrorSummary,
  Form,
  FormActions,
  Heading,
  Lead,
  Notice,
  PasswordField,
  Text,
  TextLink,
} from '@hitokagi/design-system';
import { renderPage, type Shell } from '#web/http/shell.tsx';
import { NewPasswordFields } from '#web/pages/reset/new-password-fields.tsx';
import { texts as resetTexts } from '#web/pages/reset/text.ts';
import { ACCOUNT_FIELD } from './person.ts';
import { texts } from './text.ts';

export type PasswordPageErrors = {
  current?: string;
  password?: string;
  confirmation?: string;
  /** Of no field: nothing that is typed here helps. */
  whole?: string;
};

export type PasswordPageView = {
  accountId: string;
  emailAddress: string;
  /** Consoles of this person that still have a login of their own with another password (R6). */
  legacyConsoles: readonly string[];
  errors: PasswordPageErrors;
};

/** Changing the password with the current one (R11), and the way on for who does not know it. */
export function passwordPage(shell: Shell, view: PasswordPageView): string {
  const all = texts[shell.locale];
  const t = all.password;
  const reset = resetTexts[shell.locale].code;
  return renderPage(shell, {
    title: t.pageTitle,
    heading: (
      <>
        <Heading>{t.pageTitle}</Heading>
        <Lead>{t.lead}</Lead>
        <ErrorSummary
          title={t.summary}
          errors={[
            { fieldId: 'current-password', message: view.errors.current },
            { fieldId: 'new-password', message: view.errors.password },
            { fieldId: 'confirmation', message: view.errors.confirmation },
            { fieldId: 'forgotten', message: view.errors.whole },
          ].filter((error): error is { fieldId: string; message: string } => error.message !== undefined)}
        />
      </>
    ),
    children: (
      <>
        <Form action="/account/password" hidden={[{ name: ACCOUNT_FIELD, value: view.accountId }]}>
          <input type="hidden" name="username" autocomplete="username" value={view.emailAddress} />
          <PasswordField
            id="current-password"
            name="current_password"
            label={t.current}
            help={t.currentHelp}
            showLabel={reset.show}
            hideLabel={reset.hide}
            autocomplete="current-password"
            error={view.errors.current}
            required
          />
          <NewPasswordFields locale={shell.locale} rules={shell.passwordRules} errors={view.errors} />
          <FormActions>
            <Button wide>{t.change}</Button>
          </FormActions>
        </Form>
        <Text>
          <TextLink id="forgotten" href={`/reset?login_hint=${encodeURIComponent(view.emailAddress)}`}>
            {t.forgotten}
          </TextLink>
        </Text>
        {view.legacyConsoles.length === 0 ? null : (
          <Notice tone="info" toneLabel={all.information} title={t.independentTitle}>
            <Text>{t.independent(view.legacyConsoles.join(all.ended.separator))}</Text>
          </Notice>
        )}
        <Text>
          <TextLink href="/account">{all.back}</TextLink>
        </Text>
      </>
    ),
  });
}
