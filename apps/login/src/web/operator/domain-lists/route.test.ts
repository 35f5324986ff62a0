import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { domainsCommand } from '../../../cli/commands/domains.ts';
import { changeConsole } from '#domain/consoles/change.ts';
import { settingsOf } from '#domain/consoles/settings.ts';
import { recordFirstLists } from '#domain/domain-lists/lists.ts';
import { addOperator } from '#domain/operators/operators.ts';
import { createOperatorToken } from '#domain/operators/tokens.ts';
import { vi } from 'vitest';
import { Browser } from '#test/browser.ts';
import { linkOf, PASSWORD, signIn, textOf } from '#test/steps.ts';
import { openWorld, type World } from '#test/world.ts';

const PATH = '/operator/consoles/sms/domains';
const PUBLISH = `${PATH}/publish`;

let world: World;
let chief: Browser;
let viewer: Browser;
let token: string;
beforeAll(async () => {
  // Not before the machine's own clock, by which the engine judges sessions.
  world = await openWorld({ work: false, now: new Date('2027-02-01T03:00:00Z') });
  await world.addConsole('sms');
  await world.addPerson('taro@example.co.jp', { sms: '1' });
  for (const role of ['administrator', 'viewer'] as const) {
    const emailAddress = `${role}@example.co.jp`;
    await world.addPerson(emailAddress, {}, { password: PASSWORD });
    await addOperator(world.database.db, { emailAddress, role }, by());
  }
  ({ token } = await createOperatorToken(world.database.db, { name: 'lists', role: 'administrator' }, by()));
  [chief, viewer] = [new Browser(world), new Browser(world)];
  await signIn(chief, '/sign-in', 'administrator@example.co.jp');
  await signIn(viewer, '/sign-in', 'viewer@example.co.jp');
  await recordFirstLists(world.database.db, own(), world.now);
});
afterAll(() => world.close());

const by = () => ({ actor: 'operator:cli', now: world.now });
const own = () => ({ ...world.config, brand: world.app.settings.current().brand });
const notices = () => world.database.db.selectFrom('notice').select(['id', 'kind']).execute();
const call = (method: 'GET' | 'POST', payload?: object) =>
  world.app.server.inject({
    method,
    url: '/api/operator/v1/consoles/sms/domains',
    headers: { host: 'login.example.co.jp', authorization: `Bearer ${token}` },
    ...(payload ? { payload } : {}),
  });

/** Gives the console one more domain. */
async function addDomain(domain: string): Promise<void> {
  const console = await world.database.db
    .selectFrom('console')
    .selectAll()
    .where('client_id', '=', 'sms')
    .executeTakeFirstOrThrow();
  const settings = settingsOf(console);
  const changed = await changeConsole(
    world.database.db,
    'sms',
    { ...settings, domains: [...settings.domains, domain] },
    { ...by(), revision: console.revision, allowedInternalHosts: [] },
  );
  expect(changed.ok).toBe(true);
  world.app.forgetCaches();
}

async function cli(...args: string[]): Promise<{ out: string; err: string; code: number }> {
  const said = { out: '', err: '' };
  process.exitCode = 0;
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => ((said.out += String(text)), true));
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => ((said.err += String(text)), true));
  const command = domainsCommand({
    openDatabase: async () => world.database,
    house: async () => ({ brand: world.app.settings.current().brand, pagesUrl: world.config.pagesUrl }),
    issuer: () => world.config.issuer,
    clock: () => world.now,
    locale: 'en',
  }).exitOverride();
  await command.parseAsync(args, { from: 'user' });
  vi.restoreAllMocks();
  const code = Number(process.exitCode);
  process.exitCode = 0;
  return { ...said, code };
}

describe('R22, R25: the list of domains on its page', () => {
  it('shows what is handed out, and offers nothing to publish while that is what is needed', async () => {
    const page = await chief.open(
      linkOf(await chief.open('/operator/consoles/sms'), 'お客様の管理者に渡す一覧'),
    );
    expect(textOf(page)).toContain('第1版');
    expect(textOf(page)).toContain('login.example.co.jp:80');
    expect(page.body).not.toContain(PUBLISH);
    expect(linkOf(page, '一覧（テキスト）')).toBe('/connection-test/sms/domains.txt?ui_locales=ja');
  });

  it('says what has changed since, to everybody; administrators may publish it', async () => {
    await addDomain('new.example.co.jp');
    expect(textOf(await viewer.open(PATH))).toContain('new.example.co.jp:443 追加');
    expect((await viewer.open(PATH)).body).not.toContain(PUBLISH);
    expect((await viewer.open(PUBLISH)).statusCode).toBe(403);
    expect((await chief.open(PATH)).body).toContain(PUBLISH);
  });

  it('publishes by form and confirmation, which shows the mail; nothing happens before the last button', async () => {
    const form = await chief.open(PUBLISH);
    expect(form.body).toContain('value="2027-02-01"');
    for (const [date, sentence] of [
      ['', '日付を入力してください。'],
      ['soon', '日付を 2027-01-12 の形で入力してください。'],
      ['2026-01-12', '2027年2月1日(月)から'],
    ] as const) {
      const refused = await chief.submit(form, PUBLISH, { date });
      expect([refused.statusCode, textOf(refused).includes(sentence)]).toEqual([422, true]);
    }
    const check = await chief.submit(form, PUBLISH, { date: '2027-03-01', tell: 'yes' });
    expect(textOf(check)).toContain('第2版を発行してよいですか');
    expect(textOf(check)).toContain('追加：new.example.co.jp:443（接続の許可）');
    expect(textOf(check)).toContain('New: new.example.co.jp:443 (allow connections)');
    expect(textOf(check)).toContain('1人に、すぐに送り始めます。');
    expect(await notices()).toEqual([]);
    expect(textOf(await chief.submit(check, PUBLISH, { back: 'yes' }))).toContain('第2版を発行する');

    const done = await chief.submit(check, PUBLISH, {});
    expect(textOf(done)).toContain('第2版を発行しました。 お知らせのメールを送り始めました。');
    expect(await notices()).toMatchObject([{ kind: 'domains' }]);
    expect(textOf(await chief.open(linkOf(done, 'お知らせを見る')))).toContain(
      '必要なドメインの変更のお知らせ',
    );
    expect(textOf(await chief.open('/operator/notices'))).toContain('必要なドメインの変更のお知らせ');

    // The button pressed twice.
    const again = await chief.submit(check, PUBLISH, {});
    expect([again.statusCode, textOf(again).includes('ほかの担当者が先に新しい版を発行しました')]).toEqual([
      409,
      true,
    ]);
    expect(await notices()).toHaveLength(1);
  });
});

describe('R22, R26: the same by API and command line', () => {
  it('the API tells what is published and what is not, and publishes once', async () => {
    await addDomain('api.example.co.jp');
    expect((await call('GET')).json()).toMatchObject({
      version: 2,
      added: ['new.example.co.jp:443'],
      unpublished: { added: ['api.example.co.jp:443'], removed: [] },
    });
    const wanted = { version: 2, validFrom: '2027-03-01T00:00:00+09:00', tell: false };
    const done = await call('POST', wanted);
    expect([done.statusCode, done.json()]).toEqual([201, { version: 3, noticeId: null, recipients: 0 }]);
    for (const [body, status, code] of [
      [wanted, 409, 'domain-list-changed'],
      [{ ...wanted, version: 3 }, 409, 'domain-list-unchanged'],
      [{ ...wanted, version: 'x' }, 422, 'malformed'],
    ] as const) {
      const refused = await call('POST', body);
      expect([refused.statusCode, refused.json<{ code: string }>().code]).toEqual([status, code]);
    }
    await addDomain('late.example.co.jp');
    const late = await call('POST', { ...wanted, version: 3, validFrom: '2020-01-01T00:00:00Z' });
    expect([late.statusCode, late.json<{ code: string }>().code]).toEqual([422, 'domain-list-date-unfit']);
  });

  it('the command line shows the list as text and publishes with a notice', async () => {
    const shown = await cli('show', 'sms');
    expect(shown.out).toContain('# Version 3, published');
    expect(shown.out).toContain('# not published yet: + late.example.co.jp:443');
    const done = await cli('publish', 'sms', '--valid-from', '2027-03-01', '--tell');
    expect([done.code, done.out]).toEqual([
      0,
      expect.stringMatching(/^Version 4 has been published\. Told: 1 people, by notice ntc_\w+\.\n$/),
    ]);
    expect(await cli('publish', 'sms', '--valid-from', '2027-03-01')).toMatchObject({
      code: 1,
      err: 'The published list is what the configuration says: there is nothing to publish.\n',
    });
    expect(JSON.parse((await cli('show', 'sms', '--json')).out)).toMatchObject({ version: 4 });
    expect((await cli('show', 'none')).code).toBe(1);
  });
});
