import {
  Button,
  DefinitionList,
  ErrorSummary,
  Form,
  FormActions,
  LinkButton,
  Literal,
  PageHead,
  Panel,
  Steps,
  Text,
  TextField,
} from '@hitokagi/design-system';
import { routes } from '#app/routes.ts';
import type { Person } from '#domain/people/people.ts';
import { ConsoleLayout, csrfField, type View } from '#web/http/layout.tsx';
import { emailTexts } from './text.ts';

export type AskErrors = { field?: string; form?: string };

/** Step 1 of a change of the e-mail address (R18): the new one. */
export function EmailAskPage({
  view,
  person,
  typed,
  legacyWorks,
  errors = {},
}: {
  view: View;
  person: Person;
  typed: string;
  legacyWorks: boolean;
  errors?: AskErrors;
}) {
  const all = emailTexts[view.locale];
  const text = all.ask;
  const summary = [
    ...(errors.form === undefined ? [] : [{ message: errors.form }]),
    ...(errors.field === undefined ? [] : [{ fieldId: 'new-address', message: errors.field }]),
  ];
  return (
    <ConsoleLayout view={view} title={all.title} person={person} current="settings">
      <PageHead title={all.title} lead={text.lead} trail={[{ href: routes.settings, label: all.settings }]} />
      <Panel width="reading">
        <Steps current={1} total={2} label={all.step(1, text.step)} />
        <ErrorSummary title={all.errorTitle} errors={summary} />
        <DefinitionList
          items={[{ term: text.present, description: <Literal>{person.emailAddress}</Literal> }]}
        />
        <Form action={routes.settingsEmail} hidden={[csrfField(view)]}>
          <TextField
            id="new-address"
            name="new_address"
            label={text.fresh}
            value={typed}
            inputMode="email"
            autocomplete="email"
            enterKeyHint="send"
            error={errors.field}
            required
          />
          <Text quiet>
            {text.effect}
            {legacyWorks ? ` ${text.effectBoth}` : null}
          </Text>
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
