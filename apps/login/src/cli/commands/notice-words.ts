import type { CancelResult } from '#domain/notices/cancel.ts';
import type { NoticeProgress } from '#domain/notices/progress.ts';
import type { Recipient } from '#domain/notices/recipients.ts';
import type { SettleRefusal } from '#domain/notices/settle.ts';
import type { Database } from '#support/db/database.ts';
import { japanTime } from '#support/primitives/japan-time.ts';

type Refusal = SettleRefusal | Extract<CancelResult, { ok: false }>['reason'];

const WORDS: { [R in Refusal]: string } = {
  'notice-unknown': 'There is no such notice. "hitokagi notice list" shows all.',
  'notice-ended': 'This notice has ended: everybody has a verdict. Tell people by a correction.',
  'notice-cancelled': 'This notice was cancelled.',
  'recipient-unknown':
    'This account is not among the recipients. "hitokagi notice unreached" shows whom to settle.',
  'recipient-not-unreached':
    'The mail to this person is under way or was accepted; there is nothing to settle.',
  'recipient-settled': 'This person was settled before.',
  'note-missing': 'Say in the note how and by whom the person was told.',
  'address-malformed': 'This is not an e-mail address.',
  'address-not-login-id':
    'This is not the login ID of the person. Correct the address in the console first; the login ID follows.',
  'address-unchanged':
    'The mail went to this very address and did not arrive. Correct the address in the console first; the login ID follows.',
};

/** Says why something was refused and what to do next, and makes the exit code 1. */
export function fail(reason: Refusal): undefined {
  return say(WORDS[reason]);
}

/** Says something on stderr, and makes the exit code 1. */
export function say(text: string): undefined {
  process.stderr.write(`${text}\n`);
  process.exitCode = 1;
  return undefined;
}

/** Answers on stdout. */
export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** The console of a client id; says on stderr when there is none. */
export async function consoleIdOf(db: Database['db'], clientId: string): Promise<string | undefined> {
  const row = await db
    .selectFrom('console')
    .select('id')
    .where('client_id', '=', clientId)
    .executeTakeFirst();
  if (!row) say(`No console is registered as ${clientId}. "hitokagi console list" shows all.`);
  return row?.id;
}

/** One notice in a few lines. */
export function showNotice(notice: NoticeProgress): string {
  const kind = notice.daysBefore === null ? notice.kind : `${notice.kind} ${notice.daysBefore} days before`;
  const names = notice.cutOverAt ? `, names the cut-over ${japanTime(notice.cutOverAt, 'en')}` : '';
  const end = notice.estimatedEndAt ? `, ends about ${japanTime(notice.estimatedEndAt, 'en')}` : '';
  return [
    `${notice.id}\t${notice.clientId}\t${kind}\t${notice.state}${names}`,
    `  ${notice.accepted} of ${notice.total} accepted, ${notice.waiting} waiting, ${notice.queued} under way (${notice.deferred} deferred), ${notice.refused} refused, ${notice.bounced} bounced, ${notice.dropped} dropped`,
    `  ${notice.unreached} not reached and not settled; ${notice.perMinute} a minute${end}`,
  ].join('\n');
}

/** One recipient in a line. */
export function showRecipient(row: Recipient): string {
  return [
    row.accountId,
    row.state,
    row.recipient ?? row.emailAddress,
    row.company,
    row.name,
    row.settlement ?? row.dropReason ?? row.response ?? '',
  ].join('\t');
}
