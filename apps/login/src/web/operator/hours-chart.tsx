import { BarChart, More, Table, Text } from '@hitokagi/design-system';
import { japanHour } from '#support/primitives/japan-time.ts';
import type { Locale } from '#support/primitives/locale.ts';
import { grouped } from './words.ts';

type HoursChartProps = {
  /** The oldest first, each with a figure for every name. */
  hours: readonly { at: Date; figures: readonly number[] }[];
  names: readonly string[];
  /** `caption` is what the table is called. */
  words: { chartLabel: string; hoursNote: string; asTable: string; hour: string; caption: string };
  locale: Locale;
};

/** The last hours as bars, every third one with its time, and the same figures as a table behind them, the newest first. */
export function HoursChart({ hours, names, words, locale }: HoursChartProps) {
  const hourOf = (at: Date): string => japanHour(at, locale).slice(0, 5);
  const total = (index: number): number => hours.reduce((sum, one) => sum + (one.figures[index] ?? 0), 0);
  return (
    <>
      <BarChart
        label={words.chartLabel}
        series={names.map((name, index) => ({ name, total: grouped(total(index)) }))}
        bars={hours.map((one, index) => ({
          values: one.figures,
          title: `${hourOf(one.at)} ${names.map((name, at) => `${name} ${grouped(one.figures[at] ?? 0)}`).join(', ')}`,
          label: (hours.length - 1 - index) % 3 === 0 ? hourOf(one.at) : undefined,
        }))}
        scale={grouped}
      />
      <Text quiet>{words.hoursNote}</Text>
      <More summary={words.asTable}>
        <Table
          caption={words.caption}
          captionHidden
          narrow="scroll"
          columns={[
            { label: words.hour, rowHeader: true },
            ...names.map((label) => ({ label, align: 'end' as const })),
          ]}
          rows={hours.toReversed().map((one) => ({
            key: one.at.toISOString(),
            cells: [hourOf(one.at), ...one.figures.map(grouped)],
          }))}
        />
      </More>
    </>
  );
}
