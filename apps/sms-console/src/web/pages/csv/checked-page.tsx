import {
  Beside,
  Button,
  DefinitionList,
  Form,
  FormActions,
  LinkButton,
  List,
  Notice,
  PageHead,
  Panel,
  Phone,
  RefreshRegion,
  Table,
  Text,
} from '@hitokagi/design-system';
import { pathOf, routes } from '#app/routes.ts';
import type { prospectOf } from '#domain/csv-sending/confirm.ts';
import type { CsvSending } from '#domain/csv-sending/csv-sendings.ts';
import type { Person } from '#domain/people/people.ts';
import { numberText } from '#domain/recipients/recipient-number.ts';
import { ConsoleLayout, csrfField, type View } from '#web/http/layout.tsx';
import { grouped, sendingTexts } from '#web/http/sending-words.tsx';
import { momentText } from '#web/http/times.ts';
import { CancelFile } from './cancel-file.tsx';
import { hindranceText } from './faults.ts';
import { reasonText } from './refused.ts';
import { csvTexts } from './text.ts';

export type CheckedPageProps = {
  view: View;
  person: Person;
  file: CsvSending;
  prospect: Awaited<ReturnType<typeof prospectOf>>;
  refusals: readonly { line: number; reason: string; value: string }[];
  now: Date;
};

/** What was found in a file, and the question whether to send it: nothing has been sent yet. */
export function CheckedPage(props: CheckedPageProps) {
  const { view, person, file } = props;
  const text = csvTexts[view.locale].checked;
  return (
    <ConsoleLayout view={view} title={text.title} person={person} current="compose">
      <RefreshRegion id="standing" url={pathOf(routes.csv, { id: file.id })}>
        <PageHead
          title={text.title}
          lead={text.lead(file.fileName)}
          trail={[{ href: routes.csvNew, label: csvTexts[view.locale].title }]}
        />
        <Notices {...props} />
        <Beside>
          <Panel>
            <Figures {...props} />
            <Confirm {...props} />
          </Panel>
          <Panel title={text.looks}>
            <Phone
              label={text.looks}
              sender="SMS"
              text={file.counts?.sample ?? ''}
              empty={csvTexts[view.locale].faults.nobody}
            />
          </Panel>
        </Beside>
        <Refused {...props} />
      </RefreshRegion>
    </ConsoleLayout>
  );
}

function Notices({ view, file, prospect }: CheckedPageProps) {
  const text = csvTexts[view.locale].checked;
  const { hindrance, partsLeft } = prospect;
  if (hindrance !== null)
    return (
      <Notice
        tone="danger"
        toneLabel={sendingTexts[view.locale].pleaseNote}
        title={hindranceText(hindrance, { parts: file.counts?.parts ?? 0, partsLeft }, view.locale)}
      />
    );
  if (prospect.dueAt <= prospect.wantedAt) return null;
  return (
    <Notice
      tone="info"
      toneLabel={sendingTexts[view.locale].information}
      title={text.quiet(momentText(prospect.dueAt, view.locale))}
    />
  );
}

function Figures({ view, file, prospect, now }: CheckedPageProps) {
  const text = csvTexts[view.locale].checked;
  const counts = file.counts;
  const refused = Object.entries(counts?.refused ?? {});
  const left = leftOut(file);
  return (
    <DefinitionList
      items={[
        { term: text.rows, description: text.rowsOf(grouped(counts?.rows ?? 0)) },
        { term: text.ready, description: text.readyOf(grouped(counts?.ready ?? 0)) },
        { term: text.parts, description: text.partsOf(grouped(counts?.parts ?? 0)) },
        {
          term: text.at,
          description: prospect.dueAt > now ? momentText(prospect.dueAt, view.locale) : text.now,
        },
        {
          term: text.left,
          description:
            left === 0 ? (
              text.none
            ) : (
              <>
                <Text>{text.leftOf(grouped(left))}</Text>
                <List
                  items={refused.map(
                    ([reason, count]) => `${reasonText(reason, view.locale)}: ${text.rowsOf(grouped(count))}`,
                  )}
                />
              </>
            ),
        },
      ]}
    />
  );
}

/** How many rows of the file are not sent. */
function leftOut({ counts }: CsvSending): number {
  return Object.values(counts?.refused ?? {}).reduce((sum, count) => sum + count, 0);
}

function Confirm({ view, file, prospect, now }: CheckedPageProps) {
  const text = csvTexts[view.locale].checked;
  return (
    <>
      {prospect.hindrance !== null ? null : (
        <Form
          action={pathOf(routes.csvConfirm, { id: file.id })}
          hidden={[csrfField(view), { name: 'revision', value: String(file.revision) }]}
        >
          <FormActions beside>
            <Button>{prospect.dueAt > now ? text.reserve : text.send}</Button>
          </FormActions>
          <Text quiet>{csvTexts[view.locale].nothingYet}</Text>
        </Form>
      )}
      <Form action={pathOf(routes.csvChange, { id: file.id })} hidden={[csrfField(view)]}>
        <FormActions beside>
          <Button kind="secondary">{text.change}</Button>
        </FormActions>
      </Form>
      <CancelFile view={view} id={file.id} />
    </>
  );
}

function Refused({ view, file, refusals }: CheckedPageProps) {
  const text = csvTexts[view.locale];
  if (refusals.length === 0) return null;
  const path = pathOf(routes.csvRefused, { id: file.id });
  return (
    <Panel title={text.checked.refusedRows} id="refused">
      <FormActions beside>
        <LinkButton kind="secondary" href={path}>
          {text.checked.saveUtf8}
        </LinkButton>
        <LinkButton kind="secondary" href={`${path}?encoding=shift_jis`}>
          {text.checked.saveShiftJis}
        </LinkButton>
      </FormActions>
      {leftOut(file) > refusals.length ? (
        <Text quiet>{text.checked.first(grouped(refusals.length))}</Text>
      ) : null}
      <Table
        caption={text.checked.refusedRows}
        captionHidden
        columns={[
          { label: text.refused.line, align: 'end', rowHeader: true },
          { label: text.refused.number },
          { label: text.refused.reason },
        ]}
        rows={refusals.map((one) => ({
          key: `${one.line} ${one.reason}`,
          cells: [String(one.line), numberText(one.value), reasonText(one.reason, view.locale)],
        }))}
      />
    </Panel>
  );
}
