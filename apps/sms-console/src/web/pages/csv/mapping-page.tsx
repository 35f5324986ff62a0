import {
  Beside,
  Button,
  DefinitionList,
  ErrorSummary,
  FieldRow,
  Form,
  FormActions,
  PageHead,
  Panel,
  Phone,
  RadioGroup,
  SelectField,
  Table,
  Text,
  TextArea,
  TextField,
} from '@hitokagi/design-system';
import { pathOf, routes } from '#app/routes.ts';
import type { CsvSending, Wanted } from '#domain/csv-sending/csv-sendings.ts';
import { columnsOf, fieldsOf, type WantedResult } from '#domain/csv-sending/want.ts';
import { measureText } from '#domain/message-text/message-text.ts';
import type { Person } from '#domain/people/people.ts';
import type { Template } from '#domain/templates/templates.ts';
import { asSent, fillIn } from '#domain/wording/wording.ts';
import { japanDateAndTime } from '#support/primitives/japan-time.ts';
import { ConsoleLayout, csrfField, type View } from '#web/http/layout.tsx';
import { grouped, sendingTexts } from '#web/http/sending-words.tsx';
import { CancelFile } from './cancel-file.tsx';
import { wantedErrors } from './faults.ts';
import { csvTexts } from './text.ts';

export type MappingPageProps = {
  view: View;
  person: Person;
  file: CsvSending;
  wanted: Wanted;
  problems: Extract<WantedResult, { ok: false }> | null;
  templates: readonly Template[];
  now: Date;
};

/** Which column has the numbers, and the text that the others fill. */
export function MappingPage(props: MappingPageProps) {
  const { view, person, file, wanted, problems, templates, now } = props;
  const text = csvTexts[view.locale];
  const errors = problems === null ? {} : wantedErrors(problems, view.locale);
  const names = file.layout?.names ?? [];
  return (
    <ConsoleLayout view={view} title={text.mapping.title} person={person} current="compose">
      <PageHead
        title={text.mapping.title}
        lead={text.mapping.lead(file.fileName)}
        trail={[{ href: routes.csvNew, label: text.title }]}
      />
      <ErrorSummary
        title={sendingTexts[view.locale].problems}
        errors={Object.entries(errors).map(([fieldId, message]) => ({ fieldId, message }))}
      />
      <FirstRows {...props} />
      <Beside>
        <Panel>
          <Form action={pathOf(routes.csv, { id: file.id })} hidden={[csrfField(view)]}>
            <SelectField
              id="number_column"
              name="number_column"
              label={text.mapping.numberColumn}
              help={text.mapping.numberHelp}
              width="medium"
              value={String(wanted.numberColumn)}
              error={errors.number_column}
              choices={[
                { value: '', label: text.mapping.choose },
                ...names.map((name, index) => ({
                  value: String(index),
                  label: name === '' ? text.mapping.unnamed(index + 1) : name,
                })),
              ]}
            />
            <TextField
              id="name"
              name="name"
              label={text.mapping.name}
              mark={text.mapping.optional}
              value={wanted.name}
              autocomplete="off"
              error={errors.name}
            />
            {templates.length === 0 ? null : (
              <FieldRow>
                <SelectField
                  id="template"
                  name="template"
                  label={text.mapping.template}
                  width="medium"
                  choices={[
                    { value: '', label: text.mapping.choose },
                    ...templates.map((one) => ({ value: one.id, label: one.name })),
                  ]}
                />
                <Button kind="secondary" small name="act" value="template">
                  {text.mapping.useTemplate}
                </Button>
              </FieldRow>
            )}
            <TextArea
              id="body"
              name="body"
              label={text.mapping.body}
              help={text.mapping.bodyHelp(
                columnsOf({ names })
                  .map((name) => `{${name}}`)
                  .join(' '),
              )}
              rows={8}
              value={wanted.body}
              error={errors.body}
            />
            <div>
              <Button kind="secondary" small name="act" value="count">
                {text.mapping.count}
              </Button>
            </div>
            <RadioGroup
              id="when"
              name="when"
              label={text.mapping.when}
              value={wanted.when}
              choices={[
                { value: 'now', label: text.mapping.now },
                { value: 'later', label: text.mapping.later, help: text.mapping.zone },
              ]}
            />
            <FieldRow>
              <TextField
                id="date"
                name="date"
                type="date"
                label={text.mapping.date}
                value={wanted.date}
                min={japanDateAndTime(now).date}
                error={errors.date}
              />
              <TextField id="time" name="time" type="time" label={text.mapping.time} value={wanted.time} />
            </FieldRow>
            <FormActions beside>
              <Button name="act" value="check">
                {text.mapping.check}
              </Button>
            </FormActions>
            <Text quiet>{text.nothingYet}</Text>
          </Form>
          <CancelFile view={view} id={file.id} />
        </Panel>
        <Preview {...props} />
      </Beside>
    </ConsoleLayout>
  );
}

function FirstRows({ view, file }: MappingPageProps) {
  const text = csvTexts[view.locale].mapping;
  const { layout } = file;
  if (layout === null) return null;
  return (
    <Panel title={text.firstRows}>
      <Table
        caption={text.firstRows}
        captionHidden
        narrow="scroll"
        columns={layout.names.map((name, index) => ({ label: name === '' ? text.unnamed(index + 1) : name }))}
        rows={layout.first.map((row, index) => ({
          key: String(index),
          cells: layout.names.map((_, at) => row[at] ?? ''),
        }))}
        empty={<Text>{text.noRows}</Text>}
      />
      <Text quiet>
        {text.readAs(layout.encoding === 'utf-8' ? 'UTF-8' : 'Shift_JIS', text.separators[layout.separator])}
      </Text>
    </Panel>
  );
}

function Preview({ view, file, wanted }: MappingPageProps) {
  const text = csvTexts[view.locale].mapping;
  const first = file.layout?.first[0];
  const body = asSent(wanted.body);
  const shown = file.layout && first ? fillIn(body, fieldsOf(file.layout, first)).text : body;
  const measure = measureText(shown);
  return (
    <Panel title={text.preview}>
      <DefinitionList
        compact
        items={[
          { term: text.characters, description: grouped(measure.characters) },
          { term: text.parts, description: grouped(measure.parts) },
        ]}
      />
      <Phone label={text.preview} sender="SMS" text={shown} empty={text.empty} />
    </Panel>
  );
}
