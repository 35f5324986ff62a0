import {
  Button,
  ErrorSummary,
  FieldRow,
  FileField,
  Form,
  FormActions,
  PageHead,
  Pager,
  Panel,
  Table,
  Text,
  TextField,
  Unseen,
} from '@hitokagi/design-system';
import { routes } from '#app/routes.ts';
import type { OptOut } from '#domain/opt-outs/opt-outs.ts';
import type { Person } from '#domain/people/people.ts';
import { mayDo } from '#domain/people/roles.ts';
import { numberText, type NumberFault } from '#domain/recipients/recipient-number.ts';
import { fileFaultText, ImportResult, type DoneImport, type FileFault } from '#web/http/import-parts.tsx';
import { ConsoleLayout, csrfField, type View } from '#web/http/layout.tsx';
import { grouped, PhoneNumber, sendingTexts } from '#web/http/sending-words.tsx';
import { momentText } from '#web/http/times.ts';
import { optOutTexts } from './text.ts';

export type OptOutsPageProps = {
  view: View;
  person: Person;
  entries: readonly OptOut[];
  next: string | null;
  isFirst: boolean;
  search: string;
  count: number;
  typed?: { number: string; reason: string };
  fault?: NumberFault;
  fileFault?: FileFault;
  imported?: DoneImport;
};

/** The numbers that get nothing more of this company. */
export function OptOutsPage(props: OptOutsPageProps) {
  const { view, person, fault, fileFault } = props;
  const text = optOutTexts[view.locale];
  const mayChange = mayDo(person.role, 'change-opt-outs');
  const numberError =
    fault === undefined ? undefined : text.refused(sendingTexts[view.locale].numberFaults[fault]);
  const fileError = fileFault === undefined ? undefined : fileFaultText(fileFault, view.locale, 0);
  return (
    <ConsoleLayout view={view} title={text.title} person={person} current="addresses">
      <PageHead
        title={text.title}
        lead={text.lead}
        trail={[{ href: routes.addresses, label: text.addresses }]}
      />
      <ErrorSummary
        title={sendingTexts[view.locale].problems}
        errors={[
          ...(numberError === undefined ? [] : [{ fieldId: 'number', message: numberError }]),
          ...(fileError === undefined ? [] : [{ fieldId: 'file', message: fileError }]),
        ]}
      />
      {props.imported ? <ImportResult result={props.imported} locale={view.locale} /> : null}
      <Entries {...props} />
      {mayChange ? (
        <Panel title={text.addTitle} width="reading">
          <Form action={routes.optOuts} hidden={[csrfField(view)]}>
            <TextField
              id="number"
              name="number"
              label={text.number}
              inputMode="tel"
              value={props.typed?.number ?? ''}
              width="medium"
              autocomplete="off"
              error={numberError}
            />
            <TextField
              id="reason"
              name="reason"
              label={text.reason}
              mark={text.optional}
              value={props.typed?.reason ?? ''}
              autocomplete="off"
            />
            <FormActions beside>
              <Button kind="secondary">{text.add}</Button>
            </FormActions>
          </Form>
        </Panel>
      ) : null}
      {mayChange ? (
        <Panel title={text.fileTitle} width="reading">
          <Form action={routes.optOutsImport} multipart hidden={[csrfField(view)]}>
            <FileField
              id="file"
              name="file"
              label={text.file}
              help={text.fileHelp}
              accept=".csv,.tsv,.txt,text/csv,text/tab-separated-values"
              error={fileError}
            />
            <FormActions beside>
              <Button kind="secondary">{text.read}</Button>
            </FormActions>
          </Form>
        </Panel>
      ) : null}
    </ConsoleLayout>
  );
}

function Entries({ view, person, entries, next, isFirst, search, count }: OptOutsPageProps) {
  const text = optOutTexts[view.locale];
  const mayChange = mayDo(person.role, 'change-opt-outs');
  return (
    <Panel title={text.count(grouped(count))}>
      {count === 0 ? null : (
        <Form action={routes.optOuts} method="get" role="search" label={text.search}>
          <FieldRow>
            <TextField
              id="q"
              name="q"
              type="search"
              label={text.search}
              value={search}
              inputMode="tel"
              autocomplete="off"
            />
            <Button kind="secondary" small>
              {text.find}
            </Button>
          </FieldRow>
        </Form>
      )}
      <Table
        caption={text.title}
        captionHidden
        columns={[
          { label: text.number, rowHeader: true },
          { label: text.reason },
          { label: text.added },
          ...(mayChange ? [{ label: text.act }] : []),
        ]}
        empty={<Text>{search === '' ? text.empty : text.notFound}</Text>}
        rows={entries.map((one) => ({
          key: one.number,
          cells: [
            <PhoneNumber number={one.number} />,
            one.reason === '' ? '–' : one.reason,
            <>
              {momentText(one.addedAt, view.locale)}
              {one.addedBy === null ? null : (
                <>
                  <br />
                  {one.addedBy}
                </>
              )}
            </>,
            ...(mayChange
              ? [
                  <form action={routes.optOutRemove} method="post" data-ui-once>
                    <input type="hidden" {...csrfField(view)} />
                    <input type="hidden" name="number" value={one.number} />
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
          label={text.title}
          position=""
          previous={isFirst ? undefined : { href: routes.optOuts, label: text.first }}
          next={
            next === null
              ? undefined
              : {
                  href: `${routes.optOuts}?${new URLSearchParams({ ...(search === '' ? {} : { q: search }), after: next })}`,
                  label: text.more,
                }
          }
        />
      )}
    </Panel>
  );
}
