import {
  Button,
  ErrorSummary,
  Form,
  FormActions,
  LinkButton,
  PageHead,
  Panel,
  PasswordField,
} from '@hitokagi/design-system';
import { routes } from '#app/routes.ts';
import { LEGACY_PASSWORD_LENGTH } from '#domain/legacy-login/password-rule.ts';
import type { Person } from '#domain/people/people.ts';
import { Kept } from '#web/http/kept.tsx';
import { ConsoleLayout, csrfField, type View } from '#web/http/layout.tsx';
import { passwordTexts } from './text.ts';

export type PasswordErrors = { present?: string; wanted?: string; confirmation?: string; form?: string };

/** The console's own change of the legacy password (before link time, R7). */
export function PasswordPage({
  view,
  person,
  errors = {},
}: {
  view: View;
  person: Person;
  errors?: PasswordErrors;
}) {
  const text = passwordTexts[view.locale];
  const shown = { showLabel: text.show, hideLabel: text.hide, required: true };
  return (
    <ConsoleLayout view={view} title={text.title} person={person} current="settings">
      <PageHead
        title={text.title}
        lead={
          <Kept
            text={text.lead(view.brand.texts[view.locale].name)}
            names={[view.brand.texts[view.locale].name]}
          />
        }
        trail={[{ href: routes.settings, label: text.settings }]}
      />
      <Panel width="reading">
        <ErrorSummary title={text.errors.title} errors={summary(errors)} />
        <Form action={routes.settingsPassword} hidden={[csrfField(view)]}>
          <PasswordField
            {...shown}
            id="present"
            name="present_password"
            label={text.present}
            autocomplete="current-password"
            error={errors.present}
          />
          <PasswordField
            {...shown}
            id="wanted"
            name="new_password"
            label={text.wanted}
            autocomplete="new-password"
            help={text.rule(LEGACY_PASSWORD_LENGTH.min)}
            error={errors.wanted}
          />
          <PasswordField
            {...shown}
            id="confirmation"
            name="confirmation"
            label={text.confirmation}
            autocomplete="new-password"
            error={errors.confirmation}
          />
          <FormActions beside>
            <Button>{text.button}</Button>
            <LinkButton kind="text" href={routes.settings}>
              {text.back}
            </LinkButton>
          </FormActions>
        </Form>
      </Panel>
    </ConsoleLayout>
  );
}

function summary(errors: PasswordErrors) {
  const fields = [
    { fieldId: undefined, message: errors.form },
    { fieldId: 'present', message: errors.present },
    { fieldId: 'wanted', message: errors.wanted },
    { fieldId: 'confirmation', message: errors.confirmation },
  ];
  return fields.flatMap(({ fieldId, message }) =>
    message === undefined ? [] : [fieldId === undefined ? { message } : { fieldId, message }],
  );
}
