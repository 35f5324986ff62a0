import { Command, InvalidArgumentError } from 'commander';
import { listDocument, listText } from '#domain/domain-lists/document.ts';
import {
  domainChanges,
  entryText,
  requiredDomains,
  type OwnAddresses,
} from '#domain/domain-lists/entries.ts';
import { domainListsOf, publishDomainList, type PublishRefusal } from '#domain/domain-lists/lists.ts';
import type { NoticeHouse } from '#domain/notices/letter.ts';
import type { Database, Db } from '#support/db/database.ts';
import type { ConsoleRow } from '#support/db/schema.ts';
import { momentTyped } from '#support/primitives/japan-time.ts';
import type { Locale } from '#support/primitives/locale.ts';
import { consoleOf } from '../console-of.ts';

type Deps = {
  openDatabase(): Promise<Database>;
  house(): Promise<NoticeHouse>;
  issuer(): string;
  clock: () => Date;
  locale: Locale;
};
type Asked = { db: Db; console: ConsoleRow; own: OwnAddresses };

/** `hitokagi domains show | publish`: the domains that a console's people must reach, for administrators of customers' networks. Exit code 1 when nothing was published. */
export function domainsCommand(deps: Deps): Command {
  const command = new Command('domains').description(
    'the domains and ports that a console needs, for administrators of customers’ networks',
  );
  command
    .command('show')
    .description('the published list as plain text, and what the configuration says that it does not')
    .argument('<console>', 'client id')
    .option('--json')
    .action(async (clientId: string, options: { json?: boolean }) => {
      const asked = await find(clientId);
      if (!asked) return;
      const { db, console, own } = asked;
      const lists = await domainListsOf(db, { console, own }, deps.clock());
      const { added, removed } = domainChanges(lists[0].entries, requiredDomains(own, console));
      const unpublished = { added: added.map(entryText), removed: removed.map(entryText) };
      if (options.json)
        return print(JSON.stringify({ ...listDocument({ console, own }, lists), unpublished }, null, 2));
      print(listText({ console, own }, lists, deps.locale).trimEnd());
      for (const entry of unpublished.added) print(`# not published yet: + ${entry}`);
      for (const entry of unpublished.removed) print(`# not published yet: - ${entry}`);
    });
  command
    .command('publish')
    .description('publish what the configuration says as the next version')
    .argument('<console>', 'client id')
    .requiredOption('--valid-from <day>', 'in Japan, such as 2027-01-12', day)
    .option('--tell', 'tell everybody who uses the console by mail')
    .option('--json')
    .action(async (clientId: string, options: { validFrom: Date; tell?: boolean; json?: boolean }) => {
      const asked = await find(clientId);
      if (!asked) return;
      const { db, console, own } = asked;
      const [{ version }] = await domainListsOf(db, { console, own }, deps.clock());
      const wanted = { version, validFrom: options.validFrom, tell: options.tell === true };
      const by = { actor: 'operator:cli', now: deps.clock() };
      const result = await publishDomainList(db, { console, own }, wanted, by);
      if (!result.ok) process.exitCode = 1;
      if (options.json) return print(JSON.stringify(result));
      if (!result.ok) return void process.stderr.write(`${refusal(result)}\n`);
      const told =
        result.noticeId === null
          ? 'Nobody is told.'
          : `Told: ${result.recipients} people, by notice ${result.noticeId}.`;
      print(`Version ${result.version} has been published. ${told}`);
    });
  return command;

  async function find(clientId: string): Promise<Asked | undefined> {
    const { db } = await deps.openDatabase();
    const found = await consoleOf(db, clientId, process.stderr);
    if (!found) {
      process.exitCode = 1;
      return undefined;
    }
    const console = await db
      .selectFrom('console')
      .selectAll()
      .where('id', '=', found.id)
      .executeTakeFirstOrThrow();
    const { brand, pagesUrl } = await deps.house();
    return { db, console, own: { brand, pagesUrl, issuer: deps.issuer() } };
  }
}

function refusal(result: PublishRefusal): string {
  switch (result.reason) {
    case 'changed-meanwhile':
      return 'Somebody else has published a version meanwhile: look at it with "hitokagi domains show".';
    case 'nothing-changed':
      return 'The published list is what the configuration says: there is nothing to publish.';
    case 'date-unfit':
      return `Choose a day from ${result.earliest.toISOString()} to ${result.latest.toISOString()}.`;
  }
}

function day(text: string): Date {
  const typed = momentTyped(text, '00:00');
  if (!typed.ok) throw new InvalidArgumentError('Say 2027-01-12.');
  return typed.at;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
