import {
  Button,
  ErrorSummary,
  FileField,
  Form,
  FormActions,
  LinkButton,
  List,
  PageHead,
  Panel,
  Text,
  TextLink,
} from '@hitokagi/design-system';
import { pathOf, routes } from '#app/routes.ts';
import type { CsvSending } from '#domain/csv-sending/csv-sendings.ts';
import { LARGEST_CSV, MOST_COLUMNS, type ReceivedCsv } from '#domain/csv-sending/receive.ts';
import type { Person } from '#domain/people/people.ts';
import { ConsoleLayout, csrfField, type View } from '#web/http/layout.tsx';
import { sendingTexts } from '#web/http/sending-words.tsx';
import { momentText } from '#web/http/times.ts';
import { csvTexts } from './text.ts';

export type UploadProblem = Extract<ReceivedCsv, { ok: false }>['reason'] | 'file-missing';
const LIMIT = `${LARGEST_CSV / 1024 / 1024} MB`;

/** Where a file of recipients is handed in. */
export function UploadPage({
  view,
  person,
  problem,
  open,
}: {
  view: View;
  person: Person;
  problem: UploadProblem | null;
  open: readonly CsvSending[];
}) {
  const text = csvTexts[view.locale];
  const error =
    problem === null
      ? undefined
      : problem === 'file-too-large'
        ? text.problems.tooLarge(LIMIT)
        : problem === 'too-many-columns'
          ? text.problems.tooManyColumns(MOST_COLUMNS)
          : text.problems[problem];
  return (
    <ConsoleLayout view={view} title={text.title} person={person} current="compose">
      <PageHead title={text.title} lead={text.lead} trail={[{ href: routes.compose, label: text.compose }]} />
      <ErrorSummary
        title={sendingTexts[view.locale].problems}
        errors={error === undefined ? [] : [{ fieldId: 'file', message: error }]}
      />
      <Panel width="reading">
        <Form action={routes.csvNew} multipart hidden={[csrfField(view)]}>
          <FileField
            id="file"
            name="file"
            label={text.file}
            help={text.fileHelp(LIMIT)}
            accept=".csv,.tsv,.txt,text/csv,text/tab-separated-values"
            error={error}
          />
          <FormActions beside>
            <Button>{text.next}</Button>
            <LinkButton kind="text" href={routes.compose}>
              {text.toCompose}
            </LinkButton>
          </FormActions>
        </Form>
        <Text quiet>{text.nothingYet}</Text>
      </Panel>
      {open.length === 0 ? null : (
        <Panel title={text.openFiles} width="reading">
          <List
            items={open.map((one) => (
              <>
                <TextLink href={pathOf(routes.csv, { id: one.id })}>{one.fileName}</TextLink> (
                {text.states[one.state]}, {momentText(one.createdAt, view.locale)})
              </>
            ))}
          />
        </Panel>
      )}
    </ConsoleLayout>
  );
}
