import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Command, InvalidArgumentError, Option } from 'commander';
import { confirm } from '@clack/prompts';
import { eraseAuditOfAccount } from '#domain/suspension/erase-audit.ts';
import { accountOf } from '../account-of.ts';
import { findAccount } from '#domain/accounts/find.ts';
import { AUDIT_ACTIONS, AUDIT_EVENTS, type AuditResult } from '#support/audit/events.ts';
import { exportAudit, type AuditFormat } from '#support/audit/export.ts';
import { auditHead, headOf, headText } from '#support/audit/head.ts';
import { searchAudit, type AuditEntry, type AuditFilter } from '#support/audit/search.ts';
import type { ChainEnd } from '#support/audit/seal.ts';
import { verifyAudit, type AuditVerdict } from '#support/audit/verify.ts';
import type { Database, Db } from '#support/db/database.ts';
import { japanTime } from '#support/primitives/japan-time.ts';
import { showCount } from '../count-progress.ts';
import { consoleOf } from '../console-of.ts';
import { writeCsvFile } from '../csv-file.ts';
import { plainText } from '../plain-text.ts';
import { verdictText } from '../audit-verdict.ts';

type Deps = {
  openDatabase(): Promise<Database>;
  /** The key that seals (`audit-seals`). */
  sealKey(): Promise<Buffer>;
  clock: () => Date;
  locale: 'ja' | 'en';
};
type Wanted = {
  actor?: string;
  account?: string;
  console?: string;
  action?: string;
  result?: AuditResult;
  since?: Date;
  until?: Date;
};

/** 0: nothing is wrong. 1: the chain is broken. 2: it could not be looked at as asked. */
type ExitCode = 0 | 1 | 2;

/** `hitokagi audit list | export | verify | head | erase`. */
export function auditCommand(deps: Deps): Command {
  const command = new Command('audit').description('the audit log: who did what to whom, when, from where');
  withFilter(command.command('list').description('the newest events'))
    .option('--limit <n>', 'how many', Number, 50)
    .option('--json')
    .action(async (options: Wanted & { limit: number; json?: boolean }) => {
      const { db } = await deps.openDatabase();
      const filter = await filterOf(db, options);
      if (!filter) return void (process.exitCode = 2);
      const limit = Math.min(Math.max(1, Math.trunc(options.limit) || 50), 10_000);
      const { entries } = await searchAudit(db, filter, { limit });
      if (options.json) return print(JSON.stringify(entries, null, 2));
      if (entries.length === 0) return print('There are none.');
      for (const one of entries) print(line(one, deps.locale));
    });
  withFilter(command.command('export').description('all of them as a file, or to the screen; recorded'))
    .addOption(new Option('--format <format>').choices(['csv', 'jsonl']).default('jsonl'))
    .option('--out <file>', 'readable for you alone')
    .action(async (options: Wanted & { format: AuditFormat; out?: string }) => {
      const { db } = await deps.openDatabase();
      const filter = await filterOf(db, options);
      if (!filter) return void (process.exitCode = 2);
      const file = await exportAudit(
        db,
        filter,
        { format: options.format, locale: deps.locale },
        { actor: 'operator:cli', now: deps.clock() },
      );
      if (options.out === undefined) await toScreen(file);
      else if (!(await writeCsvFile(options.out, file, process.stderr))) process.exitCode = 2;
    });
  command
    .command('head')
    .description('where the chain ends: keep this word elsewhere, and give it to verify')
    .option('--json')
    .action(async ({ json }: { json?: boolean }) => {
      const head = await auditHead((await deps.openDatabase()).db);
      print(json ? JSON.stringify(head) : head.text);
    });
  command
    .command('verify')
    .description('look whether anything that was sealed was altered, removed or put in')
    .option('--head <word>', 'what "audit head" said at some time: also finds an end that was cut off', head)
    .option('--json')
    .action(async (options: { head?: ChainEnd; json?: boolean }) => {
      process.exitCode = await verify(deps, options);
    });
  command
    .command('erase')
    .description('erase what is personal in the events of a closed account; cannot be taken back')
    .argument('<account>', 'login ID or account id')
    .requiredOption('--reason <text>', 'why; it is recorded')
    .option('--yes', 'do not ask')
    .option('--json')
    .action(async (named: string, options: { reason: string; yes?: boolean; json?: boolean }) => {
      process.exitCode = await erase(deps, named, options);
    });
  return command;
}

async function erase(
  deps: Deps,
  named: string,
  { reason, yes, json }: { reason: string; yes?: boolean; json?: boolean },
): Promise<ExitCode> {
  const { db } = await deps.openDatabase();
  const account = await accountOf(db, named, process.stderr);
  if (!account) return 2;
  if (yes !== true) {
    const message = `Erase what is personal in all events of ${account.email_address}? This cannot be taken back.`;
    if (!process.stdin.isTTY || (await confirm({ message, initialValue: false })) !== true) {
      process.stderr.write('Nothing was erased. Say --yes to do it without being asked.\n');
      return 2;
    }
  }
  const result = await eraseAuditOfAccount(
    { db, sealKey: await deps.sealKey(), clock: deps.clock },
    account.id,
    { actor: 'operator:cli', reason },
  );
  if (json) print(JSON.stringify(result));
  else if (result.ok)
    print(`Events whose personal parts were erased: ${result.events.toLocaleString('en')}.`);
  else process.stderr.write('The account is not closed. First: hitokagi account close.\n');
  return result.ok ? 0 : 2;
}

async function verify(deps: Deps, options: { head?: ChainEnd; json?: boolean }): Promise<ExitCode> {
  const { db } = await deps.openDatabase();
  const progress = showCount(options.json ? undefined : process.stderr);
  let verdict: AuditVerdict;
  try {
    const of = { head: options.head, now: deps.clock() };
    verdict = await verifyAudit(db, await deps.sealKey(), of, (done, all) => progress.update(done, all));
  } finally {
    progress.end();
  }
  if (options.json) print(JSON.stringify({ ...verdict, head: headText(verdict.head) }));
  else print(verdictText(verdict));
  if (verdict.ok) return 0;
  return verdict.fault === 'head-too-old' ? 2 : 1;
}

function withFilter(command: Command): Command {
  return command
    .option('--actor <who>', 'who did it: login ID, account id, operator:…, console:…, system, anonymous')
    .option('--account <account>', 'whom it is about: login ID or account id')
    .option('--console <client-id>')
    .addOption(new Option('--action <event>').choices(AUDIT_ACTIONS))
    .addOption(new Option('--result <result>').choices([...new Set(Object.values(AUDIT_EVENTS))]))
    .option('--since <moment>', 'from then on, such as 2026-11-21 or 2026-11-21T22:00:00+09:00', moment)
    .option('--until <moment>', 'before then', moment);
}

async function filterOf(db: Db, wanted: Wanted): Promise<AuditFilter | undefined> {
  const console = wanted.console ? await consoleOf(db, wanted.console, process.stderr) : undefined;
  if (wanted.console && !console) return undefined;
  const account = wanted.account ? await findAccount(db, wanted.account) : undefined;
  if (wanted.account && !account) {
    process.stderr.write(`There is no account ${wanted.account}.\n`);
    return undefined;
  }
  const actor = wanted.actor === undefined ? undefined : await findAccount(db, wanted.actor);
  return {
    ...(wanted.actor ? { actors: actor ? [actor.id, `operator:${actor.id}`] : [wanted.actor] } : {}),
    ...(account ? { accountId: account.id } : {}),
    ...(console ? { consoleId: console.id } : {}),
    ...(wanted.action ? { actions: [wanted.action] } : {}),
    ...(wanted.result ? { result: wanted.result } : {}),
    ...(wanted.since ? { since: wanted.since } : {}),
    ...(wanted.until ? { until: wanted.until } : {}),
  };
}

/** A day without a time begins in Japan. */
function moment(text: string): Date {
  const at = new Date(/^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00+09:00` : text);
  if (Number.isNaN(at.getTime()))
    throw new InvalidArgumentError('Say 2026-11-21 or 2026-11-21T22:00:00+09:00.');
  return at;
}

function head(text: string): ChainEnd {
  const end = headOf(text);
  if (!end) throw new InvalidArgumentError('Say what "hitokagi audit head" said, such as 123:9f86d0….');
  return end;
}

function line(one: AuditEntry, locale: 'ja' | 'en'): string {
  const cells = [
    japanTime(one.at, locale),
    one.action,
    one.result,
    one.actor,
    one.accountId ?? '-',
    one.consoleId ?? '-',
    one.clientIp ?? '-',
    one.reason ?? '-',
    Object.keys(one.detail).length === 0 ? '' : JSON.stringify(one.detail),
  ];
  return cells.map(plainText).join('\t');
}

/** Whoever reads it may have enough, as `head` has. */
async function toScreen(file: Readable): Promise<void> {
  await pipeline(file, process.stdout, { end: false }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE' && error.code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
  });
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
