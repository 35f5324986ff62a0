import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openWorld, type World } from '#test/world.ts';
import { settleRecipient } from '../settle.ts';
import { announcementStanding } from '../standing.ts';
import { addPeople, announce } from '../test-world.ts';
import { takeBounceFiles } from './folder.ts';
import { MAX_NOTIFICATION, parseNotification } from './parse.ts';
import { takeBounce } from './take.ts';
import { exchange, headersOnly, postfix } from './test-notifications.ts';

let world: World;
let folder: string;
let notice: string;
let person: { accountId: string; address: string; messageId: string };
const from = () => ({ issuerHost: 'login.example.co.jp', actor: 'operator:cli', now: world.now });

beforeAll(async () => {
  world = await openWorld({ work: false });
  folder = await mkdtemp(join(tmpdir(), 'hitokagi-bounces-'));
});
afterAll(async () => {
  await world.close();
  await rm(folder, { recursive: true });
});

let round = 0;
/** A notice that has reached two people; the first one is `person`. */
beforeEach(async () => {
  const { db } = world.database;
  const console = await world.addConsole(`console${round}`);
  const people = await addPeople(db, console, 2, world.now, `round${round}n`);
  notice = await announce(db, console, world.now);
  for (const [i, accountId] of people.entries())
    await db
      .updateTable('notice_recipient')
      .set({
        state: 'accepted',
        message_id: `msg_round${round}n${i}`,
        recipient: `round${round}n${i}@example.co.jp`,
        smtp_response: '250 ok',
        verdict_at: world.now,
      })
      .where('notice_id', '=', notice)
      .where('account_id', '=', accountId)
      .execute();
  person = {
    accountId: people[0] ?? '',
    address: `round${round}n0@example.co.jp`,
    messageId: `<msg_round${round}n0@login.example.co.jp>`,
  };
  round++;
});

const row = () =>
  world.database.db
    .selectFrom('notice_recipient')
    .selectAll()
    .where('notice_id', '=', notice)
    .where('account_id', '=', person.accountId)
    .executeTakeFirstOrThrow();
const bouncedEvents = async () =>
  (
    await world.database.db
      .selectFrom('audit_event')
      .selectAll()
      .where('action', '=', 'notice.bounced')
      .where('account_id', '=', person.accountId)
      .execute()
  ).length;

describe('R14: a notification that a mail came back', () => {
  it.each([
    ['Postfix', postfix, '5.1.1', 'User unknown'],
    ['Exchange', exchange, '5.1.10', 'RecipientNotFound'],
    ['headers only', headersOnly, '5.2.2', 'out of storage space'],
  ])('%s: the person counts as not reached', async (_name, write, status, words) => {
    const result = await takeBounce(world.database.db, write(person), from());
    expect(result).toEqual({
      ok: true,
      outcome: 'bounced',
      people: [{ noticeId: notice, accountId: person.accountId, status }],
    });
    expect(await row()).toMatchObject({ state: 'bounced', verdict_at: world.now });
    expect((await row()).smtp_response).toContain(words);
    expect(await bouncedEvents()).toBe(1);
    const { console_id } = await world.database.db
      .selectFrom('notice')
      .select('console_id')
      .where('id', '=', notice)
      .executeTakeFirstOrThrow();
    expect(await announcementStanding(world.database.db, console_id)).toMatchObject({
      accepted: 1,
      unsettled: 1,
    });
  });

  it('counts once, also when it is fed ten times at once, and again by another mail server', async () => {
    const results = await Promise.all(
      Array.from({ length: 10 }, () => takeBounce(world.database.db, postfix(person), from())),
    );
    expect(results.map((result) => result.ok && result.outcome).sort()).toEqual([
      'bounced',
      ...Array.from({ length: 9 }, () => 'known'),
    ]);
    expect(await takeBounce(world.database.db, exchange(person), from())).toMatchObject({
      outcome: 'nothing-to-do',
    });
    expect(await bouncedEvents()).toBe(1);
  });

  it('delayed is noted and nothing else; delivered is nothing', async () => {
    expect(
      await takeBounce(world.database.db, postfix({ ...person, action: 'delayed', status: '4.4.1' }), from()),
    ).toMatchObject({ outcome: 'delayed' });
    expect(await row()).toMatchObject({ state: 'accepted', delayed_at: world.now });
    expect(
      await takeBounce(
        world.database.db,
        postfix({ ...person, action: 'delivered', status: '2.0.0' }),
        from(),
      ),
    ).toMatchObject({ outcome: 'nothing-to-do' });
    expect(await row()).toMatchObject({ state: 'accepted' });
  });

  it('nobody is bounced away by guess: both our Message-ID and the address must be right', async () => {
    const others: Parameters<typeof postfix>[0][] = [
      { ...person, messageId: '<msg_guess@login.example.co.jp>' },
      { ...person, messageId: person.messageId.replace('login.', 'evil.') },
      { ...person, messageId: 'no id at all' },
      { ...person, address: `round${round - 1}n1@example.co.jp` },
      { ...person, address: 'somebody@example.com' },
    ];
    for (const about of others) {
      const result = await takeBounce(world.database.db, postfix(about), from());
      expect(result.ok ? result.outcome : result.problem).toMatch(/not-ours|no-returned-headers/);
    }
    // The id only in the notification's own headers is not enough: a reply to our mail has it too.
    const reply = Buffer.from(
      headersOnly(person)
        .toString()
        .replace(/(rfc822-headers[\s\S]*?)Message-ID: .*\r\n/, '$1'),
    );
    expect(await takeBounce(world.database.db, reply, from())).toEqual({
      ok: false,
      problem: 'no-returned-headers',
    });
    expect(await row()).toMatchObject({ state: 'accepted' });
  });

  it('an address in another spelling of the same mailbox is the same', async () => {
    expect(
      await takeBounce(
        world.database.db,
        exchange({ ...person, address: person.address.toUpperCase() }),
        from(),
      ),
    ).toMatchObject({ outcome: 'bounced' });
  });

  it('a mail whose verdict is not there yet is left for later', async () => {
    const { db } = world.database;
    await db
      .updateTable('notice_recipient')
      .set({ state: 'queued' })
      .where('account_id', '=', person.accountId)
      .execute();
    expect(await takeBounce(db, postfix(person), from())).toMatchObject({ outcome: 'under-way' });
    await db
      .updateTable('notice_recipient')
      .set({ state: 'accepted' })
      .where('account_id', '=', person.accountId)
      .execute();
    expect(await takeBounce(db, postfix(person), from())).toMatchObject({ outcome: 'bounced' });
  });

  it('whoever was told at a corrected address and bounces there is listed again; a late bounce of the former address is not', async () => {
    const { db } = world.database;
    await takeBounce(db, postfix(person), from());
    await db
      .updateTable('account')
      .set({ email_address: 'right@example.co.jp', email_key: `right${round}@example.co.jp` })
      .where('id', '=', person.accountId)
      .execute();
    const settled = await settleRecipient(
      db,
      { noticeId: notice, accountId: person.accountId },
      { kind: 'new-address', emailAddress: `right${round}@example.co.jp` },
      { actor: 'operator:cli', now: world.now },
    );
    expect(settled).toEqual({ ok: true });
    expect(await takeBounce(db, exchange(person), from())).toMatchObject({ outcome: 'not-ours' });
    const again = {
      messageId: `msg_again${round}`,
      recipient: `right${round}@example.co.jp`,
      state: 'accepted' as const,
    };
    await db
      .updateTable('notice_recipient')
      .set({ state: again.state, message_id: again.messageId, recipient: again.recipient })
      .where('account_id', '=', person.accountId)
      .execute();
    const about = { messageId: `<${again.messageId}@login.example.co.jp>`, address: again.recipient };
    expect(await takeBounce(db, postfix(about), from())).toMatchObject({ outcome: 'bounced' });
    expect(await row()).toMatchObject({ state: 'bounced', settlement: null, settled_at: null });
  });
});

describe('what is no notification', () => {
  const nested = (depth: number): Buffer => {
    let mail = postfix(person).toString();
    for (let i = 0; i < depth; i++)
      mail = `Content-Type: multipart/mixed; boundary="b${i}"\r\n\r\n--b${i}\r\n${mail}\r\n--b${i}--\r\n`;
    return Buffer.from(mail);
  };

  it.each<[string, () => Buffer, string]>([
    ['nothing', () => Buffer.alloc(0), 'not-a-notification'],
    ['not a mail', () => Buffer.from('hello'), 'not-a-notification'],
    [
      'bytes',
      () => Buffer.from(Array.from({ length: 5_000 }, (_, i) => (i * 7) % 256)),
      'not-a-notification',
    ],
    [
      'an absence note that quotes us',
      () =>
        Buffer.from(`Subject: 不在\r\nIn-Reply-To: ${person.messageId}\r\n\r\nI am away. Action: failed\r\n`),
      'not-a-notification',
    ],
    [
      'a report without recipients',
      () =>
        Buffer.from(
          postfix(person)
            .toString()
            .replace(/(Final|Original)-Recipient:.*\r\n/g, ''),
        ),
      'not-a-notification',
    ],
    ['cut in the middle', () => postfix(person).subarray(0, 900), 'not-a-notification'],
    [
      'forwarded by somebody as an attachment',
      () =>
        Buffer.concat([
          Buffer.from(
            'Content-Type: multipart/mixed; boundary="f"\r\n\r\n--f\r\nContent-Type: message/rfc822\r\n\r\n',
          ),
          postfix(person),
          Buffer.from('\r\n--f--\r\n'),
        ]),
      'not-a-notification',
    ],
    [
      'larger than we read',
      () => Buffer.concat([postfix(person), Buffer.alloc(MAX_NOTIFICATION, 'x')]),
      'too-large',
    ],
  ])('%s: reported, never thrown', async (_name, source, problem) => {
    expect(await takeBounce(world.database.db, source(), from())).toEqual({ ok: false, problem });
    expect(await row()).toMatchObject({ state: 'accepted' });
  });

  it('nested a thousand deep, or with a hundred thousand parts: answered soon', async () => {
    const begun = performance.now();
    for (const source of [
      nested(1_000),
      Buffer.from(
        `Content-Type: multipart/report; boundary="b"\r\n\r\n${'--b\r\n\r\n'.repeat(100_000)}--b--\r\n`,
      ),
    ])
      expect((await parseNotification(source)).ok).toBeTypeOf('boolean');
    expect(performance.now() - begun).toBeLessThan(10_000);
  });

  it('any damage to a real one is answered, and never reaches the wrong person', async () => {
    const whole = postfix(person).toString('latin1');
    await fc.assert(
      fc.asyncProperty(
        fc.nat(whole.length),
        fc.nat(200),
        fc.string({ maxLength: 20 }),
        async (at, length, put) => {
          const damaged = whole.slice(0, at) + put + whole.slice(at + length);
          const result = await parseNotification(Buffer.from(damaged, 'latin1'));
          expect(result.ok).toBeTypeOf('boolean');
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('files and folders', () => {
  it('a folder of .eml files and a Maildir: each mail once, the rest reported by name', async () => {
    const { db } = world.database;
    const mails = join(folder, 'mails');
    await mkdir(mails);
    await writeFile(join(mails, '1.eml'), postfix(person));
    await writeFile(join(mails, '2.EML'), Buffer.from('Subject: hello\r\n\r\nhello'));
    await writeFile(join(mails, '3.eml'), Buffer.alloc(MAX_NOTIFICATION + 1, 'x'));
    await writeFile(join(mails, 'notes.txt'), 'not for us');
    await mkdir(join(mails, '4.eml'));
    const outcome = (results: Awaited<ReturnType<typeof takeBounceFiles>>) =>
      results?.map(({ file, result }) => [
        file.split('/').pop(),
        result.ok ? result.outcome : result.problem,
      ]);
    expect(outcome(await takeBounceFiles(db, mails, from()))).toEqual([
      ['1.eml', 'bounced'],
      ['2.EML', 'not-a-notification'],
      ['3.eml', 'too-large'],
    ]);
    const maildir = join(folder, 'Maildir');
    for (const part of ['new', 'cur', 'tmp']) await mkdir(join(maildir, part), { recursive: true });
    await writeFile(join(maildir, 'cur', '1605996003.M1.mx1:2,S'), postfix(person));
    await writeFile(join(maildir, 'new', '1605996004.M1.mx1'), exchange(person));
    await writeFile(join(maildir, 'tmp', 'half'), postfix(person).subarray(0, 100));
    expect(outcome(await takeBounceFiles(db, maildir, from()))).toEqual([
      ['1605996003.M1.mx1:2,S', 'known'],
      ['1605996004.M1.mx1', 'nothing-to-do'],
    ]);
    expect(outcome(await takeBounceFiles(db, join(mails, '1.eml'), from()))).toEqual([['1.eml', 'known']]);
    expect(await takeBounceFiles(db, join(folder, 'nothing'), from())).toBeUndefined();
    expect(await bouncedEvents()).toBe(1);
  });
});
