import {
  Button,
  ErrorSummary,
  FileField,
  Form,
  FormActions,
  LinkButton,
  Panel,
  SelectField,
  Table,
  Text,
} from '@hitokagi/design-system';
import { consoleName } from '#domain/consoles/consoles.ts';
import { COLUMN_NAMES } from '#domain/consoles/import/header.ts';
import { LARGEST_FILE } from '#domain/consoles/import/receive.ts';
import type { ColumnName } from '#domain/consoles/import/refusals.ts';
import { columnLabel } from '#domain/consoles/import/texts.ts';
import type { ConsoleRow } from '#support/db/schema.ts';
import type { Locale } from '#support/primitives/locale.ts';
import type { WebContext } from '#web/http/context.ts';
import { renderOperatorPage } from '../shell.tsx';
import type { Visit } from '../visit.ts';
import { texts } from './text.ts';

export type UploadProblem = 'console-missing' | 'file-missing' | 'file-empty' | 'file-too-large';

const LIMIT = `${LARGEST_FILE / 1024 / 1024} MB`;
const COLUMNS = Object.keys(COLUMN_NAMES) as ColumnName[];
const NEEDED: readonly ColumnName[] = ['id', 'address'];
const NAMES_SHOWN = 5;

/** Where a file is handed in, and how it is to look. */
export function uploadPage(
  context: WebContext,
  visit: Visit,
  view: { consoles: readonly ConsoleRow[]; clientId: string; problems: readonly UploadProblem[] },
): Promise<string> {
  const { locale } = visit.shell;
  const t = texts[locale];
  const words: Readonly<Record<UploadProblem, string>> = {
    'console-missing': t.consoleMissing,
    'file-missing': t.fileMissing,
    'file-empty': t.fileEmpty,
    'file-too-large': t.fileTooLarge(LIMIT),
  };
  const ofFile = view.problems.find((one) => one !== 'console-missing');
  const ofConsole = view.problems.find((one) => one === 'console-missing');
  return renderOperatorPage(context, visit, {
    title: t.uploadTitle,
    job: 'imports',
    trail: [{ href: '/operator/imports', label: t.title }],
    lead: t.uploadLead,
    children: (
      <>
        <ErrorSummary
          title={t.problems}
          errors={view.problems.map((one) => ({
            fieldId: one === 'console-missing' ? 'console' : 'people',
            message: words[one],
          }))}
        />
        <Panel width="reading">
          <Form action="/operator/imports/new" multipart>
            <SelectField
              id="console"
              name="console"
              label={t.chooseConsole}
              value={view.clientId}
              error={ofConsole && words[ofConsole]}
              choices={[
                { value: '', label: t.choose },
                ...view.consoles.map((one) => ({
                  value: one.client_id,
                  label: consoleName(one, locale),
                })),
              ]}
            />
            <FileField
              id="people"
              name="people"
              label={t.fileField}
              help={t.fileHelp(LIMIT)}
              accept=".csv,.tsv,.txt,text/csv,text/tab-separated-values"
              error={ofFile && words[ofFile]}
            />
            <FormActions beside>
              <Button>{t.send}</Button>
              <LinkButton href="/operator/imports" kind="text">
                {t.back}
              </LinkButton>
            </FormActions>
          </Form>
        </Panel>
        <Panel title={t.columnsTitle} width="reading">
          <Text>{t.columnsLead}</Text>
          <Table
            caption={t.columnsTitle}
            captionHidden
            narrow="stack"
            columns={[{ label: t.column, rowHeader: true }, { label: t.columnNames }]}
            rows={COLUMNS.map((column) => ({
              key: column,
              cells: [
                NEEDED.includes(column)
                  ? `${columnLabel(column, locale)} (${t.required})`
                  : columnLabel(column, locale),
                namesOf(column, locale).join(locale === 'ja' ? '、' : ', '),
              ],
            }))}
          />
        </Panel>
      </>
    ),
  });
}

/** Some names that a column is known by, in the reader's language; in Japanese files English ones are as usual. */
function namesOf(column: ColumnName, locale: Locale): readonly string[] {
  const isEnglish = (name: string): boolean => /^[\w ]+$/.test(name);
  const english = COLUMN_NAMES[column].filter(isEnglish);
  if (locale === 'en') return english.slice(0, NAMES_SHOWN);
  const japanese = COLUMN_NAMES[column].filter((name) => !isEnglish(name));
  return [...japanese.slice(0, NAMES_SHOWN - 1), ...english.slice(0, 1)];
}
