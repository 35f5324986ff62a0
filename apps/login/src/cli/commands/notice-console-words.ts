import { Command, Option } from 'commander';
import { WORDS_KINDS, type WordsKind } from '#domain/notices/kinds.ts';
import { PLACEHOLDERS } from '#domain/notices/placeholders.ts';
import { noticeTextSentence } from '#domain/notices/text-problem.ts';
import { allNoticeWords, noticeWords, setNoticeWords, wholeWords } from '#domain/notices/words.ts';
import type { Database } from '#support/db/database.ts';
import { LOCALES } from '#support/primitives/locale.ts';
import { wordsBody } from '#web/api/operator/notice-words.ts';
import { textsIn } from './notice-preview.ts';
import { consoleIdOf, print, say } from './notice-words.ts';

type Deps = { openDatabase(): Promise<Database>; clock: () => Date };
type Options = { console: string; kind?: WordsKind; json?: boolean };

/** `hitokagi notice words show | set`: what a console's notices say in place of the brand's words. */
export function noticeConsoleWordsCommand(deps: Deps): Command {
  const command = new Command('words').description('what the notices of a console say');
  const kind = () => new Option('--kind <kind>').choices(WORDS_KINDS);

  command
    .command('show')
    .description('the words with their placeholders, and the revision that set needs')
    .requiredOption('--console <client-id>')
    .addOption(kind())
    .option('--json')
    .action(async (options: Options) => {
      const { db } = await deps.openDatabase();
      const consoleId = await consoleIdOf(db, options.console);
      if (!consoleId) return;
      const all = options.kind
        ? [await noticeWords(db, consoleId, options.kind)]
        : await allNoticeWords(db, consoleId);
      if (options.json) return print(JSON.stringify(all.map(wordsBody), null, 2));
      for (const words of all) {
        print(`${words.kind}\trevision ${words.revision}${words.changedBy ? `, by ${words.changedBy}` : ''}`);
        if (!options.kind) continue;
        for (const locale of LOCALES) {
          const { subject, body } = wholeWords(words.kind, words.texts)[locale];
          print(`\n[${locale}] ${subject}\n\n${body}`);
        }
      }
      print(`\nPlaceholders: ${PLACEHOLDERS.map((name) => `{${name}}`).join(' ')}`);
    });

  command
    .command('set')
    .description('set them for notices that are made afterwards; parts that are left out are the brand’s')
    .requiredOption('--console <client-id>')
    .addOption(kind().makeOptionMandatory())
    .requiredOption('--texts <file>', 'JSON {"ja":{"subject":…,"body":…},"en":…}')
    .requiredOption('--revision <number>', 'the revision that "show" gave', Number)
    .option('--json')
    .action(async (options: Options & { kind: WordsKind; texts: string; revision: number }) => {
      const { db } = await deps.openDatabase();
      const consoleId = await consoleIdOf(db, options.console);
      if (!consoleId) return;
      const texts = await textsIn(options.texts);
      if (!texts)
        return say(`${options.texts} is not JSON with texts by language, such as {"ja":{"subject":"…"}}.`);
      if (!Number.isInteger(options.revision) || options.revision < 0)
        return say('--revision is the number that "hitokagi notice words show" gives.');
      const by = { actor: 'operator:cli', now: deps.clock() };
      const wanted = { kind: options.kind, texts, revision: options.revision };
      const result = await setNoticeWords(db, consoleId, wanted, by);
      if (result.ok)
        return print(
          options.json
            ? JSON.stringify(wordsBody(result.words))
            : `Set (revision ${result.words.revision}). Notices that are made from now on say it.`,
        );
      switch (result.reason) {
        case 'text-unfit':
          return say(noticeTextSentence(result.problem, 'en'));
        case 'text-too-long':
          return say(`The ${result.part} (${result.locale}) is too long.`);
        case 'changed-meanwhile':
          return say(
            `Somebody has changed these words since (revision ${result.words.revision}); nothing was overwritten. Look at them with "hitokagi notice words show" and set again.`,
          );
      }
    });
  return command;
}
