import pg from 'pg';
import { STEPS, type Step } from './steps.ts';

// The login server as a process of its own, as `npx hitokagi serve` starts it, which kills itself with -9 at a step that the drill names: no other process could hit one so exactly.
let armed: Step | undefined;
process.on('message', (step: Step['name']) => {
  armed = STEPS.find(({ name }) => name === step);
  process.send?.({ armed: step });
});
// The drill is gone: nobody would stop this process.
process.on('disconnect', () => process.exit(1));

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
  const hit = armed?.at(text, before) === true;
  if (hit && armed?.when === 'before') die(armed);
  transactions.set(this, [...before, text]);
  if (/^(commit|rollback)/i.test(text)) transactions.delete(this);
  const answer = original.apply(this, args);
  const dying = hit ? armed : undefined;
  if (dying && answer instanceof Promise) void answer.then(() => die(dying));
  return answer;
} as never;

function die(step: Step): void {
  armed = undefined;
  process.send?.({ killed: step.name });
  process.kill(process.pid, 'SIGKILL');
}

await import('../../apps/login/src/main.ts');
process.exit();
