import { Command } from 'commander';
import type { Locale } from '#support/primitives/locale.ts';
import { personAnswer } from '#domain/person/answer.ts';
import { personFacts } from '#domain/person/facts.ts';
import { clearDelay, resendCodeFor, sendSetUpMail } from '#domain/person/remedies.ts';
import { ACCOUNT_STATES, searchAccounts } from '#domain/search/search.ts';
import { stepOf } from '#domain/person/step.ts';
import type { Db } from '#support/db/database.ts';
import { japanTime } from '#support/primitives/japan-time.ts';
import { accountOf } from '../account-of.ts';
import { plainText } from '../plain-text.ts';
import type { AccountDeps } from './account-sessions.ts';

const REFUSALS = {
  'account-unknown': 'There is no such account.',
  'account-state-unfit': 'The account is suspended or closed. Reinstate it first.',
  'no-open-request':
    'The person has asked for no code that is still open. They ask on the page of the reset.',
  'nothing-to-clear': 'There is no delay to clear.',
  'reason-missing': 'Say why: --reason "…".',
  'too-soon': 'It was sent a moment ago.',
  'too-many': 'The limit is reached.',
} as const;

type Result = { ok: true } | { ok: false; reason: keyof typeof REFUSALS; retryAt?: Date };

/** `hitokagi account search | show | send-set-up-mail | send-code | clear-delay`: what the support desk looks at and does for one person. */
export function personCommands(deps: AccountDeps): readonly Command[] {
  return [
    new Command('search')
      .description('find accounts by any part of login ID, name, company or console user id')
      .argument('[words...]')
      .option('--state <state>', `only ${ACCOUNT_STATES.join(', ')}`)
      .option('--after <account-id>', 'the next page, after the last of this one')
      .option('--limit <n>', 'at most so many', '50')
      .option('--json')
      .action(search),
    new Command('show')
      .description('one person over old and new, and the step where they are stuck')
      .argument('<account>', 'login ID or account id')
      .option('--json')
      .action(show),
    remedy('send-set-up-mail', 'mail how to set a password; there is no code in it', async (db, id) =>
      sendSetUpMail({ db, jobs: await deps.openJobs() }, id, 'ja', by()),
    ),
    remedy('send-code', 'send the code that the person asked for again', async (db, id) =>
      resendCodeFor({ db, jobs: await deps.openJobs() }, id, by()),
    ),
    remedy('clear-delay', 'forget the wrong passwords of a login ID', (db, id, reason) =>
      clearDelay(db, id, { ...by(), reason }),
    ).requiredOption('--reason <text>', 'why, and how you made sure who asks; for the audit log'),
  ];

  async function search(
    words: readonly string[],
    options: { state?: string; after?: string; limit: string; json?: boolean },
  ): Promise<void> {
    const state = ACCOUNT_STATES.find((one) => one === options.state);
    const limit = Number(options.limit);
    if (options.state !== undefined && !state) return fail(`--state is one of ${ACCOUNT_STATES.join(', ')}.`);
    if (!Number.isInteger(limit) || limit < 1 || limit > 1_000)
      return fail('--limit is a number from 1 to 1000.');
    if (words.length === 0 && !state) return fail('Say what to search for, or --state.');
    const { db } = await deps.openDatabase();
    const page = await searchAccounts(db, { text: words.join(' '), state, after: options.after, limit });
    if (options.json) return print(JSON.stringify(page, null, 2));
    if (page.accounts.length === 0) return print('Nobody was found. Try a shorter part.');
    for (const one of page.accounts)
      print(
        [
          one.accountId,
          one.state,
          one.emailAddress,
          plainText(one.name) || '-',
          plainText(one.company) || '-',
          one.hasPassword ? 'password' : 'no password',
          one.links.map((link) => `${link.clientId}:${plainText(link.consoleUserId)}`).join(', ') || '-',
        ].join('\t'),
      );
    if (page.next !== null) print(`More: --after ${page.next}`);
  }

  async function show(name: string, options: { json?: boolean }): Promise<void> {
    const { db } = await deps.openDatabase();
    const account = await accountOf(db, name, process.stderr);
    if (!account) return void (process.exitCode = 1);
    const now = deps.clock();
    const facts = await personFacts(db, account, now);
    const person = personAnswer(facts, stepOf(facts, now), consoleNames);
    if (options.json) return print(JSON.stringify(person, null, 2));
    const { sentence, next } = person.step.words[deps.locale];
    const at = (moment: Date | null): string => (moment ? japanTime(moment, deps.locale) : '-');
    print(
      [person.id, person.state, person.emailAddress, plainText(person.name), plainText(person.company)].join(
        '\t',
      ),
    );
    print(`${plainText(sentence)}\n${plainText(next)}`);
    for (const link of person.links)
      print(
        `console\t${link.clientId}\t${plainText(link.consoleUserId)}\tlegacy ${at(link.lastLegacyAt)}\tunified ${at(link.lastUnifiedAt)}`,
      );
    for (const mail of person.mails)
      print(`mail\t${at(mail.createdAt)}\t${mail.template}\t${mail.fate}\t${plainText(mail.response ?? '')}`);
    for (const event of person.events) print(`event\t${at(event.at)}\t${event.action}\t${event.actor}`);

    function consoleNames(locale: Locale) {
      const names = new Map(
        facts.links.map((link) => [link.clientId, locale === 'ja' ? link.nameJa : link.nameEn]),
      );
      return (clientId: string) => names.get(clientId) ?? clientId;
    }
  }

  function remedy(
    name: string,
    description: string,
    act: (db: Db, accountId: string, reason: string) => Promise<Result>,
  ): Command {
    return new Command(name)
      .description(description)
      .argument('<account>', 'login ID or account id')
      .option('--json')
      .action(async (named: string, options: { json?: boolean; reason?: string }) => {
        const { db } = await deps.openDatabase();
        const account = await accountOf(db, named, process.stderr);
        if (!account) return void (process.exitCode = 1);
        const result = await act(db, account.id, options.reason ?? '');
        if (!result.ok) process.exitCode = 1;
        if (options.json) return print(JSON.stringify(result));
        if (result.ok) return print('Done.');
        const again = result.retryAt ? ` Again from ${japanTime(result.retryAt, deps.locale)}.` : '';
        fail(`${REFUSALS[result.reason]}${again}`);
      });
  }

  function by() {
    return { actor: 'operator:cli', now: deps.clock() };
  }
}

function fail(text: string): void {
  process.stderr.write(`${text}\n`);
  process.exitCode = 1;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
