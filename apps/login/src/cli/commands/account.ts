import { Command } from 'commander';
import { changeAddressCommand, driftCommand } from './account-login-id.ts';
import { accountStateCommands } from './account-state.ts';
import { accountSessionsCommand, type AccountDeps } from './account-sessions.ts';

/** `hitokagi account …`: what operators look at and do with one account. */
export function accountCommand(deps: AccountDeps): Command {
  const command = new Command('account')
    .description('one account')
    .addCommand(accountSessionsCommand(deps))
    .addCommand(changeAddressCommand(deps))
    .addCommand(driftCommand(deps));
  for (const state of accountStateCommands(deps)) command.addCommand(state);
  return command;
}
