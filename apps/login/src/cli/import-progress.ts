import { EXIT } from './exit-codes.ts';
import type { Writable } from 'node:stream';
import { progress as progressBar } from '@clack/prompts';
import type { ImportProgress } from '#domain/consoles/import/import-people.ts';
import type { Locale } from '#support/primitives/locale.ts';
import { IMPORT_TEXTS } from './import-texts.ts';

/** A stream for people; a bar is drawn only where it is a terminal. */
export type Output = Writable & { isTTY?: boolean };

export type Progress = { update(progress: ImportProgress): void; end(ok: boolean): void };

/** Shows how far an import has come: a bar on a terminal, a line for every tenth of the file elsewhere, nothing without an output. */
export function showProgress(of: {
  output: Output | undefined;
  locale: Locale;
  title: string;
  bytes: number;
}): Progress {
  if (!of.output) return { update: () => undefined, end: () => undefined };
  return of.output.isTTY ? bar(of.output, of) : lines(of.output, of);
}

/** What a shell reports for Ctrl-C: 128 and the number of SIGINT. */
const INTERRUPTED = EXIT.interrupted;

function lines(output: Output, of: { locale: Locale; title: string; bytes: number }): Progress {
  output.write(`${of.title}\n`);
  let told = 0;
  return {
    update(progress) {
      const tenth = Math.floor(percentOf(progress, of.bytes) / 10);
      if (tenth === told) return;
      told = tenth;
      output.write(`${String(tenth * 10).padStart(4)} %  ${rowsText(progress, of.locale)}\n`);
    },
    end: () => undefined,
  };
}

function bar(output: Output, of: { locale: Locale; title: string; bytes: number }): Progress {
  const t = IMPORT_TEXTS[of.locale];
  // While the bar is shown it reads the keyboard, ends the process with code 0 on Ctrl-C, and takes SIGINT and SIGTERM for itself. Nobody
  // may take that for a finished import, and a signal must end it.
  const interrupted = () => (process.exitCode = INTERRUPTED);
  process.once('exit', interrupted);
  const shown = progressBar({
    max: 100,
    output,
    cancelMessage: t.interrupted,
    onCancel: () => process.exit(INTERRUPTED),
  });
  shown.start(`${of.title}  ${t.checking}`);
  let percent = 0;
  return {
    update(progress) {
      const now = percentOf(progress, of.bytes);
      if (progress.stage === 'checking') return;
      shown.advance(now - percent, `${of.title}  ${rowsText(progress, of.locale)}`);
      percent = now;
    },
    end(ok) {
      process.removeListener('exit', interrupted);
      if (ok) shown.stop(of.title);
      else shown.error(of.title);
    },
  };
}

function percentOf(progress: ImportProgress, bytes: number): number {
  if (progress.stage === 'checking' || bytes === 0) return 0;
  return Math.min(100, Math.floor((progress.bytes / bytes) * 100));
}

function rowsText(progress: ImportProgress, locale: Locale): string {
  return IMPORT_TEXTS[locale].importing(progress.counts.rowsRead.toLocaleString(locale));
}
