import { Command, Option } from 'commander';
import { takeBounceFiles } from '#domain/notices/bounces/folder.ts';
import { cancelNotice } from '#domain/notices/cancel.ts';
import type { NoticeHouse } from '#domain/notices/letter.ts';
import { sendTestNotice } from '#domain/notices/preview.ts';
import { listNotices, NOTICE_STATES, noticeProgress, type NoticeState } from '#domain/notices/progress.ts';
import {
  listRecipients,
  RECIPIENT_FILTERS,
  type Recipient,
  type RecipientFilter,
} from '#domain/notices/recipients.ts';
import { settleRecipient, type Settlement } from '#domain/notices/settle.ts';
import type { Database } from '#support/db/database.ts';
import type { Jobs } from '#support/jobs/jobs.ts';
import type { Locale } from '#support/primitives/locale.ts';
import { noticeBody, recipientBody } from '#web/api/operator/notice-bodies.ts';
import { noticeConsoleWordsCommand } from './notice-console-words.ts';
import { noticePreviewCommand } from './notice-preview.ts';
import { consoleIdOf, fail, print, say, showNotice, showRecipient } from './notice-words.ts';

type Deps = {
  openDatabase(): Promise<Database>;
  openJobs(): Promise<Jobs>;
  /** Brand and address of this installation; asked for only where a mail is made. */
  house(): Promise<NoticeHouse>;
  issuer(): string;
  clock: () => Date;
};
type Json = { json?: boolean };

const ACTOR = 'operator:cli';

/** `hitokagi notice list | show | words | preview | test | cancel | unreached | settle | bounces`. */
export function noticeCommand(deps: Deps): Command {
  const command = new Command('notice').description(
    'mails about the move of a console, and whom they reached',
  );
  const by = () => ({ actor: ACTOR, now: deps.clock() });

  command
    .command('list')
    .description('notices with their progress, the newest first')
    .option('--console <client-id>')
    .addOption(new Option('--state <state>').choices(NOTICE_STATES))
    .option('--before <notice-id>', 'the page after this one')
    .option('--json')
    .action(async (options: { console?: string; state?: NoticeState; before?: string } & Json) => {
      const { db } = await deps.openDatabase();
      const consoleId = options.console ? await consoleIdOf(db, options.console) : undefined;
      if (options.console && !consoleId) return;
      const { state, before } = options;
      const notices = await listNotices(db, { consoleId, state, before }, deps.clock());
      if (options.json) return print(JSON.stringify(notices.map(noticeBody), null, 2));
      for (const notice of notices) print(showNotice(notice));
    });

  command
    .command('show')
    .description('one notice and its progress; with --state its recipients of that state too')
    .argument('<notice-id>')
    .addOption(new Option('--state <state>').choices(RECIPIENT_FILTERS))
    .option('--after <account-id>', 'the page after this one')
    .option('--json')
    .action(async (id: string, options: { state?: RecipientFilter; after?: string } & Json) => {
      const { db } = await deps.openDatabase();
      const notice = await noticeProgress(db, id, deps.clock());
      if (!notice) return fail('notice-unknown');
      const page =
        options.state && (await listRecipients(db, id, { state: options.state, after: options.after }));
      if (options.json)
        return print(
          JSON.stringify(
            {
              ...noticeBody(notice),
              ...(page && { recipients: page.recipients.map(recipientBody), next: page.next }),
            },
            null,
            2,
          ),
        );
      print(showNotice(notice));
      for (const recipient of page?.recipients ?? []) print(showRecipient(recipient));
      if (page?.next) print(`more: --after ${page.next}`);
    });

  command.addCommand(noticePreviewCommand(deps));
  command.addCommand(noticeConsoleWordsCommand(deps));

  command
    .command('test')
    .description('send it to one address, marked as a test; counts in nothing')
    .argument('<notice-id>')
    .argument('<address>')
    .addOption(new Option('--locale <locale>').choices(['ja', 'en']).default('ja'))
    .option('--json')
    .action(async (id: string, emailAddress: string, options: { locale: Locale } & Json) => {
      const { db } = await deps.openDatabase();
      const wanted = { emailAddress, locale: options.locale };
      const sent = await sendTestNotice(db, await deps.openJobs(), id, wanted, by());
      if (!sent.ok) return fail(sent.reason);
      print(options.json ? JSON.stringify(sent) : `Queued for ${sent.recipient} (${sent.messageId}).`);
    });

  command
    .command('cancel')
    .description('stop it at once; what was handed over stays')
    .argument('<notice-id>')
    .option('--json')
    .action(async (id: string, options: Json) => {
      const result = await cancelNotice((await deps.openDatabase()).db, id, by());
      if (!result.ok) return fail(result.reason);
      print(
        options.json
          ? JSON.stringify(result)
          : `Cancelled. ${result.dropped} people will not get it; ${result.accepted} have got it: tell them by a correction if it is no longer true.`,
      );
    });

  command
    .command('unreached')
    .description('whom it did not reach and nobody has settled')
    .argument('<notice-id>')
    .option('--json')
    .action(async (id: string, options: Json) => {
      const { db } = await deps.openDatabase();
      if (!(await noticeProgress(db, id, deps.clock()))) return fail('notice-unknown');
      const all: Recipient[] = [];
      for (let after: string | null = ''; after !== null;) {
        const page: Awaited<ReturnType<typeof listRecipients>> = await listRecipients(db, id, {
          state: 'unreached',
          after,
          limit: 500,
        });
        all.push(...page.recipients);
        after = page.next;
      }
      if (options.json) return print(JSON.stringify(all.map(recipientBody), null, 2));
      for (const recipient of all) print(showRecipient(recipient));
      print(`${all.length} not reached and not settled.`);
    });

  command
    .command('settle')
    .description('settle one person whom it did not reach; one of the three options')
    .argument('<notice-id>')
    .argument('<account-id>')
    .option('--new-address <address>', 'the login ID, corrected in the console before: the notice goes there')
    .option('--told-otherwise <note>', 'how and by whom the person was told')
    .option('--api-only [note]', 'uses the console through its API only')
    .option('--json')
    .action(
      async (
        id: string,
        accountId: string,
        options: { newAddress?: string; toldOtherwise?: string; apiOnly?: string | true } & Json,
      ) => {
        const how = settlementIn(options);
        if (!how) return say('Give exactly one of --new-address, --told-otherwise and --api-only.');
        const { db } = await deps.openDatabase();
        const result = await settleRecipient(db, { noticeId: id, accountId }, how, by());
        if (!result.ok) return fail(result.reason);
        print(options.json ? JSON.stringify(result) : `Settled ${accountId} (${how.kind}).`);
      },
    );

  command
    .command('bounces')
    .description(
      'read delivery status notifications: an .eml or mbox file, a folder of .eml files or a Maildir; each counts once',
    )
    .argument('<path>')
    .option('--json')
    .action(async (path: string, options: Json) => {
      const { db } = await deps.openDatabase();
      const from = { issuerHost: new URL(deps.issuer()).hostname, ...by() };
      const results = await takeBounceFiles(db, path, from);
      if (!results) return say(`There is no file or folder ${path}.`);
      if (options.json) return print(JSON.stringify(results, null, 2));
      const counts = new Map<string, number>();
      for (const { file, mail, result } of results) {
        const word = result.ok ? result.outcome : result.problem;
        counts.set(word, (counts.get(word) ?? 0) + 1);
        for (const person of result.ok ? result.people : [])
          print(`${word}\t${person.accountId}\t${person.status}\t${person.noticeId}`);
        if (!result.ok) print(`${word}\t${file}${mail === undefined ? '' : `, mail ${mail}`}`);
      }
      print(
        `${results.length} read: ${[...counts].map(([word, n]) => `${n} ${word}`).join(', ') || 'nothing'}.`,
      );
    });
  return command;
}

function settlementIn(options: {
  newAddress?: string;
  toldOtherwise?: string;
  apiOnly?: string | true;
}): Settlement | undefined {
  const { newAddress, toldOtherwise, apiOnly } = options;
  if ([newAddress, toldOtherwise, apiOnly].filter((one) => one !== undefined).length !== 1) return undefined;
  if (newAddress !== undefined) return { kind: 'new-address', emailAddress: newAddress };
  if (toldOtherwise !== undefined) return { kind: 'told-otherwise', note: toldOtherwise };
  return { kind: 'api-only', note: apiOnly === true ? '' : (apiOnly ?? '') };
}
