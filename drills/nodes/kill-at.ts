import { existsSync, readFileSync, rmSync } from 'node:fs';
import pg from 'pg';
import { STEPS } from './steps.ts';

// Loaded into a node before its program: it kills itself with -9 at the step of which it is told by SIGUSR2 and the file that names it, and forgets it on SIGUSR1. No other process could hit one so exactly.

const file = process.env.DRILL_STEP_FILE ?? '';
let armed: (typeof STEPS)[number] | undefined;
process.on('SIGUSR2', () => {
  // The other node may have been there first, and its file is gone.
  const told = existsSync(file) ? readFileSync(file, 'utf8') : '';
  armed = STEPS.find(({ name }) => name === told);
});
process.on('SIGUSR1', () => (armed = undefined));

/** Statements of the transaction that each connection is in. */
const transactions = new WeakMap<object, string[]>();
const original = Object.getOwnPropertyDescriptor(pg.Client.prototype, 'query')?.value as (
  ...args: unknown[]
) => unknown;
pg.Client.prototype.query = function (this: pg.Client, ...args: unknown[]): unknown {
  const [asked] = args;
  const text = (typeof asked === 'string' ? asked : ((asked as { text?: string }).text ?? '')).trim();
  if (/^begin/i.test(text)) transactions.set(this, []);
  const before = transactions.get(this) ?? [];
  const hit = armed?.at(text, before) === true ? armed : undefined;
  if (hit?.when === 'before') die();
  transactions.set(this, [...before, text]);
  if (/^(commit|rollback)/i.test(text)) transactions.delete(this);
  const answer = original.apply(this, args);
  if (hit && answer instanceof Promise) void answer.then(die);
  return answer;
} as never;

/** The file goes first: by that the drill knows that it was this step. */
function die(): void {
  armed = undefined;
  rmSync(file, { force: true });
  process.kill(process.pid, 'SIGKILL');
}
