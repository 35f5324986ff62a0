import { parseArgs } from 'node:util';

export const FLOWS = [
  'full',
  'silent',
  'reset',
  'tokens',
  'start',
  'nodes',
  'import',
  'pages',
  'sms',
] as const;
export type FlowName = (typeof FLOWS)[number];

export type Options = {
  /** Length of one measured round, in seconds. */
  seconds: number;
  rounds: number;
  only: readonly FlowName[];
  /** Rows of the file that is imported; accounts behind the operator pages; short messages (100,000 at most). */
  rows: number;
  json: boolean;
  /** Folder for a CPU profile of the login server; measured rates are lower while it is written. */
  profile: string | undefined;
  /** Folder in which the installation behind the operator pages is kept, to look at. */
  keep: string | undefined;
};

export type OptionsResult = { ok: true; options: Options } | { ok: false; problem: string };

const USAGE = `usage: npm run bench -- [--seconds N] [--rounds N] [--only ${FLOWS.join('|')}]… [--rows N] [--json] [--profile FOLDER] [--keep FOLDER]`;

/** Reads the command line; the problem it returns is a sentence for the person who typed it. */
export function readOptions(args: readonly string[]): OptionsResult {
  let values;
  try {
    ({ values } = parseArgs({
      args: [...args],
      options: {
        seconds: { type: 'string', default: '5' },
        rounds: { type: 'string', default: '3' },
        rows: { type: 'string', default: '1000000' },
        only: { type: 'string', multiple: true, default: [] },
        json: { type: 'boolean', default: false },
        profile: { type: 'string' },
        keep: { type: 'string' },
      },
    }));
  } catch (error) {
    return { ok: false, problem: `${(error as Error).message}\n${USAGE}` };
  }
  const seconds = Number(values.seconds);
  const rounds = Number(values.rounds);
  if (!(seconds > 0)) return { ok: false, problem: `--seconds must be a number above 0.\n${USAGE}` };
  if (!Number.isInteger(rounds) || rounds < 1)
    return { ok: false, problem: `--rounds must be a whole number above 0.\n${USAGE}` };
  const rows = Number(values.rows);
  if (!Number.isInteger(rows) || rows < 1)
    return { ok: false, problem: `--rows must be a whole number above 0.\n${USAGE}` };
  const unknown = values.only.find((name) => !FLOWS.includes(name as FlowName));
  if (unknown !== undefined) return { ok: false, problem: `There is no flow "${unknown}".\n${USAGE}` };
  // These take minutes of their own, so they are measured only when asked for.
  const only =
    values.only.length > 0
      ? (values.only as FlowName[])
      : FLOWS.filter((flow) => flow !== 'nodes' && flow !== 'import' && flow !== 'pages' && flow !== 'sms');
  return {
    ok: true,
    options: { seconds, rounds, only, rows, json: values.json, profile: values.profile, keep: values.keep },
  };
}
