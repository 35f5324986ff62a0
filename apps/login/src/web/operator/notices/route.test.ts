import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { addPeople, announce } from '#domain/notices/test-world.ts';
import { addOperator } from '#domain/operators/operators.ts';
import { MINUTE } from '#support/primitives/durations.ts';
import { Browser, type Answer } from '#test/browser.ts';
import { PASSWORD, signIn, textOf } from '#test/steps.ts';
import { openWorld, type World } from '#test/world.ts';

const PAYLOAD = '"><script>window.injected=1</script><img src=x onerror=window.injected=1>';

const START = new Date('2027-02-01T03:00:00Z');
let world: World;
const browsers = {} as Record<'viewer' | 'support' | 'administrator', Browser>;
let consoleId: string;
let people: string[];
let notice: string;
let round = 0;
const db = () => world.database.db;

beforeAll(async () => {
  // Not before the machine's own clock, by which the engine judges sessions.
  world = await openWorld({ work: false, now: START });
  for (const role of ['viewer', 'support', 'administrator'] as const) {
    const emailAddress = `${role}@example.co.jp`;
    await world.addPerson(emailAddress, {}, { password: PASSWORD, name: `担当 ${role}` });
    await addOperator(db(), { emailAddress, role }, { actor: 'operator:cli', now: world.now });
    browsers[role] = new Browser(world);
    await signIn(browsers[role], '/sign-in', emailAddress);
    await browsers[role].request('POST', '/language', { lang: 'ja', return_path: '/' });
  }
});
afterAll(() => world.close());
beforeEach(async () => {
  world.now = START;
  round++;
  consoleId = await world.addConsole(`c${round}`);
  people = await addPeople(db(), consoleId, 4, world.now, `r${round}p`);
  notice = await announce(db(), consoleId, world.now);
  await verdict(0, 'accepted', '250 2.1.5 ok');
  await verdict(1, 'refused', '550 5.1.1 no such user');
  await verdict(2, 'bounced', '5.2.2 mailbox full');
});

const path = (rest = '') => `/operator/notices/${notice}${rest}`;
const settlePath = (i: number) => path(`/people/${people[i] ?? ''}/settle`);

async function verdict(i: number, state: string, response: string): Promise<void> {
  await sql`update notice_recipient set state = ${state}, smtp_response = ${response}, verdict_at = ${world.now},
    recipient = ${`r${round}p${i}@example.co.jp`} where notice_id = ${notice} and account_id = ${people[i] ?? ''}`.execute(
    db(),
  );
}

function expectNothingInjected(page: Answer): void {
  expect(page.body).not.toMatch(/<script>window|<img src=x/);
}

describe('R25, R14: the list of notices', () => {
  it('shows each with console, state, progress and whom it did not reach; narrows by the address', async () => {
    const text = textOf(await browsers.viewer.open(`/operator/notices?console=c${round}`));
    expect(text).toContain('切替日のお知らせ');
    expect(text).toContain('送信中');
    expect(text).toContain('3 / 4 (75.0%)');
    expect(text).toContain('2人');
    const none = textOf(await browsers.viewer.open(`/operator/notices?console=c${round}&state=ended`));
    expect(none).toContain('この条件のお知らせはありません');
    expect(textOf(await browsers.viewer.open('/operator/notices?state=nonsense&console=none'))).toContain(
      '送信中',
    );
    await browsers.viewer.request('POST', '/language', { lang: 'en', return_path: '/' });
    expect(textOf(await browsers.viewer.open(`/operator/notices?console=c${round}`))).toContain(
      'Announcement of the cut-over',
    );
    await browsers.viewer.request('POST', '/language', { lang: 'ja', return_path: '/' });
  });

  it('has 50 a page, found by the last one of the page before', async () => {
    const ids: string[] = [notice];
    for (let i = 0; i < 51; i++) ids.push(await announce(db(), consoleId, world.now));
    ids.sort();
    const first = await browsers.viewer.open(`/operator/notices?console=c${round}`);
    const shown = (page: Answer) =>
      [...page.body.matchAll(/href="\/operator\/notices\/(ntc_\w+)"/g)].map(([, id]) => id);
    expect(shown(first)).toEqual(ids.toReversed().slice(0, 50));
    const next = /href="(\/operator\/notices\?[^"]*before=[^"]*)"/.exec(first.body)?.[1] ?? '';
    expect(shown(await browsers.viewer.open(next.replaceAll('&amp;', '&')))).toEqual(
      ids.toReversed().slice(50),
    );
  });
});

describe('R25, R14: one notice', () => {
  it('says what it is for, how far it is and whom it did not reach; renews itself, with script and without, until all have a verdict', async () => {
    const page = await browsers.support.open(path());
    const text = textOf(page);
    for (const words of [
      '2人に届いていません',
      '4人中 3人の結果が出ました',
      '受け付けられた',
      '2027年3月31日(水) 22:00',
      '標準の文面です',
      '【重要】2027年3月31日(水)から',
      'Important: the way to sign in',
    ])
      expect(text).toContain(words);
    expect(page.body).toContain(`data-ui-refresh="${path()}?live=1"`);
    expect(page.body).toMatch(/<noscript><meta http-equiv="refresh" content="15"/);
    await verdict(3, 'accepted', '250 ok');
    await sql`update notice set ended_at = ${world.now} where id = ${notice}`.execute(db());
    const ended = await browsers.support.open(path('?live=1'));
    expect(textOf(ended)).toContain('4人中 4人の結果が出ました');
    expect(ended.body).not.toContain('data-ui-refresh');
    expect(ended.body).not.toContain('http-equiv="refresh"');
  });

  it('that looks again by itself keeps nobody signed in', async () => {
    for (let minutes = 0; minutes < 65; minutes += 5) {
      world.pass(5 * MINUTE);
      await browsers.viewer.open(path('?live=1'));
    }
    expect((await browsers.viewer.request('GET', path())).statusCode).toBe(303);
    world.now = START;
    browsers.viewer = new Browser(world);
    await signIn(browsers.viewer, '/sign-in', 'viewer@example.co.jp');
  });

  it('shows viewers no people, and what is not there as not there', async () => {
    const page = await browsers.viewer.open(path());
    expect(page.body).not.toContain('/people');
    expect(page.body).not.toContain('/cancel');
    expect((await browsers.viewer.open(path('/people'))).statusCode).toBe(403);
    expect((await browsers.viewer.open('/operator/notices/ntc_none')).statusCode).toBe(404);
    // As a given person reads it: for support only.
    const letter = await browsers.viewer.open(path(`/letter?account=${people[0] ?? ''}`));
    expect(textOf(letter)).toContain('見本 太郎');
  });
});

describe('R25, R14: person by person', () => {
  it('says the result, the mail server’s words and what to do for each reason; filter, search and page stand in the address', async () => {
    await sql`update account set name = ${PAYLOAD}, company = ${'長'.repeat(200)} where id = ${people[1] ?? ''}`.execute(
      db(),
    );
    await verdict(1, 'refused', `550 5.1.1 ${PAYLOAD}`);
    const page = await browsers.support.open(path('/people'));
    expectNothingInjected(page);
    for (const words of [
      '受け付けられた',
      '送信待ち',
      'アドレスがないと言われました',
      '受信箱がいっぱいです',
      '5.2.2 mailbox full',
    ])
      expect(textOf(page)).toContain(words);
    const unreached = await browsers.support.open(path('/people?state=unreached'));
    expect(unreached.body.match(/\/settle"/g)).toHaveLength(2);
    const found = textOf(await browsers.support.open(path(`/people?q=r${round}p2`)));
    expect(found).toContain(`r${round}p2@example.co.jp`);
    expect(found).not.toContain(`r${round}p1@example.co.jp`);
    expect(textOf(await browsers.support.open(path(`/people?q=r${round}p2&state=refused`)))).toContain(
      'この条件の人はいません',
    );
    const evil = await browsers.support.open(path(`/people?q=${encodeURIComponent(PAYLOAD)}&after=%22x`));
    expect(evil.statusCode).toBe(200);
    expectNothingInjected(evil);
  });

  it('goes through many that match the search, a page at a time', async () => {
    const many = await addPeople(db(), consoleId, 120, world.now, `many${round}x`);
    await sql`insert into notice_recipient (notice_id, account_id) select ${notice}, unnest(${many}::text[])`.execute(
      db(),
    );
    const seen: string[] = [];
    for (let next: string | undefined = path(`/people?q=many${round}x`); next !== undefined;) {
      const page: Answer = await browsers.support.open(next);
      seen.push(
        ...[...page.body.matchAll(/href="\/operator\/accounts\/(acc_\w+)"/g)].map(([, id]) => id ?? ''),
      );
      next = /href="([^"]*after=[^"]*)"/.exec(page.body)?.[1]?.replaceAll('&amp;', '&');
    }
    expect(seen).toEqual([...many].sort());
  });

  it('is read as a given person by login ID; somebody else’s is refused in words', async () => {
    const letter = await browsers.support.open(path(`/letter?account=r${round}p3@example.co.jp&locale=en`));
    expect(textOf(letter)).toContain('Dear 見本 3');
    const unknown = await browsers.support.open(path('/letter?account=viewer@example.co.jp'));
    expect(unknown.statusCode).toBe(422);
    expect(textOf(unknown)).toContain('この管理画面を使っている人に、このログインIDの人はいません');
  });

  it('sends a test to the operator or another address, and says so', async () => {
    const page = await browsers.support.open(path('/letter?locale=en'));
    expect(page.body).toContain('value="support@example.co.jp"');
    const sent = await browsers.support.submit(page, path('/letter'), {
      locale: 'en',
      address: `you${round}@example.co.jp`,
    });
    expect(textOf(sent)).toContain('テストメールを送りました');
    const queued = await db()
      .selectFrom('message')
      .select(['template', 'locale'])
      .where('recipient', '=', `you${round}@example.co.jp`)
      .execute();
    expect(queued).toEqual([{ template: 'notice-test', locale: 'en' }]);
    const wrong = await browsers.support.submit(page, path('/letter'), { address: PAYLOAD });
    expect(wrong.statusCode).toBe(422);
    expect(textOf(wrong)).toContain('メールアドレスの形になっていません');
    expectNothingInjected(wrong);
  });
});

describe('R14, R25: settling somebody who was not reached', () => {
  const settle = (i: number, typed: Record<string, string>) =>
    browsers.support.request('POST', settlePath(i), typed);

  it('by form, confirmation and act; the list says it is done, and the audit log who did it', async () => {
    const form = await browsers.support.open(settlePath(1));
    expect(textOf(form)).toContain('550 5.1.1 no such user');
    const confirm = await browsers.support.submit(form, settlePath(1), {
      kind: 'told-otherwise',
      note: `電話 ${PAYLOAD}`,
    });
    expectNothingInjected(confirm);
    expect(textOf(confirm)).toContain('まだ何も記録していません');
    const standing = async () =>
      db()
        .selectFrom('notice_recipient')
        .select(['settlement', 'settlement_note', 'state'])
        .where('notice_id', '=', notice)
        .where('account_id', '=', people[1] ?? '')
        .executeTakeFirstOrThrow();
    expect((await standing()).settlement).toBeNull();
    const act = { step: 'act', kind: 'told-otherwise', note: `電話 ${PAYLOAD}` };
    const done = await settle(1, act);
    expect(done.statusCode).toBe(303);
    expect(await standing()).toMatchObject({
      settlement: 'told-otherwise',
      settlement_note: `電話 ${PAYLOAD}`,
    });
    const list = await browsers.support.open(String(done.headers.location));
    expect(textOf(list)).toContain('対応を記録しました');
    expect(list.body.match(/\/settle"/g)).toHaveLength(1);
    const event = await db()
      .selectFrom('audit_event')
      .select(['actor', 'account_id'])
      .where('action', '=', 'notice.recipient-settled')
      .orderBy('id', 'desc')
      .executeTakeFirst();
    expect(event).toMatchObject({
      account_id: people[1],
      actor: expect.stringMatching(/^operator:acc_/) as string,
    });
    const again = await settle(1, act);
    expect(again.statusCode).toBe(409);
    expect(textOf(again)).toContain('すでに記録されています');
  });

  it('goes to the corrected login ID once more', async () => {
    expect(textOf(await settle(1, { kind: 'new-address', address: `r${round}p1@example.co.jp` }))).toContain(
      'このアドレスに送って届きませんでした',
    );
    const corrected = `right${round}@example.co.jp`;
    await sql`update account set email_address = ${corrected}, email_key = ${corrected} where id = ${people[1] ?? ''}`.execute(
      db(),
    );
    const confirm = await settle(1, { kind: 'new-address', address: corrected });
    expect(textOf(confirm)).toContain(`${corrected} に、このお知らせをもう一度送ります`);
    const done = await browsers.support.submit(confirm, settlePath(1), {});
    expect(textOf(done)).toContain('もう一度送ります');
    expect(textOf(await browsers.support.open(path()))).toContain('送信待ち 2人');
  });

  it('wants a way and a note, takes the input back, and does nothing for whom it reached', async () => {
    const nothing = await settle(1, {});
    expect([nothing.statusCode, textOf(nothing).includes('対応を選んでください')]).toEqual([422, true]);
    const noNote = await settle(1, { kind: 'told-otherwise', note: ' ' });
    expect([noNote.statusCode, textOf(noNote).includes('いつ、だれが、どのように')]).toEqual([422, true]);
    const back = await settle(1, { kind: 'api-only', note: '見本', step: 'act', back: 'yes' });
    expect(back.body).toMatch(/value="api-only"[^>]*checked|checked[^>]*value="api-only"/);
    const reached = await settle(0, { kind: 'told-otherwise', note: '見本', step: 'act' });
    expect(reached.statusCode).toBe(409);
    expect(textOf(reached)).toContain('対応は要りません');
    expect((await browsers.support.open(path('/people/acc_none/settle'))).statusCode).toBe(404);
  });
});

describe('R25: cancelling a notice', () => {
  it('says first who will not get it and who has; then stops it, once', async () => {
    const page = await browsers.administrator.open(path('/cancel'));
    expect(textOf(page)).toContain('まだ送っていない1人には、このお知らせを送りません');
    expect(textOf(page)).toContain('再開できません');
    const done = await browsers.administrator.submit(page, path('/cancel'), {});
    expect(done.path).toBe(path('?done=cancelled'));
    expect(textOf(done)).toContain('まだ送っていなかった1人には送りません');
    const again = await browsers.administrator.submit(page, path('/cancel'), {});
    expect(again.statusCode).toBe(409);
    expect(textOf(again)).toContain('取りやめになっています');
    const late = await browsers.administrator.open(path('/cancel'));
    expect(textOf(late)).toContain('実行していません');
    expect(textOf(late)).toContain('あらためて告知してください');
    expect(late.body).not.toContain(`action="${path('/cancel')}"`);
    expect(textOf(await browsers.support.open(settlePath(1)))).toContain('取りやめになっています');
  });
});
