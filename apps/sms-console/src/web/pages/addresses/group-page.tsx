import {
  Button,
  ErrorSummary,
  FileField,
  Form,
  FormActions,
  LinkButton,
  PageHead,
  Pager,
  Panel,
  Table,
  Text,
  TextField,
  Unseen,
} from '@hitokagi/design-system';
import { composeUrl, pathOf, routes } from '#app/routes.ts';
import {
  MOST_ENTRIES,
  type Address,
  type AddressFault,
  type AddressGroup,
} from '#domain/addresses/groups.ts';
import type { Person } from '#domain/people/people.ts';
import { mayDo } from '#domain/people/roles.ts';
import { numberText } from '#domain/recipients/recipient-number.ts';
import { fileFaultText, ImportResult, type DoneImport, type FileFault } from '#web/http/import-parts.tsx';
import { ConsoleLayout, csrfField, type View } from '#web/http/layout.tsx';
import { grouped, PhoneNumber, sendingTexts } from '#web/http/sending-words.tsx';
import { addressTexts } from './text.ts';

export type GroupPageProps = {
  view: View;
  person: Person;
  group: AddressGroup;
  entries: readonly Address[];
  next: string | null;
  isFirst: boolean;
  typed?: { number: string; fields: Readonly<Record<string, string>> };
  fault?: AddressFault;
  fileFault?: FileFault;
  imported?: DoneImport;
};

/** One group: its entries, adding one, adding many from a file. */
export function GroupPage(props: GroupPageProps) {
  const { view, person, group, fault, fileFault } = props;
  const text = addressTexts[view.locale];
  const mayChange = mayDo(person.role, 'change-addresses');
  const path = pathOf(routes.group, { id: group.id });
  const errors = [
    ...(fault === undefined ? [] : [{ fieldId: 'number', message: entryFaultText(props, fault) }]),
    ...(fileFault === undefined
      ? []
      : [{ fieldId: 'file', message: fileFaultText(fileFault, view.locale, MOST_ENTRIES) }]),
  ];
  return (
    <ConsoleLayout view={view} title={group.name} person={person} current="addresses">
      <PageHead
        title={group.name}
        lead={text.groupLead(grouped(group.entries))}
        trail={[{ href: routes.addresses, label: text.title }]}
        actions={
          mayDo(person.role, 'send') ? (
            <LinkButton href={composeUrl({ group: group.id })}>{text.send}</LinkButton>
          ) : undefined
        }
      />
      <ErrorSummary title={sendingTexts[view.locale].problems} errors={errors} />
      {props.imported ? <ImportResult result={props.imported} locale={view.locale} /> : null}
      <Entries {...props} />
      {mayChange ? (
        <NewEntry {...props} error={errors.find((one) => one.fieldId === 'number')?.message} />
      ) : null}
      {mayChange ? (
        <Panel title={text.fileTitle} width="reading">
          <Form action={pathOf(routes.groupImport, { id: group.id })} multipart hidden={[csrfField(view)]}>
            <FileField
              id="file"
              name="file"
              label={text.file}
              help={text.fileHelp}
              accept=".csv,.tsv,.txt,text/csv,text/tab-separated-values"
              error={errors.find((one) => one.fieldId === 'file')?.message}
            />
            <FormActions beside>
              <Button kind="secondary">{text.read}</Button>
            </FormActions>
          </Form>
        </Panel>
      ) : null}
      {mayChange ? (
        <div>
          <LinkButton kind="text" href={`${path}/delete`}>
            {text.toDelete}
          </LinkButton>
        </div>
      ) : null}
    </ConsoleLayout>
  );
}

function Entries({ view, person, group, entries, next, isFirst }: GroupPageProps) {
  const text = addressTexts[view.locale];
  const path = pathOf(routes.group, { id: group.id });
  const mayChange = mayDo(person.role, 'change-addresses');
  return (
    <Panel title={text.entries}>
      <Table
        caption={text.entries}
        captionHidden
        columns={[
          { label: text.number, rowHeader: true },
          ...group.columns.map((label) => ({ label })),
          ...(mayChange ? [{ label: text.act }] : []),
        ]}
        empty={<Text>{text.noEntries}</Text>}
        rows={entries.map((one) => ({
          key: one.id,
          cells: [
            <PhoneNumber number={one.number} />,
            ...group.columns.map((column) => one.fields[column] ?? ''),
            ...(mayChange
              ? [
                  <form
                    action={pathOf(routes.groupEntryDelete, { id: group.id, entry: one.id })}
                    method="post"
                    data-ui-once
                  >
                    <input type="hidden" {...csrfField(view)} />
                    <Button kind="secondary" small>
                      {text.remove}
                      <Unseen>: {numberText(one.number)}</Unseen>
                    </Button>
                  </form>,
                ]
              : []),
          ],
        }))}
      />
      {isFirst && next === null ? null : (
        <Pager
          label={text.entries}
          position=""
          previous={isFirst ? undefined : { href: path, label: text.first }}
          next={
            next === null
              ? undefined
              : { href: `${path}?${new URLSearchParams({ after: next })}`, label: text.more }
          }
        />
      )}
    </Panel>
  );
}

function NewEntry({ view, group, typed, error }: GroupPageProps & { error: string | undefined }) {
  const text = addressTexts[view.locale];
  return (
    <Panel title={text.addTitle} width="reading">
      <Form action={pathOf(routes.group, { id: group.id })} hidden={[csrfField(view)]}>
        <TextField
          id="number"
          name="number"
          label={text.number}
          inputMode="tel"
          value={typed?.number ?? ''}
          autocomplete="off"
          width="medium"
          error={error}
        />
        {group.columns.map((column, index) => (
          <TextField
            id={`field_${index}`}
            name={`field_${index}`}
            label={column}
            value={typed?.fields[column] ?? ''}
            autocomplete="off"
          />
        ))}
        <FormActions beside>
          <Button kind="secondary">{text.add}</Button>
        </FormActions>
      </Form>
    </Panel>
  );
}

function entryFaultText({ view }: GroupPageProps, fault: AddressFault): string {
  const text = addressTexts[view.locale].entryFaults;
  switch (fault) {
    case 'number-there':
      return text.there;
    case 'group-full':
      return text.full(grouped(MOST_ENTRIES));
    case 'gone':
      return text.gone;
    case 'number-malformed':
    case 'number-020':
    case 'number-landline':
    case 'number-foreign':
      return text.refused(sendingTexts[view.locale].numberFaults[fault]);
  }
}
