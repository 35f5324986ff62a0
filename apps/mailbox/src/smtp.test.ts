import { mkdtempSync, rmSync, appendFileSync, readFileSync } from 'node:fs';
import { once } from 'node:events';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTransport } from 'nodemailer';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { noon, started, welcome } from '../test/started.ts';
import { buildMailbox } from './app.ts';

describe('what it keeps of a mail', () => {
  test('a Japanese mail of text and HTML is read as it was written', async () => {
    await using box = await started();
    await box.send(welcome);
    expect(box.mailbox.messages()).toMatchObject([
      {
        to: 'taro@example.co.jp',
        from: 'no-reply@login.example.co.jp',
        toHeader: '"見本 太郎" <taro@example.co.jp>',
        fromHeader: '"絶対リーチ! 統合認証" <no-reply@login.example.co.jp>',
        subject: '【統合認証】検証コードのお知らせ',
        text: '検証コード: 1234 5678\n10分以内に入力してください。',
        html: '<p>検証コード: <b>1234 5678</b></p>',
        receivedAt: noon.toISOString(),
      },
    ]);
  });

  test('ISO-2022-JP, as older mail servers send it, is read too, and the source stays as it came', async () => {
    await using box = await started();
    const raw = Buffer.concat([
      Buffer.from(
        'From: a@example.co.jp\r\nTo: b@example.co.jp\r\nSubject: =?ISO-2022-JP?B?GyRCOCtLXBsoQg==?=\r\n',
      ),
      Buffer.from('Content-Type: text/plain; charset=ISO-2022-JP\r\n\r\n\x1b$B8+K\\\x1b(B\r\n', 'latin1'),
    ]);
    await box.send({ envelope: { from: 'a@example.co.jp', to: ['b@example.co.jp'] }, raw });
    const [message] = box.mailbox.messages();
    expect(message).toMatchObject({ subject: '見本', text: '見本\n' });
    expect(Buffer.from(message!.source, 'latin1').equals(raw)).toBe(true);
    expect(message!.headers.split('\r\n')[0]).toBe('From: a@example.co.jp');
  });

  test('a part that a mail does not have is empty, not made up from the other', async () => {
    await using box = await started();
    await box.send({ ...welcome, text: undefined });
    await box.send({ ...welcome, html: undefined });
    const [textOnly, htmlOnly] = box.mailbox.messages();
    expect(htmlOnly).toMatchObject({ text: '', html: '<p>検証コード: <b>1234 5678</b></p>' });
    expect(textOnly).toMatchObject({ html: '' });
  });

  test('every recipient of the envelope gets a copy, whatever the To header says', async () => {
    await using box = await started();
    await box.send({ ...welcome, cc: 'jiro@example.co.jp', bcc: 'hanako@example.co.jp' });
    const messages = box.mailbox.messages();
    expect(messages.map(({ to }) => to).sort()).toEqual([
      'hanako@example.co.jp',
      'jiro@example.co.jp',
      'taro@example.co.jp',
    ]);
    expect(new Set(messages.map(({ id }) => id)).size).toBe(3);
    expect(new Set(messages.map(({ toHeader }) => toHeader))).toEqual(
      new Set(['"見本 太郎" <taro@example.co.jp>']),
    );
  });

  test('from is what the reader sees, the envelope sender is kept beside it', async () => {
    await using box = await started();
    const envelope = { from: 'bounce+42@login.example.co.jp', to: ['taro@example.co.jp'] };
    await box.send({ ...welcome, envelope });
    await box.send({ ...welcome, envelope: { ...envelope, from: '' } });
    expect(box.mailbox.messages()).toMatchObject([
      { from: 'no-reply@login.example.co.jp', envelopeFrom: '' },
      { from: 'no-reply@login.example.co.jp', envelopeFrom: 'bounce+42@login.example.co.jp' },
    ]);
  });
});

describe('whom it takes mail for', () => {
  test.each([
    'foo..bar.@docomo.example.jp',
    '.dot@ezweb.example.jp',
    'a+tag@example.co.jp',
    "o'neil@example.co.jp",
  ])('%s is an address like any other', async (to) => {
    await using box = await started();
    await box.send({ ...welcome, to });
    expect(box.mailbox.messages()[0]?.to).toBe(to);
    expect(await box.list(`?to=${encodeURIComponent(to)}`)).toHaveLength(1);
  });

  test('an IDN domain is kept in ASCII, as it came over the wire', async () => {
    await using box = await started();
    await box.send({ ...welcome, to: 'taro@日本語.example.jp' });
    expect(box.mailbox.messages()[0]?.to).toBe('taro@xn--wgv71a119e.example.jp');
  });

  test.each([
    ['refuse550', 550],
    ['refuse450', 450],
  ])('a local part that begins with %s is refused with %i and leaves no trace', async (prefix, code) => {
    await using box = await started();
    for (const local of [prefix, `${prefix}-taro`, prefix.toUpperCase()]) {
      await expect(box.send({ ...welcome, to: `${local}@example.co.jp` })).rejects.toMatchObject({
        responseCode: code,
      });
    }
    expect(box.mailbox.messages()).toEqual([]);
  });

  test('one refused recipient does not keep the mail from the others', async () => {
    await using box = await started();
    await box.send({ ...welcome, to: 'refuse550@example.co.jp, taro@example.co.jp' });
    expect(box.mailbox.messages().map(({ to }) => to)).toEqual(['taro@example.co.jp']);
  });

  test('any login is good, and none is too', async () => {
    await using box = await started();
    const auth = { user: 'mihon', pass: 'mihon' };
    const transport = createTransport({ host: '127.0.0.1', port: box.mailbox.smtpPort, auth });
    await transport.sendMail(welcome);
    transport.close();
    expect(box.mailbox.messages()).toHaveLength(1);
  });

  test('a mail beyond 5 MB is refused with 552 and leaves no trace', async () => {
    await using box = await started();
    await expect(box.send({ ...welcome, text: 'x'.repeat(6_000_000) })).rejects.toMatchObject({
      responseCode: 552,
    });
    expect(box.mailbox.messages()).toEqual([]);
  });

  test('a sender that does not announce the size of such a mail is refused after it', async () => {
    await using box = await started();
    const answers = await speak(box.mailbox.smtpPort, [
      'EHLO sample',
      'MAIL FROM:<a@example.co.jp>',
      'RCPT TO:<b@example.co.jp>',
      'DATA',
      `${'x'.repeat(70)}\r\n`.repeat(80_000) + '.',
    ]);
    expect(answers.at(-1)).toMatch(/^552 /);
    expect(box.mailbox.messages()).toEqual([]);
  });
});

describe('what it keeps over a restart', () => {
  let dataFolder: string;
  beforeEach(() => {
    dataFolder = mkdtempSync(join(tmpdir(), 'mailbox-'));
  });
  afterEach(() => rmSync(dataFolder, { recursive: true }));

  test('mails are still there, byte by byte, and in their order', async () => {
    let before;
    {
      await using box = await started({ dataFolder });
      await box.send(welcome);
      await box.send({ ...welcome, subject: '二通目' });
      before = box.mailbox.messages();
    }
    await using box = await started({ dataFolder });
    expect(box.mailbox.messages()).toEqual(before);
    expect(before[0]?.subject).toBe('二通目');
  });

  test('a line cut off by a crash is dropped, the rest stays and grows', async () => {
    {
      await using box = await started({ dataFolder });
      await box.send(welcome);
    }
    appendFileSync(join(dataFolder, 'messages.jsonl'), '{"id":"mail_cut","to":"ta');
    {
      await using box = await started({ dataFolder });
      await box.send({ ...welcome, subject: '二通目' });
    }
    await using box = await started({ dataFolder });
    expect(box.mailbox.messages().map(({ subject }) => subject)).toEqual(['二通目', welcome.subject]);
  });

  test('what was deleted stays deleted', async () => {
    {
      await using box = await started({ dataFolder });
      await box.send(welcome);
      await box.ask('/api/messages', { method: 'DELETE' });
    }
    await using box = await started({ dataFolder });
    expect(box.mailbox.messages()).toEqual([]);
  });

  test('only the newest 1,000 stay, in memory and in the file', async () => {
    await using box = await started({ dataFolder });
    const transport = createTransport({ host: '127.0.0.1', port: box.mailbox.smtpPort, pool: true });
    const everyone = Array.from({ length: 50 }, (_, n) => `person${n}@example.co.jp`);
    for (let round = 0; round < 42; round += 1)
      await transport.sendMail({ ...welcome, to: everyone, subject: `${round}` });
    transport.close();
    const messages = box.mailbox.messages();
    expect(messages).toHaveLength(1_000);
    expect(messages.at(0)?.subject).toBe('41');
    expect(messages.at(-1)?.subject).toBe('22');
    const lines = readFileSync(join(dataFolder, 'messages.jsonl'), 'utf8').trim().split('\n');
    expect(lines.length).toBeLessThanOrEqual(2_000);
  });
});

test('a port that is taken is reported to the caller, and nothing is left listening', async () => {
  await using box = await started();
  const second = buildMailbox({ smtpPort: 0, httpPort: box.mailbox.httpPort, clock: () => noon });
  await expect(second.start()).rejects.toMatchObject({ code: 'EADDRINUSE', port: box.mailbox.httpPort });
  await expect(speak(second.smtpPort, [])).rejects.toMatchObject({ code: 'ECONNREFUSED' });
});

test('stopping waits for nobody who just keeps a connection open', async () => {
  const box = await started();
  const transport = createTransport({ host: '127.0.0.1', port: box.mailbox.smtpPort, pool: true });
  await transport.sendMail(welcome);
  const before = performance.now();
  await box.mailbox.stop();
  expect(performance.now() - before).toBeLessThan(2_000);
  transport.close();
});

/** Speaks SMTP line by line and returns the last line of each answer. */
async function speak(port: number, lines: readonly string[]): Promise<string[]> {
  const socket = connect({ host: '127.0.0.1', port });
  await once(socket, 'connect');
  const answers: string[] = [];
  const answer = async () => {
    let text = '';
    while (!/^\d{3} .*\r\n$/m.test(text)) text += String(((await once(socket, 'data')) as [Buffer])[0]);
    answers.push(text.trim().split('\r\n').at(-1)!);
  };
  await answer();
  for (const line of lines) {
    socket.write(`${line}\r\n`);
    await answer();
  }
  socket.destroy();
  return answers;
}
