import { parseArgs } from 'node:util';

export type Options =
  | { drill: 'cutover'; people: number; byCode: number; rollback: boolean }
  | { drill: 'both-logins'; signIns: number };

export type OptionsResult = { ok: true; options: Options } | { ok: false; problem: string };

const USAGE = `usage: npm run drill -- cutover [--rollback] [--people N] [--by-code N]
       npm run drill -- both-logins [--sign-ins N]`;

/** Reads the command line; the problem it returns is a sentence for the person who typed it. */
export function readOptions(args: readonly string[]): OptionsResult {
  let parsed;
  try {
    parsed = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        people: { type: 'string', default: '10000' },
        'by-code': { type: 'string', default: '2000' },
        'sign-ins': { type: 'string', default: '10000' },
        rollback: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    return refuse((error as Error).message);
  }
  const [drill, ...more] = parsed.positionals;
  const { rollback, people, 'by-code': byCode, 'sign-ins': signIns } = parsed.values;
  if (more.length > 0) return refuse('One drill at a time.');
  for (const [name, value, least] of [
    ['--people', people, 20],
    ['--by-code', byCode, 1],
    ['--sign-ins', signIns, 20],
  ] as const)
    if (!Number.isInteger(Number(value)) || Number(value) < least)
      return refuse(`${name} must be a whole number of at least ${least}.`);
  if (drill === 'cutover')
    return { ok: true, options: { drill, people: Number(people), byCode: Number(byCode), rollback } };
  if (drill === 'both-logins') return { ok: true, options: { drill, signIns: Number(signIns) } };
  return refuse(drill === undefined ? 'Which drill?' : `There is no drill "${drill}".`);
}

function refuse(problem: string): OptionsResult {
  return { ok: false, problem: `${problem}\n${USAGE}` };
}
