import { Command } from 'commander';
import { changeAddressCommand, driftCommand } from './account-login-id.ts';
import { mergeCommand } from './account-merge.ts';
import { personCommands } from './account-person.ts';
import { accountStateCommands } from './account-state.ts';
import { accountSessionsCommand, type AccountDeps } from './account-sessions.ts';

/** `hitokagi account …`: what operators look at and do with one account. */
export function accountCommand(deps: AccountDeps): Command {
  const command = new Command('account')
    .description('accounts: find one, see where somebody is stuck, help')
    .addCommand(accountSessionsCommand(deps))
    .addCommand(changeAddressCommand(deps))
    .addCommand(driftCommand(deps))
    .addCommand(mergeCommand(deps));
  for (const one of personCommands(deps)) command.addCommand(one);
  for (const state of accountStateCommands(deps)) command.addCommand(state);
  return command;
}
