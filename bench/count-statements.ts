// Loaded into the login server before its main file (`--import`), only where statements are counted; rates are measured without it.
import pg from 'pg';

/** What the login server's own pool sent since the last question; the job queue's own polling is not part of a flow. */
export type StatementCount = { statements: number; commits: number; texts: string[] };

type Counted = pg.Client & { connectionParameters: { application_name?: string } };

let count: StatementCount = { statements: 0, commits: 0, texts: [] };
const open = new WeakMap<object, { writes: boolean }>();

const original = Object.getOwnPropertyDescriptor(pg.Client.prototype, 'query')?.value as (
  ...args: unknown[]
) => unknown;
pg.Client.prototype.query = function query(this: Counted, ...args: unknown[]): never {
  const [asked] = args;
  const text = typeof asked === 'string' ? asked : ((asked as { text?: string }).text ?? '');
  if (this.connectionParameters.application_name === 'hitokagi') note(this, text);
  return original.apply(this, args) as never;
};

process.on('message', (question) => {
  if (question !== 'statements?') return;
  process.send?.(count);
  count = { statements: 0, commits: 0, texts: [] };
});
process.channel?.unref();

/** A commit is counted where something was written; reading ends without one that waits for the disk. */
function note(client: object, text: string): void {
  count.statements++;
  count.texts.push(text);
  const writes =
    /\b(insert into|update|delete from)\b/i.test(text) && !/^\s*(begin|commit|rollback)/i.test(text);
  const transaction = open.get(client);
  if (/^\s*(begin|start transaction)/i.test(text)) open.set(client, { writes: false });
  else if (/^\s*(commit|rollback)/i.test(text)) {
    if (transaction?.writes && /^\s*commit/i.test(text)) count.commits++;
    open.delete(client);
  } else if (writes && transaction) transaction.writes = true;
  else if (writes) count.commits++;
}
