import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DAY, MINUTE, SECOND } from '#support/primitives/durations.ts';
import type { Jobs } from '#support/jobs/jobs.ts';
import { Browser } from '#test/browser.ts';
import { openSmtp, type SmtpBehaviour } from '#test/smtp.ts';
import { openPlainSmtp } from '../../../../../test-support/plain-smtp.ts';
import { codeIn } from '#test/steps.ts';
import { openWorld, type World } from '#test/world.ts';
import { renderLetter } from './letter.tsx';
import { queueMail, type MailEndListener, type MailTemplate } from './mail.ts';
import { createMailer, type Mailer } from './mailer.ts';

let world: World;
let smtp: Awaited<ReturnType<typeof openSmtp>>;
beforeAll(async () => {
  smtp = await openSmtp();
  world = await openWorld();
});
afterAll(async () => {
  await world.close();
  await smtp.close();
});
beforeEach(() => Object.assign(smtp, { behaviour: 'accept', arrived: [] }));

const letter: MailTemplate = async (message) =>
  renderLetter({
    locale: message.locale,
    subject:
      '検証コードのお知らせ（とても長い件名でも折り返されて正しく読めることを確かめる）｜絶対リーチ! 統合認証 😀',
    parts: [
      { kind: 'text', text: `<b>${String(message.params.name)}</b>` },
      { kind: 'code', code: '1234 5678' },
      { kind: 'list', items: ['一つ', '二つ'] },
    ],
    footer: ['署名'],
    brandName: '絶対リーチ! 統合認証',
    keyColour: '#0b3d91',
  });

const enqueued: { data: object; delay: number }[] = [];
const jobs: Jobs = {
  enqueue: async (_trx, _name, data, options) => void enqueued.push({ data, delay: options?.delay ?? 0 }),
  enqueueAll: async () => undefined,
  pending: async () => [],
  work: async () => undefined,
  stop: async () => undefined,
};
const ended: string[] = [];
const ends: Record<string, MailEndListener> = {
  letter: async (_trx, message, end) => void ended.push(`${message.id} ${end.state}`),
};

function mailerTo(smtpUrl: string, timeLimit = 60 * SECOND): Mailer {
  const settings = {
    smtpUrl,
    sender: {
      senderName: '絶対リーチ! 統合認証',
      senderAddress: 'no-reply@login.example.co.jp',
      replyTo: 'help@example.co.jp',
    },
    issuerHost: 'login.example.co.jp',
    bulkPerSecond: 1_000,
    timeLimit,
  };
  const deps = { db: world.database.db, jobs, clock: () => world.now };
  return createMailer(deps, settings, { letter, nothing: async () => 'drop' }, ends);
}

async function queued(recipient = 'taro@example.co.jp', template = 'letter'): Promise<string> {
  return queueMail(
    world.database.db,
    jobs,
    { template, recipient, locale: 'ja', params: { name: '見本 太郎' } },
    world.now,
  );
}

const rowOf = (id: string) =>
  world.database.db.selectFrom('message').selectAll().where('id', '=', id).executeTakeFirstOrThrow();

async function withMailer<T>(
  url: string,
  work: (mailer: Mailer) => Promise<T>,
  timeLimit?: number,
): Promise<T> {
  const mailer = mailerTo(url, timeLimit);
  try {
    return await work(mailer);
  } finally {
    mailer.close();
  }
}
const here = (): string => `smtp://127.0.0.1:${smtp.port}`;

describe('a mail', () => {
  it('is right for Japanese readers and for mail programs', async () => {
    const id = await queued();
    await withMailer(here(), (mailer) => mailer.send(id));
    const [mail] = smtp.arrived;
    if (!mail) throw new Error('No mail smtp.arrived.');
    const { parsed, source } = mail;
    expect(parsed.subject).toBe(
      '検証コードのお知らせ（とても長い件名でも折り返されて正しく読めることを確かめる）｜絶対リーチ! 統合認証 😀',
    );
    expect(parsed.from?.value).toEqual([
      { name: '絶対リーチ! 統合認証', address: 'no-reply@login.example.co.jp' },
    ]);
    expect(parsed.messageId).toBe(`<${id}@login.example.co.jp>`);
    expect(parsed.date).toEqual(world.now);
    expect(
      Object.fromEntries(
        ['auto-submitted', 'x-auto-response-suppress', 'content-language'].map((name) => [
          name,
          parsed.headers.get(name),
        ]),
      ),
    ).toEqual({
      'auto-submitted': 'auto-generated',
      'x-auto-response-suppress': 'All',
      'content-language': 'ja',
    });
    expect(parsed.text).toContain('・一つ\n・二つ');
    expect(parsed.text).toContain('<b>見本 太郎</b>');
    expect(parsed.html).toContain('&lt;b>見本 太郎&lt;/b>');
    expect(parsed.html).toContain('<html lang="ja">');
    for (const part of [parsed.text ?? '', parsed.html || ''])
      expect(part.match(/1234 5678/g)).toHaveLength(1);
    const head = source.slice(0, source.indexOf('\r\n\r\n'));
    expect(head).toMatch(/^[\x20-\x7e\r\n\t]+$/);
    expect(source.split('\r\n').every((line) => line.length <= 998)).toBe(true);
    expect(head).not.toContain('1234 5678');
    expect(head).toMatch(/Content-Type: multipart\/alternative/);
  });

  it('fetches nothing and leads nowhere: no image, no link, no script', async () => {
    const id = await queued();
    await withMailer(here(), (mailer) => mailer.send(id));
    expect(String(smtp.arrived[0]?.parsed.html)).not.toMatch(/<img|<a |<script|https?:|url\(/i);
  });

  it('V3: reaches addresses with dots in odd places, written as RFC 5321 §4.1.2 wants them', async () => {
    const plain = await openPlainSmtp();
    const id = await queued('foo..bar.@docomo.ne.jp');
    await withMailer(`smtp://127.0.0.1:${plain.port}`, (mailer) => mailer.send(id));
    expect(plain.commands.filter((line) => line.startsWith('RCPT'))).toEqual([
      'RCPT TO:<"foo..bar."@docomo.ne.jp>',
    ]);
    expect(await rowOf(id)).toMatchObject({ state: 'accepted' });
    plain.close();
  });
});

describe('J1: what the mail server says is kept with the mail', () => {
  it('accepted: once, however often the queue asks', async () => {
    const id = await queued();
    await withMailer(here(), async (mailer) => {
      for (let i = 0; i < 3; i++) await mailer.send(id);
    });
    expect(smtp.arrived).toHaveLength(1);
    expect(await rowOf(id)).toMatchObject({ state: 'accepted', tries: 1, ended_at: world.now });
    expect((await rowOf(id)).smtp_response).toMatch(/^250/);
  });

  it.each<[SmtpBehaviour, string]>([
    ['refuse-recipient', '550 no such mailbox'],
    ['refuse-message', '554 looks like spam'],
  ])('%s: refused for good, with the answer', async (how, answer) => {
    smtp.behaviour = how;
    const id = await queued();
    await withMailer(here(), (mailer) => mailer.send(id));
    const row = await rowOf(id);
    expect(row).toMatchObject({ state: 'refused', tries: 1, ended_at: world.now });
    expect(row.smtp_response).toContain(answer);
    smtp.behaviour = 'accept';
    smtp.arrived.length = 0;
    await withMailer(here(), (mailer) => mailer.send(id));
    expect(smtp.arrived).toEqual([]);
  });

  it.each<[SmtpBehaviour]>([['defer-recipient'], ['defer-message'], ['cut-after-message']])(
    '%s: stays in the queue and goes out later, under the same Message-ID',
    async (how) => {
      smtp.behaviour = how;
      const id = await queued();
      await withMailer(here(), async (mailer) => {
        await expect(mailer.send(id)).rejects.toThrow();
        expect(await rowOf(id)).toMatchObject({
          state: 'queued',
          tries: 1,
          ended_at: null,
          smtp_response: expect.any(String) as string,
        });
        smtp.behaviour = 'accept';
        world.pass(1 * MINUTE);
        await mailer.send(id);
      });
      expect(await rowOf(id)).toMatchObject({ state: 'accepted', tries: 2, ended_at: world.now });
      expect(new Set(smtp.arrived.map((mail) => mail.parsed.messageId))).toEqual(
        new Set([`<${id}@login.example.co.jp>`]),
      );
    },
  );

  it('R14: who asked hears of the end, once, in the transaction that ends it', async () => {
    ended.length = 0;
    const [accepted, refused] = [await queued(), await queued()];
    await withMailer(here(), async (mailer) => {
      await mailer.send(accepted);
      await mailer.send(accepted);
      smtp.behaviour = 'refuse-message';
      await mailer.send(refused);
    });
    expect(ended).toEqual([`${accepted} accepted`, `${refused} refused`]);
  });

  it.each<[SmtpBehaviour, number]>([
    ['cut-before-message', 0],
    ['hang-at-recipient', 0],
    ['cut-after-message', 1],
    ['hang-after-message', 1],
  ])(
    '%s: is known for what it is, an answer that did not come or a mail that was not taken',
    async (how, unconfirmed) => {
      smtp.behaviour = how;
      const id = await queued();
      await withMailer(here(), (mailer) => expect(mailer.send(id)).rejects.toThrow(), 1 * SECOND);
      expect(await rowOf(id)).toMatchObject({ state: 'queued', tries: 1, unconfirmed, handed_over_at: null });
      expect(smtp.arrived).toHaveLength(unconfirmed);
    },
  );

  it('a mail whose fate nobody knows goes out once more and no more, and then says so', async () => {
    ended.length = 0;
    smtp.behaviour = 'cut-after-message';
    const id = await queued();
    await withMailer(here(), async (mailer) => {
      await expect(mailer.send(id)).rejects.toThrow();
      await mailer.send(id);
      for (let i = 0; i < 3; i++) await mailer.send(id);
    });
    expect(smtp.arrived).toHaveLength(2);
    const row = await rowOf(id);
    expect(row).toMatchObject({ state: 'refused', tries: 2, ended_at: world.now, handed_over_at: null });
    expect(row.smtp_response).toContain('Nobody knows');
    expect(ended).toEqual([`${id} refused`]);
  });

  it('certain failures before DATA never use up the second copy', async () => {
    const id = await queued();
    await withMailer(here(), async (mailer) => {
      for (const how of ['cut-before-message', 'defer-recipient', 'cut-after-message'] as const) {
        smtp.behaviour = how;
        await expect(mailer.send(id)).rejects.toThrow();
      }
      smtp.behaviour = 'cut-before-message';
      for (let i = 0; i < 5; i++) await expect(mailer.send(id)).rejects.toThrow();
      smtp.behaviour = 'accept';
      await mailer.send(id);
    });
    expect(smtp.arrived).toHaveLength(2);
    expect(await rowOf(id)).toMatchObject({ state: 'accepted', unconfirmed: 1 });
  });

  it('the mark of a process that may still live is waited for; that of a dead one counts as a copy that may have arrived', async () => {
    const id = await queued();
    const mark = (unconfirmed: number) =>
      world.database.db
        .updateTable('message')
        .set({ handed_over_at: world.now, unconfirmed })
        .where('id', '=', id)
        .execute();
    await mark(0);
    await withMailer(here(), async (mailer) => {
      enqueued.length = 0;
      await mailer.send(id);
      expect(enqueued).toEqual([{ data: { messageId: id }, delay: 65 * SECOND }]);
      expect(await rowOf(id)).toMatchObject({ state: 'queued', unconfirmed: 0 });
      world.pass(66 * SECOND);
      await mailer.send(id);
    });
    expect(smtp.arrived).toHaveLength(1);
    expect(await rowOf(id)).toMatchObject({ state: 'accepted', unconfirmed: 1, handed_over_at: null });

    await world.database.db
      .updateTable('message')
      .set({ state: 'queued', ended_at: null })
      .where('id', '=', id)
      .execute();
    await mark(1);
    world.pass(66 * SECOND);
    await withMailer(here(), (mailer) => mailer.send(id));
    expect(smtp.arrived).toHaveLength(1);
    expect(await rowOf(id)).toMatchObject({ state: 'refused', unconfirmed: 1 });
  });

  it('one mail, asked for twenty times at once by two nodes: handed over once', async () => {
    const id = await queued();
    await withMailer(here(), (one) =>
      withMailer(here(), async (other) => {
        const tries = await Promise.allSettled(
          Array.from({ length: 20 }, (_, i) => (i % 2 ? one : other).send(id)),
        );
        expect(tries.filter((result) => result.status === 'rejected')).toEqual([]);
      }),
    );
    expect(smtp.arrived).toHaveLength(1);
    expect(await rowOf(id)).toMatchObject({ state: 'accepted', unconfirmed: 0 });
  });

  it('two days of trying are enough: refused, with the last answer', async () => {
    smtp.behaviour = 'defer-recipient';
    const id = await queued();
    await withMailer(here(), async (mailer) => {
      await expect(mailer.send(id)).rejects.toThrow();
      world.pass(2 * DAY + 1 * MINUTE);
      await mailer.send(id);
    });
    expect(await rowOf(id)).toMatchObject({ state: 'refused', tries: 2 });
    expect((await rowOf(id)).smtp_response).toContain('450 mailbox busy');
  });

  it('our own login or sender refused is our fault and not the reader’s: the mail stays in the queue', async () => {
    for (const [how, url] of [
      ['refuse-login', `smtp://user:wrong@127.0.0.1:${smtp.port}`],
      ['refuse-sender', here()],
    ] as const) {
      smtp.behaviour = how;
      const id = await queued();
      await withMailer(url, async (mailer) => {
        await expect(mailer.send(id)).rejects.toThrow();
      });
      expect(await rowOf(id), how).toMatchObject({ state: 'queued', tries: 1 });
      expect((await rowOf(id)).smtp_response).not.toContain('wrong');
    }
  });

  it('no mail server at all: stays in the queue', async () => {
    const id = await queued();
    await withMailer('smtp://127.0.0.1:1', async (mailer) => {
      await expect(mailer.send(id)).rejects.toThrow();
    });
    expect(await rowOf(id)).toMatchObject({ state: 'queued', tries: 1 });
  });

  it('a mail that is not to be sent is dropped and looks like one that was', async () => {
    const id = await queued('nobody@example.co.jp', 'nothing');
    await withMailer(here(), (mailer) => mailer.send(id));
    expect(smtp.arrived).toEqual([]);
    expect(await rowOf(id)).toMatchObject({ state: 'dropped', tries: 1 });
  });

  it('a template that this release does not know is an error, not a lost mail; a message that is gone is nothing to do', async () => {
    const id = await queued('taro@example.co.jp', 'of-tomorrow');
    await withMailer(here(), async (mailer) => {
      await expect(mailer.send(id)).rejects.toThrow('No mail template of-tomorrow.');
      await mailer.send('msg_never');
    });
    expect(await rowOf(id)).toMatchObject({ state: 'queued' });
  });
});

describe('V4: the mail with a code', () => {
  it('carries it once in the text and once in the HTML, never in the subject, and the database has it nowhere', async () => {
    await world.addPerson('code@example.co.jp');
    for (const [locale, subject] of [
      ['ja', '検証コードのお知らせ（パスワードの設定）｜絶対リーチ! 統合認証'],
      ['en', 'Your verification code (set a password) | Zettai Reach! Unified Login'],
    ] as const) {
      world.pass(20 * MINUTE);
      const browser = new Browser(world);
      await browser.submit(await browser.open(`/reset?ui_locales=${locale}`), '/reset', {
        email_address: 'code@example.co.jp',
      });
      const mail = await world.nextMail('code@example.co.jp');
      const code = codeIn(mail.text);
      const shown = `${code.slice(0, 4)} ${code.slice(4)}`;
      expect(mail.subject).toBe(subject);
      expect([mail.text.split(shown).length, mail.html.split(shown).length]).toEqual([2, 2]);
      expect(mail.html).not.toMatch(/https?:|<img|<a /);
      expect(mail.text).toContain(locale === 'ja' ? '10分間' : '10 minutes');
      for (const spelling of [code, shown]) expect(await foundIn(spelling)).toEqual([]);
      // The search finds what is there: the address is.
      expect(await foundIn('code@example.co.jp')).toContain('public.message');
    }
  });
});

/** The tables (of ours and of the queue) in which a text stands. */
async function foundIn(text: string): Promise<string[]> {
  const tables = await sql<{
    schema: string;
    name: string;
  }>`select table_schema as schema, table_name as name from information_schema.tables where table_schema in ('public', 'jobs') and table_type = 'BASE TABLE'`.execute(
    world.database.db,
  );
  const found: string[] = [];
  for (const { schema, name } of tables.rows) {
    const { rows } =
      await sql`select 1 from ${sql.id(schema, name)} t where t::text like ${`%${text}%`} limit 1`.execute(
        world.database.db,
      );
    if (rows.length > 0) found.push(`${schema}.${name}`);
  }
  return found;
}
