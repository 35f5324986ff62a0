import {
  Button,
  Checkbox,
  ErrorSummary,
  Form,
  FormActions,
  LinkButton,
  Panel,
  TextField,
} from '@hitokagi/design-system';
import type { DomainChanges } from '#domain/domain-lists/entries.ts';
import type { ConsoleRow } from '#support/db/schema.ts';
import type { WebContext } from '#web/http/context.ts';
import { renderOperatorPage } from '../shell.tsx';
import type { Visit } from '../visit.ts';
import { about, Changes, domainsPath } from './parts.tsx';
import { texts } from './text.ts';

/** What was typed; `version`: the newest that the operator has seen. */
export type Typed = { version: number; date: string; tell: boolean };

/** From when a new version holds, and whether customers are told. */
export function formPage(
  context: WebContext,
  visit: Visit,
  {
    console,
    typed,
    changes,
    error,
  }: { console: ConsoleRow; typed: Typed; changes: DomainChanges; error: string | undefined },
): Promise<string> {
  const { locale } = visit.shell;
  const t = texts[locale];
  const path = domainsPath(console);
  return renderOperatorPage(context, visit, {
    ...about(console, locale, true),
    title: t.form(typed.version + 1),
    lead: t.formLead,
    children: (
      <>
        {error === undefined ? null : (
          <ErrorSummary title={t.problems} errors={[{ fieldId: 'date', message: error }]} />
        )}
        <Panel title={t.change} width="reading">
          <Changes changes={changes} locale={locale} />
        </Panel>
        <Panel width="reading">
          <Form
            action={`${path}/publish`}
            hidden={[
              { name: 'step', value: 'check' },
              { name: 'version', value: String(typed.version) },
            ]}
          >
            <TextField
              id="date"
              name="date"
              type="date"
              label={t.date}
              help={t.dateHelp}
              value={typed.date}
              error={error}
              width="medium"
            />
            <Checkbox id="tell" name="tell" label={t.tell} help={t.tellHelp} checked={typed.tell} />
            <FormActions beside>
              <Button>{t.check}</Button>
              <LinkButton href={path} kind="text">
                {t.cancel}
              </LinkButton>
            </FormActions>
          </Form>
        </Panel>
      </>
    ),
  });
}
