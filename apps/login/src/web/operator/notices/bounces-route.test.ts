import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { headersOnly, postfix } from '#domain/notices/bounces/test-notifications.ts';
import { addPeople, announce } from '#domain/notices/test-world.ts';
import { addOperator } from '#domain/operators/operators.ts';
import { Browser, type Answer } from '#test/browser.ts';
import { PASSWORD, signIn, textOf } from '#test/steps.ts';
import { openWorld, type World } from '#test/world.ts';

const PAGE = '/operator/notices/bounces';
const PAYLOAD = '"><script>window.injected=1</script>';
const REPLY = 'Subject: Re\r\n\r\nI am away';

let world: World;
const browsers = {} as Record<'viewer' | 'support', Browser>;
let notice: string;
let people: string[];
let round = 0;
const db = () => world.database.db;

beforeAll(async () => {
  world = await openWorld({ work: false });
  for (const role of ['viewer', 'support'] as const) {
    const emailAddress = `${role}@example.co.jp`;
    await world.addPerson(emailAddress, {}, { password: PASSWORD });
    await addOperator(db(), { emailAddress, role }, { actor: 'operator:cli', now: world.now });
    browsers[role] = new Browser(world);
    await signIn(browsers[role], '/sign-in', emailAddress);
  }
});
afterAll(() => world.close());
beforeEach(async () => {
  round++;
  const consoleId = await world.addConsole(`c${round}`);
  people = await addPeople(db(), consoleId, 4, world.now, `r${round}p`);
  notice = await announce(db(), consoleId, world.now);
  for (const [i, accountId] of people.entries())
    await db()
      .updateTable('notice_recipient')
      .set({
        state: i === 3 ? 'queued' : 'accepted',
        message_id: `msg_r${round}p${i}`,
        recipient: `r${round}p${i}@example.co.jp`,
        smtp_response: '250 ok',
        verdict_at: world.now,
      })
      .where('notice_id', '=', notice)
      .where('account_id', '=', accountId)
      .execute();
});

const about = (i: number) => ({
  messageId: `<msg_r${round}p${i}@login.example.co.jp>`,
  address: `r${round}p${i}@example.co.jp`,
});
const files = (...contents: readonly (string | Buffer)[]) =>
  contents.map((content, i) => ({ name: 'mails', fileName: `${i + 1}.eml`, content }));
const send = (...contents: readonly (string | Buffer)[]): Promise<Answer> =>
  browsers.support.submitFile(PAGE, {}, ...files(...contents));
async function states(): Promise<string[]> {
  const rows = await db()
    .selectFrom('notice_recipient')
    .select('state')
    .where('notice_id', '=', notice)
    .orderBy('recipient')
    .execute();
  return rows.map(({ state }) => state);
}

describe('R14, R25: mails that came back, by page', () => {
  it('several files at once: says of each what became of it, and why; the same again counts nothing', async () => {
    const list = await browsers.support.open('/operator/notices');
    expect(list.body).toContain(`href="${PAGE}"`);
    const sent = [
      postfix(about(0)),
      headersOnly({ ...about(1), action: 'delayed' }),
      postfix({ ...about(2), messageId: '<other@example.com>' }),
      postfix(about(3)),
      REPLY,
      postfix(about(2))
        .toString()
        .replaceAll(`Message-ID: ${about(2).messageId}\r\n`, ''),
      Buffer.alloc(1024 * 1024 + 1, 'x'),
    ];
    const page = await send(...sent);
    expect(page.statusCode).toBe(200);
    const text = textOf(page);
    expect(text).toContain('7通を読みました');
    for (const [i, words] of [
      '戻ってきた',
      '遅れている',
      'お知らせのものではない',
      'まだ送信中',
      '配達の通知ではない',
      '元のメールなし',
      '大きすぎる',
    ].entries())
      expect(text).toMatch(new RegExp(`${i + 1}\\.eml ${words}`));
    expect(text).toContain('数分後に同じファイルをもう一度送ってください');
    expect(page.body).toContain(`href="/operator/notices/${notice}/people/${people[0] ?? ''}/settle"`);
    expect(page.body).toContain(`/people?q=r${round}p0%40example.co.jp"`);
    expect(await states()).toEqual(['bounced', 'accepted', 'accepted', 'queued']);
    const again = textOf(await send(...sent.slice(0, 2)));
    expect(again).toContain('1.eml 読み込み済み');
    const events = await db()
      .selectFrom('audit_event')
      .select(['actor', 'account_id'])
      .where('action', '=', 'notice.bounced')
      .where('account_id', 'in', people)
      .execute();
    expect(events).toEqual([{ actor: expect.stringMatching(/^operator:acc_/), account_id: people[0] }]);
  });

  it('a mailbox of several, in English, with names and answers that would run', async () => {
    const mails = [0, 2].map((i) => postfix(about(i)).toString().replace('550 5.1.1', `550 \0 ${PAYLOAD}`));
    const content = `${mails.map((mail) => `From MAILER-DAEMON Sun Nov 22 10:00:03 2026\r\n${mail}\r\n`).join('')}From - Sun\r\n${REPLY}`;
    await browsers.support.request('POST', '/language', { lang: 'en', return_path: '/' });
    const page = await browsers.support.submitFile(
      PAGE,
      {},
      { name: 'mails', fileName: `${'x'.repeat(40)}<b>`, content },
    );
    await browsers.support.request('POST', '/language', { lang: 'ja', return_path: '/' });
    expect(page.body).not.toMatch(/<script>window|<b>/);
    const text = textOf(page);
    expect(text).toContain('3 mails were read');
    expect(text).toContain('Mail 2 Came back');
    expect(text).toContain('Mail 3 No notification');
    expect(await states()).toEqual(['bounced', 'accepted', 'bounced', 'queued']);
  });

  it('what is too large, too many or no file is refused whole, and says what to do', async () => {
    const none = await browsers.support.submitFile(PAGE, {}, { name: 'mails', fileName: '', content: '' });
    expect([none.statusCode, textOf(none)]).toEqual([422, expect.stringContaining('ファイルを選んで')]);
    const large = await send(postfix(about(0)), Buffer.alloc(10 * 1024 * 1024, 'x'));
    expect([large.statusCode, textOf(large)]).toEqual([413, expect.stringContaining('何回かに分けて')]);
    const many = await send(postfix(about(0)), `From a\r\nA: b\r\n\r\n`.repeat(500));
    expect([many.statusCode, textOf(many)]).toEqual([413, expect.stringContaining('500通を超えています')]);
    expect(await states()).toEqual(['accepted', 'accepted', 'accepted', 'queued']);
  });

  it('is for support: a viewer sees no link to it and may not send', async () => {
    expect((await browsers.viewer.open('/operator/notices')).body).not.toContain(PAGE);
    expect((await browsers.viewer.open(PAGE)).statusCode).toBe(403);
    expect((await browsers.viewer.submitFile(PAGE, {}, ...files(postfix(about(0))))).statusCode).toBe(403);
    expect(await states()).toEqual(['accepted', 'accepted', 'accepted', 'queued']);
  });
});
