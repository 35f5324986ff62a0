import {
  Button,
  Checkbox,
  ErrorSummary,
  FieldRow,
  Form,
  FormActions,
  Notice,
  PageHead,
  Panel,
  TextField,
} from '@hitokagi/design-system';
import { routes } from '#app/routes.ts';
import type { Person } from '#domain/people/people.ts';
import { mayDo } from '#domain/people/roles.ts';
import type { RulesFault, TypedRules } from '#domain/sending-rules/sending-rules.ts';
import { ConsoleLayout, csrfField, type View } from '#web/http/layout.tsx';
import { grouped, sendingTexts } from '#web/http/sending-words.tsx';
import { sendingRulesTexts } from './text.ts';

export type SendingRulesPageProps = {
  view: View;
  person: Person;
  typed: TypedRules;
  faults: readonly RulesFault[];
  /** Parts that were sent this month. */
  sent: number;
};

const FIELD_OF: Readonly<Record<RulesFault, string>> = {
  'quiet-from': 'quiet_from',
  'quiet-until': 'quiet_until',
  'quiet-same': 'quiet_until',
  'monthly-parts': 'monthly_parts',
};

/** What a company lays down for all its sending. */
export function SendingRulesPage({ view, person, typed, faults, sent }: SendingRulesPageProps) {
  const text = sendingRulesTexts[view.locale];
  const errorOf = (fieldId: string): string | undefined => {
    const fault = faults.find((one) => FIELD_OF[one] === fieldId);
    return fault && text.faults[fault];
  };
  const mayChange = mayDo(person.role, 'change-rules');
  return (
    <ConsoleLayout view={view} title={text.title} person={person} current="settings">
      <PageHead
        title={text.title}
        lead={text.lead}
        trail={[{ href: routes.settings, label: text.settings }]}
      />
      <ErrorSummary
        title={sendingTexts[view.locale].problems}
        errors={faults.map((fault) => ({ fieldId: FIELD_OF[fault], message: text.faults[fault] }))}
      />
      {mayChange ? null : (
        <Notice
          tone="info"
          toneLabel={sendingTexts[view.locale].information}
          title={text.onlyAdministrators}
        />
      )}
      <Panel width="reading">
        <Form action={routes.settingsSending} hidden={[csrfField(view)]}>
          <Checkbox id="quiet" name="quiet" label={text.quiet} help={text.quietHelp} checked={typed.quiet} />
          <FieldRow>
            <TextField
              id="quiet_from"
              name="quiet_from"
              type="time"
              label={text.quietFrom}
              value={typed.quietFrom}
              error={errorOf('quiet_from')}
            />
            <TextField
              id="quiet_until"
              name="quiet_until"
              type="time"
              label={text.quietUntil}
              value={typed.quietUntil}
              error={errorOf('quiet_until')}
            />
          </FieldRow>
          <Checkbox
            id="long_messages"
            name="long_messages"
            label={text.longMessages}
            help={text.longHelp}
            checked={typed.longMessages}
          />
          <TextField
            id="monthly_parts"
            name="monthly_parts"
            label={text.monthly}
            help={text.monthlyHelp(grouped(sent))}
            inputMode="numeric"
            value={typed.monthlyParts}
            width="short"
            autocomplete="off"
            error={errorOf('monthly_parts')}
          />
          {mayChange ? (
            <FormActions beside>
              <Button>{text.save}</Button>
            </FormActions>
          ) : null}
        </Form>
      </Panel>
    </ConsoleLayout>
  );
}
