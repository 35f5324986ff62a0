import { BarChart, LinkButton, PageHead, Panel, Table, Text } from '@hitokagi/design-system';
import { routes } from '#app/routes.ts';
import type { MonthTotals } from '#domain/messages/counts.ts';
import type { Person } from '#domain/people/people.ts';
import { ConsoleLayout, type View } from '#web/http/layout.tsx';
import { grouped } from '#web/http/sending-words.tsx';
import { monthTexts } from './text.ts';

/** Messages, parts and deliveries of a company by month, as chart and table. */
export function MonthsPage({
  view,
  person,
  months,
}: {
  view: View;
  person: Person;
  months: readonly MonthTotals[];
}) {
  const text = monthTexts[view.locale];
  const nameOf = (month: string) => {
    const [year = '', number = ''] = month.split('-');
    return text.monthOf(year, number.replace(/^0/, ''));
  };
  const total = months.reduce((sum, one) => sum + one.parts, 0);
  return (
    <ConsoleLayout view={view} title={text.title} person={person} current="campaigns">
      <PageHead
        title={text.title}
        lead={text.lead}
        trail={[{ href: routes.campaigns, label: text.results }]}
        actions={
          <>
            <LinkButton kind="secondary" href={routes.monthsCsv}>
              {text.utf8}
            </LinkButton>
            <LinkButton kind="secondary" href={`${routes.monthsCsv}?encoding=shift_jis`}>
              {text.shiftJis}
            </LinkButton>
          </>
        }
      />
      <Panel>
        {months.length === 0 ? null : (
          <BarChart
            label={text.chart}
            series={[{ name: text.parts, total: grouped(total) }]}
            scale={grouped}
            bars={months.toReversed().map((one) => ({
              label: one.month.slice(2).replace('-', '/'),
              title: `${nameOf(one.month)}: ${grouped(one.parts)}`,
              values: [one.parts],
            }))}
          />
        )}
        <Table
          caption={text.title}
          captionHidden
          columns={[
            { label: text.month, rowHeader: true },
            { label: text.messages, align: 'end' },
            { label: text.parts, align: 'end' },
            { label: text.delivered, align: 'end' },
          ]}
          empty={<Text>{text.empty}</Text>}
          rows={months.map((one) => ({
            key: one.month,
            cells: [nameOf(one.month), grouped(one.messages), grouped(one.parts), grouped(one.delivered)],
          }))}
        />
      </Panel>
    </ConsoleLayout>
  );
}
