import { Command } from 'commander';
import { settingAnswers } from '#domain/settings/answer.ts';
import { changeSettings, storedSettings } from '#domain/settings/change.ts';
import { SETTING_NAMES } from '#domain/settings/names.ts';
import { settingProblemSentence } from '#domain/settings/problem-sentence.ts';
import { SETTING_GROUPS, type EnvironmentSettings } from '#domain/settings/table.ts';
import type { Database } from '#support/db/database.ts';
import type { Locale } from '#support/primitives/locale.ts';
import { plainText } from '../plain-text.ts';

type Deps = {
  openDatabase(): Promise<Database>;
  environmentSettings(): EnvironmentSettings;
  clock: () => Date;
  locale: Locale;
};

/** `hitokagi settings show | set`: what a company changes without a deploy. Exit code 1 when nothing was changed because something is wrong. */
export function settingsCommand(deps: Deps): Command {
  const settings = new Command('settings').description('what a company changes without a deploy');
  settings
    .command('show')
    .description('every setting with its value; * marks those that differ from their default')
    .option('--json')
    .action(async (options: { json?: boolean }) => {
      const { db } = await deps.openDatabase();
      const stored = await storedSettings(db, deps.environmentSettings());
      const answers = settingAnswers(stored, deps.locale);
      if (options.json) {
        const { revision, changedAt, changedBy } = stored;
        return print(JSON.stringify({ revision, changedAt, changedBy, settings: answers }, null, 2));
      }
      for (const group of SETTING_GROUPS) {
        print(SETTING_NAMES[deps.locale].groups[group].name);
        for (const one of answers.filter((answer) => answer.group === group))
          print(
            `  ${one.isDefault ? ' ' : '*'} ${one.key.padEnd(26)} ${plainText(String(one.value)).replaceAll('\n', ' / ')}`,
          );
      }
      print(`Revision ${stored.revision}`);
    });
  settings
    .command('set')
    .description('change settings, all of them or none; in force within seconds, without a restart')
    .argument(
      '<key=value...>',
      'such as keyColour=#0b3d91; key= for an empty one, key:default for the default',
    )
    .option('--revision <number>', 'only if the settings are still at this revision', Number)
    .option('--json')
    .action(async (given: string[], options: { revision?: number; json?: boolean }) => {
      const wanted: Record<string, string | null> = {};
      for (const one of given) {
        const [, key, value] = /^([^=:]+)(?:=([\s\S]*)|:default)$/.exec(one) ?? [];
        if (key === undefined) return refuse(`${plainText(one)}: write key=value.`, 'malformed');
        wanted[key] = value ?? null;
      }
      const { db } = await deps.openDatabase();
      const by = { actor: 'operator:cli', now: deps.clock(), revision: options.revision };
      const result = await changeSettings(db, deps.environmentSettings(), wanted, by);
      if (result.ok) {
        if (options.json) return print(JSON.stringify(result));
        for (const { key, from, to } of result.changes)
          print(`${key}: ${plainText(String(from))} → ${plainText(String(to))}`);
        return print(result.changes.length > 0 ? `Revision ${result.revision}` : 'Nothing was changed.');
      }
      if (options.json) print(JSON.stringify(result));
      if (result.reason === 'settings-changed')
        return refuse(
          `The settings were changed: they are at revision ${result.revision} now.`,
          result.reason,
        );
      for (const problem of result.problems)
        refuse(`${plainText(problem.key)}: ${settingProblemSentence(problem, deps.locale)}`, result.reason);

      function refuse(sentence: string, reason: string): void {
        if (!options.json) process.stderr.write(`${sentence}\n`);
        else if (reason === 'malformed') print(JSON.stringify({ ok: false, reason }));
        process.exitCode = 1;
      }
    });
  return settings;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
