import { Command } from 'commander';
import { phaseAt } from '#domain/migration/phase.ts';
import { planOf, setLinkTime } from '#domain/migration/plans.ts';
import type { Database } from '#support/db/database.ts';
import { japanTime } from '#support/primitives/japan-time.ts';

type Deps = { openDatabase(): Promise<Database>; clock: () => Date; locale: 'ja' | 'en' };

/** `hitokagi plan show | link-time`. */
export function planCommand(deps: Deps): Command {
  const command = new Command('plan').description('migration plans: when the link appears');
  command
    .command('show')
    .argument('<client-id>')
    .option('--json')
    .action(async (clientId: string, options: { json?: boolean }) => {
      const found = await consoleIdOf(clientId);
      if (!found) return;
      const plan = await planOf(found.database.db, found.id);
      const phase = phaseAt(plan, deps.clock());
      if (options.json) return print(JSON.stringify({ ...plan, phase }, null, 2));
      const moment = (at: Date | null) => (at ? japanTime(at, deps.locale) : '-');
      print(
        `phase         ${phase}\nlink time     ${moment(plan.linkAt)}\nannouncement  ${moment(plan.announceAt)}\ncut-over      ${moment(plan.cutOverAt)}`,
      );
    });
  command
    .command('link-time')
    .description(
      'set the moment at which the legacy login page gets its link, such as 2026-11-21T22:00+09:00, or "none"',
    )
    .argument('<client-id>')
    .argument('<moment>')
    .action(async (clientId: string, text: string) => {
      const linkAt = text === 'none' ? null : momentOf(text);
      if (linkAt === undefined)
        return fail('Give the moment with its offset, such as 2026-11-21T22:00+09:00.');
      const found = await consoleIdOf(clientId);
      if (!found) return;
      const result = await setLinkTime(found.database.db, found.id, linkAt, {
        actor: 'operator:cli',
        now: deps.clock(),
      });
      if (!result.ok) return fail('The link must appear before the cut-over. Move the cut-over first.');
      print(
        linkAt ? `The link appears on ${japanTime(linkAt, deps.locale)}.` : 'The link time is undetermined.',
      );
    });
  return command;

  async function consoleIdOf(clientId: string): Promise<{ id: string; database: Database } | undefined> {
    const database = await deps.openDatabase();
    const row = await database.db
      .selectFrom('console')
      .select('id')
      .where('client_id', '=', clientId)
      .executeTakeFirst();
    if (!row) fail(`No console is registered as ${clientId}. "hitokagi console list" shows all.`);
    return row && { id: row.id, database };
  }
}

function momentOf(text: string): Date | undefined {
  const withOffset = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})$/.test(text);
  const moment = new Date(text);
  return withOffset && !Number.isNaN(moment.getTime()) ? moment : undefined;
}

function fail(text: string): void {
  process.stderr.write(`${text}\n`);
  process.exitCode = 1;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
