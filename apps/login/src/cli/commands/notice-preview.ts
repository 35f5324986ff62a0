import { readFile } from 'node:fs/promises';
import { Command, Option } from 'commander';
import type { NoticeKind, NoticeTexts } from '#domain/notices/kinds.ts';
import type { NoticeHouse } from '#domain/notices/letter.ts';
import type { NoticeDraft } from '#domain/notices/mail.ts';
import { previewDraft, previewNotice, sendTestDraft } from '#domain/notices/preview.ts';
import { noticeTextSentence } from '#domain/notices/text-problem.ts';
import type { Database } from '#support/db/database.ts';
import type { Jobs } from '#support/jobs/jobs.ts';
import { LOCALES, type Locale } from '#support/primitives/locale.ts';
import { consoleIdOf, fail, print, say } from './notice-words.ts';

type Deps = {
  openDatabase(): Promise<Database>;
  openJobs(): Promise<Jobs>;
  house(): Promise<NoticeHouse>;
  clock: () => Date;
};
type DraftOptions = {
  console?: string;
  kind?: NoticeKind;
  cutOver?: string;
  texts?: string;
  sendTo?: string;
  locale?: Locale;
  json?: boolean;
};

/** `hitokagi notice preview`: of a notice, or of one that does not exist yet. */
export function noticePreviewCommand(deps: Deps): Command {
  return new Command('preview')
    .description('the mail as a sample person or a given one reads it; without a notice id, of a draft')
    .argument('[notice-id]')
    .option('--account <account-id>')
    .option('--console <client-id>', 'of a draft')
    .addOption(
      new Option('--kind <kind>', 'of a draft').choices([
        'announcement',
        'reminder',
        'correction',
        'completion',
      ]),
    )
    .option(
      '--cut-over <moment>',
      'of a draft, such as 2027-03-31T22:00+09:00; none: a correction that takes it back',
    )
    .option('--texts <file>', 'of a draft: JSON {"ja":{"subject":…,"body":…},"en":…}')
    .option(
      '--send-to <address>',
      'of a draft: mail it there, marked as a test, in both languages or that of --locale',
    )
    .addOption(new Option('--locale <locale>').choices(['ja', 'en']))
    .option('--html', 'print the HTML instead of the plain text')
    .option('--json')
    .action(async (id: string | undefined, options: DraftOptions & { html?: boolean; account?: string }) => {
      const { db } = await deps.openDatabase();
      const shown = id ? await ofNotice(id) : await ofDraft();
      if (!shown) return;
      if (options.json) return print(JSON.stringify(shown));
      print(options.html ? shown.html : `${shown.subject}\n\n${shown.text}`);

      async function ofNotice(noticeId: string) {
        const result = await previewNotice(db, await deps.house(), noticeId, {
          ...(options.locale && { locale: options.locale }),
          ...(options.account && { accountId: options.account }),
        });
        return result.ok ? result.mail : fail(result.reason);
      }
      async function ofDraft() {
        if (!options.console || !options.kind)
          return say('Give a notice id, or --console and --kind of a draft.');
        const consoleId = await consoleIdOf(db, options.console);
        if (!consoleId) return undefined;
        const cutOverAt = options.cutOver ? new Date(options.cutOver) : null;
        if (cutOverAt ? Number.isNaN(cutOverAt.getTime()) : options.kind !== 'correction')
          return say('Give --cut-over with its offset, such as 2027-03-31T22:00+09:00.');
        const texts = options.texts ? await textsIn(options.texts) : {};
        if (!texts)
          return say(
            `${options.texts ?? ''} is not JSON with texts by language, such as {"ja":{"subject":"…"}}.`,
          );
        const draft = { consoleId, kind: options.kind, cutOverAt, texts };
        if (options.sendTo !== undefined) return sendTest(draft, options.sendTo);
        const result = await previewDraft(db, await deps.house(), draft, options.locale ?? 'ja');
        if (result.ok) return result.mail;
        return say(noticeTextSentence(result.problem, 'en'));
      }
      async function sendTest(draft: NoticeDraft, emailAddress: string): Promise<undefined> {
        const to = { emailAddress, locales: options.locale ? [options.locale] : LOCALES };
        const by = { actor: 'operator:cli', now: deps.clock() };
        const sent = await sendTestDraft(db, await deps.openJobs(), draft, to, by);
        if (!sent.ok)
          return sent.reason === 'text-unfit'
            ? say(noticeTextSentence(sent.problem, 'en'))
            : fail(sent.reason);
        print(options.json ? JSON.stringify(sent) : `Queued for ${sent.recipient}.`);
        return undefined;
      }
    });
}

/** Texts by language in a JSON file; undefined when it holds something else. */
export async function textsIn(file: string): Promise<NoticeTexts | undefined> {
  try {
    const given: unknown = JSON.parse(await readFile(file, 'utf8'));
    return isTexts(given) ? given : undefined;
  } catch {
    return undefined;
  }
}

function isTexts(given: unknown): given is NoticeTexts {
  const isObject = (value: unknown): value is Record<string, unknown> =>
    typeof value === 'object' && value !== null && !Array.isArray(value);
  return (
    isObject(given) &&
    Object.entries(given).every(
      ([locale, words]) =>
        (locale === 'ja' || locale === 'en') &&
        isObject(words) &&
        Object.entries(words).every(
          ([part, text]) => (part === 'subject' || part === 'body') && typeof text === 'string',
        ),
    )
  );
}
