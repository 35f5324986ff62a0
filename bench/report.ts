import type { StatementCount } from './count-statements.ts';
import type { ImportReport } from './import.ts';
import type { Machine } from './machine.ts';
import type { Round } from './measure.ts';
import type { NodesReport } from './nodes.ts';
import type { PagesReport } from './pages/operator-pages.ts';
import type { Ratio } from './statistics.ts';
import type { SmsFileReport } from './sms-file.ts';
import type { SmsReport } from './sms.ts';
import { figure, table } from './table.ts';

export type FlowReport = {
  flow: string;
  round: Round;
  /** Of one flow alone; the job queue's own polling is not in it. */
  statements?: StatementCount | undefined;
  ratios: { to: string; ratio: Ratio; target?: number }[];
};
export type FloorReport = { name: string; perSecond: number };

export type Report = {
  machine: Machine;
  settings: { seconds: number; rounds: number; clients: number; postgresql: Record<string, string> };
  flows: FlowReport[];
  floors: FloorReport[];
  /** Milliseconds from the request for a code to its arrival at the mail server. */
  mail?: { p50: number; p99: number };
  /** Resident memory of the login server in MiB: before the load, after it, and at its highest. */
  memory?: { idle: number; now: number; highest: number };
  startUp?: { seconds: number };
  import?: ImportReport;
  pages?: PagesReport;
  sms?: SmsReport;
  smsFiles?: SmsFileReport;
  nodes?: NodesReport;
};

/** submit_sm a second through one bind. */
/** Seconds for 100,000 rows. */
const FILE_TARGET = 60;
const SMS_TARGET = 500;
const MEMORY_TARGET = 250;
/** Processor time of a flow with several login servers, next to one. */
const NODES_TARGET = 1.1;
const START_UP_TARGET = 3;
/** Milliseconds, p95. */
const PAGE_TARGET = 200;
/** For a million rows on two processors. */
const IMPORT_TARGET = { secondsAMillion: 120, memory: 300 };

/** The report for people, in Markdown that also reads well in a terminal. */
export function printed(report: Report): string {
  const { machine, settings } = report;
  const versions = Object.entries(machine.versions).map(([name, version]) => `${name} ${version}`);
  const postgresql = Object.entries(settings.postgresql).map(([name, value]) => `${name} ${value}`);
  const sections = [
    `Machine: ${machine.processors}, ${machine.memory}; load average before the start ${machine.loadBefore.toFixed(2)}`,
    `Versions: ${versions.join(', ')}`,
    `PostgreSQL: ${postgresql.join(', ') || 'durable settings'}; on the same machine, and the load generator too`,
    ...(report.pages || report.sms
      ? []
      : [
          `Rounds: ${settings.rounds} of ${settings.seconds} s in turn with their floor, ${settings.clients} clients; figures are medians`,
        ]),
  ];
  if (report.flows.length > 0) sections.push('', flowTable(report.flows));
  if (report.flows.some((flow) => flow.ratios.length > 0)) sections.push('', ratioTable(report.flows));
  if (report.floors.length > 0)
    sections.push(
      '',
      table(
        ['floor', 'a second'],
        report.floors.map((floor) => [floor.name, figure(floor.perSecond)]),
      ),
    );
  if (report.pages) sections.push('', pageTable(report.pages));
  if (report.nodes) sections.push('', nodesTable(report.nodes));
  const lines = [
    ...smsLines(report),
    ...smsFileLines(report),
    ...mailLine(report),
    ...memoryLine(report),
    ...startUpLine(report),
    ...importLines(report),
  ];
  if (lines.length > 0) sections.push('', ...lines);
  return `${sections.join('\n')}\n`;
}

function flowTable(flows: readonly FlowReport[]): string {
  return table(
    [
      'flow',
      'a second',
      'p50 ms',
      'p99 ms',
      'statements',
      'commits',
      'server CPU ms',
      'database CPU ms',
      'load CPU ms',
    ],
    flows.map(({ flow, round, statements }) => [
      flow,
      figure(round.perSecond),
      ...[round.p50, round.p99].map(orDash),
      statements ? String(statements.statements) : '–',
      statements ? String(statements.commits) : '–',
      ...[round.costs.server, round.costs.database, round.costs.generator].map(orDash),
    ]),
  );
}

function nodesTable(nodes: NodesReport): string {
  const rows = nodes.map((one) => [
    String(one.nodes),
    figure(one.perSecond),
    figure(one.server),
    figure(one.database),
    one.ratio.toFixed(2),
    verdict(one.ratio <= NODES_TARGET),
  ]);
  const target = `≤ ${NODES_TARGET.toFixed(2)}`;
  return table(
    [
      'login servers',
      'silent sign-ins a second',
      'servers CPU ms',
      'database CPU ms',
      'both, next to one',
      target,
    ],
    rows,
  );
}

/** The slowest first. */
function pageTable({ people, pages }: PagesReport): string {
  const rows = pages
    .toSorted((a, b) => b.p95 - a.p95)
    .map(({ page, status, times, p50, p95, highest }) => [
      page,
      status,
      String(times),
      ...[p50, p95, highest].map(figure),
      p95 <= PAGE_TARGET ? 'met' : 'missed',
    ]);
  const head = [
    `page over ${people} accounts`,
    'status',
    'times',
    'p50 ms',
    'p95 ms',
    'highest',
    `≤ ${PAGE_TARGET}`,
  ];
  return table(head, rows);
}

function ratioTable(flows: readonly FlowReport[]): string {
  const rows = flows.flatMap(({ flow, ratios }) =>
    ratios.map(({ to, ratio, target }) => [
      flow,
      to,
      ratio.median.toFixed(2),
      `${ratio.lowest.toFixed(2)} … ${ratio.highest.toFixed(2)}`,
      target === undefined ? '–' : `≥ ${target.toFixed(2)}`,
      target === undefined ? '–' : ratio.median >= target ? 'met' : 'missed',
    ]),
  );
  return table(['flow', 'next to', 'ratio', 'lowest … highest', 'target', ''], rows);
}

function smsLines({ sms }: Report): string[] {
  if (!sms) return [];
  const { memory } = sms;
  return [
    `${sms.messages} messages through one bind, the gateway answering at once: ${figure(sms.perSecond)} submit_sm a second (target ≥ ${SMS_TARGET}: ${sms.perSecond >= SMS_TARGET ? 'met' : 'missed'}); all settled by receipts after ${figure(sms.settled)} s`,
    `Processor time of the console: ${sms.processor.toFixed(2)} ms a message; with a heap of at most ${sms.heap} MiB its resident memory is ${figure(memory.early)} MiB after a fifth of the queue, ${figure(memory.late)} at its end, ${figure(memory.highest)} at its highest`,
  ];
}

function smsFileLines({ smsFiles }: Report): string[] {
  if (!smsFiles) return [];
  return smsFiles.files.map(
    ({ encoding, rows, seconds, memory }) =>
      `${rows} rows of a file in ${encoding}, from the upload until all are queued: ${figure(seconds)} s (target ≤ ${FILE_TARGET}: ${seconds <= FILE_TARGET ? 'met' : 'missed'}); resident memory of the console at its highest until then ${figure(memory)} MiB, its heap at most ${smsFiles.heap} MiB`,
  );
}

function mailLine({ mail }: Report): string[] {
  return mail
    ? [
        `Code from request to mail server: p50 ${figure(mail.p50)} ms, p99 ${figure(mail.p99)} ms, under the load above`,
      ]
    : [];
}

function memoryLine({ memory }: Report): string[] {
  if (!memory) return [];
  const verdict = memory.highest <= MEMORY_TARGET ? 'met' : 'missed';
  return [
    `Resident memory of the login server: ${figure(memory.idle)} MiB before the load, ${figure(memory.now)} after it, ${figure(memory.highest)} at its highest (target ≤ ${MEMORY_TARGET}: ${verdict})`,
  ];
}

function startUpLine({ startUp }: Report): string[] {
  if (!startUp) return [];
  const verdict = startUp.seconds <= START_UP_TARGET ? 'met' : 'missed';
  return [
    `Start to /readyz with data present: ${startUp.seconds.toFixed(2)} s (target ≤ ${START_UP_TARGET} s: ${verdict})`,
  ];
}

function importLines({ import: imported }: Report): string[] {
  if (!imported) return [];
  const { rows, refused, wall, processor, memory, loadBefore, loadAfter } = imported;
  const aMillion = (wall / rows) * 1_000_000;
  const both = processor.importer + processor.database;
  return [
    `Import of ${rows} rows into an empty console, ${refused} refused: ${figure(wall)} s (target for a million ≤ ${IMPORT_TARGET.secondsAMillion} s: ${verdict(aMillion <= IMPORT_TARGET.secondsAMillion)})`,
    `  processor time ${figure(processor.importer)} s importing process, ${figure(processor.database)} s PostgreSQL, ${figure(both)} s together; load average ${loadBefore.toFixed(2)} before, ${loadAfter.toFixed(2)} after`,
    `  resident memory of the importing process ${figure(memory)} MiB at its highest (target ≤ ${IMPORT_TARGET.memory}: ${verdict(memory <= IMPORT_TARGET.memory)})`,
  ];
}

function verdict(isMet: boolean): string {
  return isMet ? 'met' : 'missed';
}

function orDash(value: number): string {
  return Number.isFinite(value) ? figure(value) : '–';
}
