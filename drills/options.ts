import { parseArgs } from 'node:util';

export type Options =
  | { drill: 'cutover'; people: number; byCode: number; rollback: boolean }
  | { drill: 'both-logins'; signIns: number }
  | { drill: 'login-id'; people: number; deeds: number; seed: number; pace: number }
  | { drill: 'logout'; rounds: number; seed: number }
  | { drill: 'sms'; messages: number; kills: number; seed: number }
  | { drill: 'rolling'; perSecond: number; rounds: number }
  | { drill: 'faults'; faults: number; seed: number; kinds: readonly string[] }
  | { drill: 'soak'; minutes: number; perSecond: number }
  | { drill: 'history'; size: number; seed: number }
  | { drill: 'attacks'; full: boolean; seed: number; rows: readonly string[] }
  | { drill: 'failover'; seconds: number };

export type OptionsResult = { ok: true; options: Options } | { ok: false; problem: string };

const USAGE = `usage: npm run drill -- cutover [--rollback] [--people N] [--by-code N]
       npm run drill -- both-logins [--sign-ins N]
       npm run drill -- login-id [--people N] [--deeds N] [--seed N] [--pace MILLISECONDS]
       npm run drill -- logout [--rounds N] [--seed N]
       npm run drill -- sms [--messages N] [--kills N] [--seed N]
       npm run drill -- rolling [--per-second N] [--rounds N]
       npm run drill -- history [--size N] [--seed N]
       npm run drill -- faults [--faults N] [--seed N] [KIND …]
       npm run drill -- soak [--minutes N] [--per-second N]
       npm run drill -- attacks [--full] [--seed N] [ROW …]
       npm run drill -- failover [--seconds N]`;

/** Reads the command line; the problem it returns is a sentence for the person who typed it. */
export function readOptions(args: readonly string[]): OptionsResult {
  let parsed;
  try {
    parsed = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        people: { type: 'string' },
        'by-code': { type: 'string', default: '2000' },
        'sign-ins': { type: 'string', default: '10000' },
        deeds: { type: 'string', default: '3' },
        seed: { type: 'string', default: String(1 + Math.floor(Math.random() * 1_000_000)) },
        pace: { type: 'string', default: '8000' },
        messages: { type: 'string', default: '10000' },
        kills: { type: 'string', default: '200' },
        rounds: { type: 'string' },
        'per-second': { type: 'string', default: '20' },
        faults: { type: 'string', default: '100' },
        size: { type: 'string', default: '40' },
        minutes: { type: 'string', default: '480' },
        full: { type: 'boolean', default: false },
        seconds: { type: 'string', default: '10' },
        rollback: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    return refuse((error as Error).message);
  }
  const [drill, ...more] = parsed.positionals;
  const { messages, kills } = parsed.values;
  const {
    rollback,
    'by-code': byCode,
    'sign-ins': signIns,
    deeds,
    seed,
    pace,
    faults,
    size,
    minutes,
    full,
    seconds,
    'per-second': perSecond,
  } = parsed.values;
  const rounds = parsed.values.rounds ?? (drill === 'rolling' ? '3' : '15');
  const people = parsed.values.people ?? (drill === 'login-id' ? '120' : '10000');
  if (more.length > 0 && drill !== 'attacks' && drill !== 'faults') return refuse('One drill at a time.');
  for (const [name, value, least] of [
    ['--people', people, drill === 'login-id' ? 2 : 20],
    ['--by-code', byCode, 1],
    ['--sign-ins', signIns, 20],
    ['--deeds', deeds, 1],
    ['--seed', seed, 1],
    ['--pace', pace, 100],
    ['--messages', messages, 10],
    ['--kills', kills, 0],
    ['--rounds', rounds, drill === 'rolling' ? 0 : 1],
    ['--per-second', perSecond, 1],
    ['--faults', faults, 1],
    ['--size', size, 1],
    ['--minutes', minutes, 1],
    ['--seconds', seconds, 1],
  ] as const)
    if (!Number.isInteger(Number(value)) || Number(value) < least)
      return refuse(`${name} must be a whole number of at least ${least}.`);
  if (drill === 'cutover')
    return { ok: true, options: { drill, people: Number(people), byCode: Number(byCode), rollback } };
  if (drill === 'both-logins') return { ok: true, options: { drill, signIns: Number(signIns) } };
  if (drill === 'login-id')
    return {
      ok: true,
      options: {
        drill,
        people: Number(people),
        deeds: Number(deeds),
        seed: Number(seed),
        pace: Number(pace),
      },
    };
  if (drill === 'logout') return { ok: true, options: { drill, rounds: Number(rounds), seed: Number(seed) } };
  if (drill === 'sms')
    return {
      ok: true,
      options: { drill, messages: Number(messages), kills: Number(kills), seed: Number(seed) },
    };
  if (drill === 'rolling')
    return { ok: true, options: { drill, perSecond: Number(perSecond), rounds: Number(rounds) } };
  if (drill === 'soak')
    return { ok: true, options: { drill, minutes: Number(minutes), perSecond: Number(perSecond) } };
  if (drill === 'history') return { ok: true, options: { drill, size: Number(size), seed: Number(seed) } };
  if (drill === 'attacks') return { ok: true, options: { drill, full, seed: Number(seed), rows: more } };
  if (drill === 'faults')
    return {
      ok: true,
      options: { drill, faults: Number(faults), seed: Number(seed), kinds: more },
    };
  if (drill === 'failover') return { ok: true, options: { drill, seconds: Number(seconds) } };
  return refuse(drill === undefined ? 'Which drill?' : `There is no drill "${drill}".`);
}

function refuse(problem: string): OptionsResult {
  return { ok: false, problem: `${problem}\n${USAGE}` };
}
