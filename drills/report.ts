import { table } from '../bench/table.ts';

/** A figure that must be 0, and how to look into it when it is not. */
export type Zero = { what: string; count: number; samples?: readonly string[] };

export type Table = {
  title: string;
  head: readonly string[];
  rows: readonly (readonly string[])[];
  note?: string;
};

/** What a drill found out. It passed when every figure that must be 0 is. */
export type Report = {
  title: string;
  /** What was drilled, and on what scale: sentences. */
  lead: readonly string[];
  tables: readonly Table[];
  zeros: readonly Zero[];
  seconds: number;
};

export function passed({ zeros }: Report): boolean {
  return zeros.every(({ count }) => count === 0);
}

/** The report as Markdown that reads well in a terminal too. */
export function printed(report: Report): string {
  const zeros: Table = {
    title: 'What must be 0',
    head: ['figure', 'count', ''],
    rows: report.zeros.map(({ what, count }) => [what, grouped(count), count === 0 ? 'ok' : 'FAILED']),
  };
  const sections = [...report.tables, zeros].map(
    ({ title, head, rows, note }) => `## ${title}\n\n${table(head, rows)}${note ? `\n\n${note}` : ''}`,
  );
  const samples = report.zeros
    .filter(({ count }) => count > 0)
    .flatMap(({ what, samples = [] }) => samples.map((one) => `- ${what}: ${one}`));
  return (
    [
      `# ${report.title}`,
      report.lead.join('\n'),
      ...sections,
      ...(samples.length > 0 ? [`## Looked into\n\n${samples.join('\n')}`] : []),
      `${passed(report) ? 'Passed' : 'Failed'} in ${duration(report.seconds)}.`,
    ].join('\n\n') + '\n'
  );
}

export function grouped(count: number): string {
  return count.toLocaleString('en-US');
}

export function duration(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  return seconds < 120
    ? `${Math.round(seconds)} s`
    : `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}
