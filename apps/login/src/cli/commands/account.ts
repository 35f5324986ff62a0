import { Command } from 'commander';
import { accountSessionsCommand, type AccountDeps } from './account-sessions.ts';

/** `hitokagi account …`: what operators look at and do with one account. */
export function accountCommand(deps: AccountDeps): Command {
  return new Command('account').description('one account').addCommand(accountSessionsCommand(deps));
}
