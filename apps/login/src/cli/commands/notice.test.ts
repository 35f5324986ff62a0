import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { postfix } from '#domain/notices/bounces/test-notifications.ts';
import { addPeople, announce } from '#domain/notices/test-world.ts';
import { MASTER_SECRET, openWorld, type World } from '#test/world.ts';

let world: World;
let folder: string;
let notice: string;
let people: string[];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hitokagi-cli-'));
  world = await openWorld({ work: false });
  const sms = await world.addConsole('sms');
  people = await addPeople(world.database.db, sms, 3, world.now, 'p');
  notice = await announce(world.database.db, sms, world.now);
  for (const [i, state] of (['accepted', 'refused', 'accepted'] as const).entries())
    await world.database.db
      .updateTable('notice_recipient')
      .set({
        state,
        message_id: `msg_n${i}`,
        recipient: `p${i}@example.co.jp`,
        smtp_response: state === 'refused' ? '550 no such mailbox' : '250 ok',
        verdict_at: world.now,
      })
      .where('account_id', '=', people[i] ?? '')
      .execute();
});
afterAll(async () => {
  await world.close();
  await rm(folder, { recursive: true });
});

/** Runs `hitokagi notice …` as a process of its own. */
function run(...words: string[]): Promise<{ code: number; out: string; err: string }> {
  const environment = {
    PATH: process.env.PATH,
    DATABASE_URL: world.databaseUrl,
    HITOKAGI_SECRET: MASTER_SECRET,
    HITOKAGI_ISSUER: 'http://login.example.co.jp',
  };
  return new Promise((done) =>
    execFile(
      process.execPath,
      ['--import', 'tsx', 'apps/login/src/cli/main.ts', 'notice', ...words],
      { env: environment },
      (error, out, err) => done({ code: typeof error?.code === 'number' ? error.code : 0, out, err }),
    ),
  );
}

describe('R26: hitokagi notice', () => {
  it('lists, shows and says whom a notice did not reach, for people and for programs', async () => {
    const list = await run('list', '--console', 'sms');
    expect(list).toMatchObject({ code: 0, err: '' });
    expect(list.out).toContain(notice);
    expect(list.out).toContain('2 of 3 accepted');
    expect(JSON.parse((await run('show', notice, '--state', 'accepted', '--json')).out)).toMatchObject({
      id: notice,
      console: 'sms',
      accepted: 2,
      refused: 1,
      recipients: [{ state: 'accepted' }, { state: 'accepted' }],
      next: null,
    });
    const unreached = await run('unreached', notice);
    expect(unreached.out).toContain('550 no such mailbox');
    expect(unreached.out).toContain('1 not reached and not settled.');
    expect(await run('show', 'ntc_none')).toEqual({
      code: 1,
      out: '',
      err: 'There is no such notice. "hitokagi notice list" shows all.\n',
    });
    expect((await run('list', '--console', 'none')).err).toContain('hitokagi console list');
  });

  it('previews a notice and a draft with words from a file', async () => {
    expect((await run('preview', notice, '--locale', 'en')).out).toContain(
      'the way to sign in to Console sms changes to “Zettai Reach! Unified Login”',
    );
    const texts = join(folder, 'texts.json');
    await writeFile(texts, JSON.stringify({ ja: { body: '{name} 様 {cutOverDate}' } }));
    const draft = ['preview', '--console', 'sms', '--kind', 'announcement', '--texts', texts];
    expect((await run(...draft, '--cut-over', '2027-03-31T22:00+09:00', '--json')).out).toContain(
      '見本 太郎 様 2027年3月31日(水)',
    );
    const sent = await run(
      ...draft,
      '--cut-over',
      '2027-03-31T22:00+09:00',
      '--send-to',
      'draft@example.co.jp',
    );
    expect(sent.out).toContain('Queued for draft@example.co.jp.');
    expect(await run(...draft)).toMatchObject({
      code: 1,
      err: expect.stringContaining('--cut-over') as string,
    });
    await writeFile(texts, JSON.stringify({ ja: { body: '{nmae}' } }));
    expect((await run(...draft, '--cut-over', '2027-03-31T22:00+09:00')).err).toContain(
      '{nmae}, which stands in the Japanese body.',
    );
  });

  it('shows and sets the words of a console, and overwrites nobody’s', async () => {
    const file = join(folder, 'words.json');
    await writeFile(file, JSON.stringify({ en: { subject: 'Soon: {cutOverDate}' } }));
    const set = (revision: string) =>
      run('words', 'set', '--console', 'sms', '--kind', 'reminder', '--texts', file, '--revision', revision);
    expect(await set('0')).toEqual({
      code: 0,
      out: 'Set (revision 1). Notices that are made from now on say it.\n',
      err: '',
    });
    expect(await set('0')).toMatchObject({ code: 1, err: expect.stringContaining('revision 1') as string });
    const shown = await run('words', 'show', '--console', 'sms', '--kind', 'reminder');
    expect(shown.out).toContain('[en] Soon: {cutOverDate}');
    expect(shown.out).toContain('【あと{daysBefore}日】');
  });

  it('settles one of the unreached, with exactly one way', async () => {
    const person = people[1] ?? '';
    expect((await run('settle', notice, person)).err).toContain('exactly one');
    expect((await run('settle', notice, person, '--new-address', 'other@example.co.jp')).err).toContain(
      'Correct the address in the console first',
    );
    expect(await run('settle', notice, person, '--told-otherwise', 'by letter')).toEqual({
      code: 0,
      out: `Settled ${person} (told-otherwise).\n`,
      err: '',
    });
    expect((await run('settle', notice, person, '--api-only')).code).toBe(1);
  });

  it('queues a test for the servers to send', async () => {
    const sent = await run('test', notice, 'operator@example.co.jp', '--json');
    expect(sent).toMatchObject({ code: 0, err: '' });
    const { messageId } = JSON.parse(sent.out) as { messageId: string };
    expect(
      await world.database.db
        .selectFrom('message')
        .select(['template', 'state', 'recipient'])
        .where('id', '=', messageId)
        .execute(),
    ).toEqual([{ template: 'notice-test', state: 'queued', recipient: 'operator@example.co.jp' }]);
  });

  it('reads bounces from a folder, each once', async () => {
    await writeFile(
      join(folder, 'one.eml'),
      postfix({ messageId: '<msg_n2@login.example.co.jp>', address: 'p2@example.co.jp' }),
    );
    await writeFile(join(folder, 'two.eml'), 'Subject: hello\r\n\r\nhello');
    const first = await run('bounces', folder);
    expect(first.out).toContain(`bounced\t${people[2] ?? ''}\t5.1.1\t${notice}`);
    expect(first.out).toContain('2 read: 1 bounced, 1 not-a-notification.');
    expect((await run('bounces', folder)).out).toContain('1 known');
    expect((await run('bounces', join(folder, 'none'))).code).toBe(1);
  });

  it('cancels what has not ended, and says what to do about those who have got it', async () => {
    const cancelled = await run('cancel', notice);
    expect(cancelled.out).toMatch(
      /^Cancelled\. 0 people will not get it; 1 have got it: tell them by a correction/,
    );
    expect((await run('cancel', notice)).err).toBe('This notice was cancelled.\n');
  });
}, 120_000);
