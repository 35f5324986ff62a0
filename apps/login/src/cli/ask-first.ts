import { confirm, isCancel } from '@clack/prompts';
import type { Command } from 'commander';
import { EXIT } from './exit-codes.ts';

/**
 * Commands that reach every customer, lock somebody out or cannot be taken back. At a terminal they ask first, unless `--yes` is given; where no person sits at a terminal
 * they do as they are told.
 */
const DANGEROUS: Readonly<Record<string, string>> = {
  'plan announce': 'Everybody of this console is told by mail.',
  'plan cut-over': 'The legacy login of this console ends at this moment.',
  'plan rollback': 'The cut-over is taken back.',
  'plan close': 'The move ends: it can never be rolled back any more, and everybody is told.',
  'domains publish':
    'A published version cannot be changed, and with --tell everybody of this console is told by mail.',
  'after-restore': 'Everybody is signed out of everything, and tokens of programs end.',
  'notice cancel': 'Whoever has not got this notice yet will not get it.',
  'account suspend': 'All sessions of this account end, and nobody gets in.',
  'account close': 'All sessions of this account end, nobody gets in, and consoles are told that it is gone.',
  'account sessions end': 'These browsers are signed out of all consoles.',
  'operator remove': 'This person loses the operator pages and all tokens at once.',
  'directory revoke': 'The directory that uses this token can call no more. This cannot be taken back.',
  'console end-secret': 'Whoever uses this secret is refused from now on. This cannot be taken back.',
  'imports cancel': 'The import ends here; what it took already stays, and its file is deleted.',
  'mail give-up': 'This mail is not sent any more.',
  'keys rotate':
    'All sign-ins are signed with another key; consoles that do not fetch the keys anew refuse them.',
  'keys rewrap':
    'Everything is encrypted with another master key. Servers that were not given it cannot start any more.',
  'operator token revoke': 'Programs that use this token can call no more. This cannot be taken back.',
};

/** Has dangerous commands ask before they act. */
export function askFirst(program: Command): void {
  for (const command of commandsOf(program)) {
    if (!(pathOf(command) in DANGEROUS)) continue;
    if (!command.options.some(({ long }) => long === '--yes')) command.option('--yes', 'do not ask');
  }
  program.hook('preAction', async (_, command) => {
    const warning = DANGEROUS[pathOf(command)];
    const isTold = command.opts<{ yes?: boolean }>().yes === true;
    if (warning === undefined || isTold || !process.stdin.isTTY || !process.stdout.isTTY) return;
    const answer = await confirm({ message: `${warning} Go on?`, initialValue: false });
    if (!isCancel(answer) && answer) return;
    process.stderr.write('Nothing was done.\n');
    process.exit(isCancel(answer) ? EXIT.interrupted : EXIT.refused);
  });
}

/** All commands that do something, at whatever depth. */
export function commandsOf(command: Command): readonly Command[] {
  return command.commands.length === 0 ? [command] : command.commands.flatMap((one) => commandsOf(one));
}

/** The words of a command as they are typed, without the program's name. */
export function pathOf(command: Command): string {
  return command.parent ? `${pathOf(command.parent)} ${command.name()}`.trim() : '';
}

/** The commands that ask, for those who test them. */
export const DANGEROUS_COMMANDS: readonly string[] = Object.keys(DANGEROUS);
