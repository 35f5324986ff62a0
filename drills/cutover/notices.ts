import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { takeBounceFiles } from '../../apps/login/src/domain/notices/bounces/folder.ts';
import { settleRecipient, type Settlement } from '../../apps/login/src/domain/notices/settle.ts';
import type { DrillPerson } from '../people.ts';
import { browserOf, changeAddress } from '../walks.ts';
import { by, expectDecision, guarded, type CutoverDrill } from './drill.ts';

const LONGEST_WAIT = 15 * 60_000;

/** Waits until every mail of the notice has its verdict, and says what they are. */
export async function untilSent({ world }: CutoverDrill, noticeId: string): Promise<string> {
  const begun = performance.now();
  for (;;) {
    const { rows } = await world.login.database.pool.query<{ state: string; n: number }>(
      `select state, count(*)::int as n from notice_recipient where notice_id = $1 group by state order by n desc`,
      [noticeId],
    );
    const underWay = rows.some(({ state }) => state === 'waiting' || state === 'queued');
    const seconds = (performance.now() - begun) / 1_000;
    if (!underWay) {
      const verdicts = rows.map(({ state, n }) => `${n} ${state}`).join(', ');
      return `${verdicts === '' ? 'nobody to tell' : verdicts} in ${seconds.toFixed(0)} s`;
    }
    if (seconds * 1_000 > LONGEST_WAIT)
      throw new Error(`The notice ${noticeId} is not sent after 15 minutes.`);
    await pause(500);
  }
}

/** The mail server of these people sends their mails back later (RFC 3464), into a folder that is then read. */
export async function bounce(
  drill: CutoverDrill,
  people: readonly DrillPerson[],
  name: string,
): Promise<string> {
  const { world } = drill;
  const folder = join(world.folder, name);
  await mkdir(folder);
  const issuerHost = new URL(world.login.issuer).hostname;
  for (const { emailAddress } of people) {
    const mail = world.mail.taken.findLast(({ to }) => to === emailAddress);
    await writeFile(
      join(folder, `${emailAddress}.eml`),
      deliveryNotification(emailAddress, `<${mail?.messageId ?? ''}@${issuerHost}>`),
    );
  }
  const results = await takeBounceFiles(world.login.database.db, folder, { issuerHost, ...by(drill) });
  const bounced = (results ?? []).filter(({ result }) => result.ok && result.outcome === 'bounced').length;
  expectDecision(drill, 'mails that came back', String(bounced), String(people.length));
  return `${bounced} mails came back`;
}

/**
 * Settles everybody whom the notice did not reach: every other one gets their address put right in the console, which becomes their login ID (R18), and
 * the mail again; one in ten turns out to use the API only; the others are told by telephone.
 */
export async function settleEverybody(drill: CutoverDrill, noticeId: string): Promise<string> {
  const { world } = drill;
  const { rows } = await world.login.database.pool.query<{ account_id: string }>(
    `select account_id from notice_recipient where notice_id = $1 and state in ('refused', 'bounced') and settled_at is null
     order by account_id`,
    [noticeId],
  );
  const counts: Record<Settlement['kind'], number> = { 'new-address': 0, 'told-otherwise': 0, 'api-only': 0 };
  for (const [index, { account_id: accountId }] of rows.entries()) {
    const person = drill.people.find((one) => drill.accountIds.get(one) === accountId);
    if (!person) throw new Error(`Nobody has the account ${accountId}.`);
    const how = await settlementOf(drill, person, index);
    const settled = await settleRecipient(world.login.database.db, { noticeId, accountId }, how, by(drill));
    expectDecision(
      drill,
      `settling ${person.emailAddress} (${how.kind})`,
      settled.ok ? 'ok' : settled.reason,
      'ok',
    );
    counts[how.kind] += 1;
  }
  return `${rows.length} not reached: ${counts['new-address']} with a new address, ${counts['told-otherwise']} told by telephone, ${counts['api-only']} use the API only`;
}

async function settlementOf(drill: CutoverDrill, person: DrillPerson, index: number): Promise<Settlement> {
  if (index % 10 === 9) {
    drill.apiOnly.add(person);
    return { kind: 'api-only' };
  }
  if (index % 2 === 1) return { kind: 'told-otherwise', note: '電話でご担当者にお伝えした (見本)' };
  const { place } = drill.world;
  const emailAddress = `new-${person.emailAddress}`;
  await guarded(drill, async () => {
    await changeAddress(place, browserOf(place, person), person, emailAddress);
    drill.tally.legacySignIns += 1;
  });
  person.emailAddress = emailAddress;
  drill.unreachable.delete(person);
  return { kind: 'new-address', emailAddress };
}

function deliveryNotification(address: string, messageId: string): string {
  return [
    'From: MAILER-DAEMON@mail.example.co.jp',
    'To: no-reply@login.example.co.jp',
    'Subject: Undelivered Mail Returned to Sender',
    `Message-ID: <bounce-${address}>`,
    'MIME-Version: 1.0',
    'Content-Type: multipart/report; report-type=delivery-status; boundary="part"',
    '',
    '--part',
    'Content-Type: text/plain; charset=us-ascii',
    '',
    'The mail could not be delivered.',
    '--part',
    'Content-Type: message/delivery-status',
    '',
    'Reporting-MTA: dns; mail.example.co.jp',
    '',
    `Final-Recipient: rfc822; ${address}`,
    'Action: failed',
    'Status: 5.1.1',
    'Diagnostic-Code: smtp; 550 5.1.1 no such mailbox (sample)',
    '',
    '--part',
    'Content-Type: text/rfc822-headers',
    '',
    `Message-ID: ${messageId}`,
    `To: ${address}`,
    '',
    '--part--',
    '',
  ].join('\r\n');
}
