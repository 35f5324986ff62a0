import { Command } from 'commander';
import { foreseeMerge, type MergePreview, type MergeRefusal } from '#domain/merge/foresee.ts';
import { mergeAccounts } from '#domain/merge/merge.ts';
import { accountOf } from '../account-of.ts';
import type { AccountDeps } from './account-sessions.ts';

type Options = { dryRun?: boolean; yes?: boolean; reason?: string; json?: boolean };

/** `hitokagi account merge <kept> <absorbed>`: two accounts of one person become one. */
export function mergeCommand(deps: AccountDeps): Command {
  return new Command('merge')
    .description('merge a second account of a person into the first; it cannot be undone')
    .argument('<kept>', 'login ID or id of the account that stays')
    .argument('<absorbed>', 'login ID or id of the account that is merged into it, and closed')
    .option('--dry-run', 'only say what would happen')
    .option('--yes', 'do it')
    .option('--reason <text>', 'why, and how you made sure that it is one person; for the audit log')
    .option('--json')
    .action(merge);

  async function merge(keptName: string, absorbedName: string, options: Options): Promise<void> {
    const { db } = await deps.openDatabase();
    const kept = await accountOf(db, keptName, process.stderr);
    const absorbed = kept && (await accountOf(db, absorbedName, process.stderr));
    if (!kept || !absorbed) return void (process.exitCode = 1);
    const isDry = options.dryRun === true || options.yes !== true;
    const reason = options.reason?.trim() ?? '';
    if (!isDry && reason === '') return fail('Say why: --reason "…".');
    const now = deps.clock();
    const result = isDry
      ? await foreseeMerge(db, kept.id, absorbed.id, now)
      : await mergeAccounts(
          { db, jobs: await deps.openJobs() },
          { keptId: kept.id, absorbedId: absorbed.id, reason },
          { actor: 'operator:cli', now },
        );
    if (!result.ok) process.exitCode = 1;
    if (options.json) return print(JSON.stringify(result.ok ? { ...result, done: !isDry } : result, null, 2));
    if (!result.ok) return fail(refusalLine(result));
    for (const line of previewLines(result.preview)) print(line);
    print(isDry ? 'Nothing was done. Add --yes and --reason to do it; it cannot be undone.' : 'Done.');
    if (isDry && options.dryRun !== true) process.exitCode = 1;
  }
}

function previewLines(preview: MergePreview): string[] {
  const { kept, absorbed, links, sessionsEnd, changesEnd, legacyPasswords } = preview;
  const password = kept.hasPassword ? 'its password holds' : 'it has no password yet; the person sets one';
  return [
    `Stays:     ${kept.id}\t${kept.emailAddress}\t${password}`,
    `Is closed: ${absorbed.id}\t${absorbed.emailAddress}\tlogin ID and password let nobody in any more`,
    ...(links.length === 0 ? ['No console links go over.'] : []),
    ...links.map(
      (link) =>
        `Goes over: ${link.clientId}\tuser ${link.consoleUserId}${link.active ? '' : '\tshut out there'}`,
    ),
    `Browsers signed out: ${sessionsEnd}. Changes of a login ID that end: ${changesEnd}.`,
    ...(legacyPasswords.number === 0
      ? []
      : [
          `Passwords of earlier logins ${legacyPasswords.goOver ? 'that go over' : 'that end'}: ${legacyPasswords.number}.`,
        ]),
  ];
}

function refusalLine(
  refusal: MergeRefusal | { ok: false; reason: 'reason-missing' | 'preview-outdated' },
): string {
  switch (refusal.reason) {
    case 'same-account':
      return 'Both names mean one account.';
    case 'account-unknown':
      return 'One of the accounts is gone.';
    case 'account-state-unfit':
      return `${refusal.accountId} is ${refusal.state}. Only active accounts are merged: reinstate it first.`;
    case 'account-is-operators':
      return `${refusal.accountId} is an operator. Take the role first: hitokagi operator remove.`;
    case 'linked-twice':
      return `Both have a user in ${refusal.clientIds.join(', ')}. Remove one of the two there first (the console ends its link by SCIM).`;
    case 'undo-open':
      return `A change of the login ID of ${refusal.accountId} can be undone until ${refusal.until.toISOString()}. Merge them then.`;
    case 'reason-missing':
      return 'Say why: --reason "…".';
    case 'preview-outdated':
      return 'The accounts have changed. Look again.';
  }
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function fail(text: string): void {
  process.stderr.write(`${text}\n`);
  process.exitCode = 1;
}
