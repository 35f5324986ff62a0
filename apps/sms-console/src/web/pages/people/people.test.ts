import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { changeRole, setActive } from '#domain/members/change-members.ts';
import type { Person } from '#domain/people/people.ts';
import type { TestBrowser } from '../../../../test/browser.ts';
import { openWorld, PASSWORD, type World } from '../../../../test/world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld({ phase: 'parallel' });
});
afterAll(() => world.close());

async function signedIn(person: Person): Promise<TestBrowser> {
  const browser = world.browser();
  await browser.open('/login');
  await browser.send('/login', { email_address: person.emailAddress, password: PASSWORD });
  return browser;
}
let added = 0;
async function add(browser: TestBrowser, more: Record<string, string> = {}) {
  added += 1;
  const address = `added${added}@example.co.jp`;
  await browser.open('/people');
  const fields = { name: '見本 花子', email_address: address, role: 'sender', locale: 'ja', ...more };
  return { address, page: await browser.send('/people', fields) };
}
const mailTo = (address: string) => world.mail.mails.filter(({ to }) => JSON.stringify(to).includes(address));
const accountOf = (address: string) =>
  world.login.accounts.find(({ emailAddress }) => emailAddress === address);

describe('R11: people of a company', () => {
  test('who is added is registered at the unified login, gets the first mail, once, and can sign in', async () => {
    const owner = await world.addPerson({ company: '見本商事 A' });
    const browser = await signedIn(owner);
    const { address, page } = await add(browser);
    expect(page.text).toContain('メンバーを追加しました。');
    await vi.waitFor(() => expect(mailTo(address)).toHaveLength(1), { timeout: 8_000 });
    expect(accountOf(address)).toMatchObject({ name: '見本 花子' });
    const [mail] = mailTo(address);
    expect(mail?.text).toContain(`${world.login.issuer}/reset?client_id=sms`);
    expect(mail?.text).toContain('見本商事 A');
    expect((await browser.open('/people')).text).toContain('見本 花子');
    const newcomer = world.browser();
    world.login.atTheKeyboard = accountOf(address) ?? null;
    const home = await newcomer.open('/auth/start');
    world.login.atTheKeyboard = null;
    expect(home.text).toContain('見本 花子');
    expect((await newcomer.open('/people')).status).toBe(403);
    expect(mailTo(address)).toHaveLength(1);
  });

  test('a person added while the login server is down is registered when it is back', async () => {
    const browser = await signedIn(await world.addPerson({ company: '見本商事 B' }));
    world.login.down = true;
    const { address, page } = await add(browser);
    expect(page.text).toContain('登録待ち');
    expect(mailTo(address)).toEqual([]);
    world.login.down = false;
    await vi.waitFor(() => expect(mailTo(address)).toHaveLength(1), { timeout: 8_000 });
    expect((await browser.open('/people')).text).not.toContain('登録待ち');
  });

  test('whom the unified login refuses is shown with what to do, and not mailed', async () => {
    const browser = await signedIn(await world.addPerson({ company: '見本商事 C' }));
    const account = {
      sub: 'acc_other',
      emailAddress: 'known@example.co.jp',
      name: 'x',
      consoleUserId: undefined,
    };
    world.login.accounts.push(account);
    await add(browser, { email_address: 'known@example.co.jp' });
    await vi.waitFor(async () => expect((await browser.open('/people')).text).toContain('登録できません'));
    expect(mailTo('known@example.co.jp')).toEqual([]);
  });

  test('refusals are said at the field, and what was typed stays', async () => {
    const owner = await world.addPerson({ company: '見本商事 D' });
    const browser = await signedIn(owner);
    const cases: [Record<string, string>, string][] = [
      [{ name: ' ' }, '氏名を入力してください。'],
      [{ name: '長'.repeat(101) }, '氏名は100文字以内で入力してください。'],
      [{ email_address: 'hanako' }, 'メールアドレスを確認してください。'],
      [{ email_address: owner.emailAddress.toUpperCase() }, 'このメールアドレスでは追加できません。'],
    ];
    for (const [fields, sentence] of cases) {
      const { page } = await add(browser, fields);
      expect([page.status, page.text.includes(sentence)], sentence).toEqual([422, true]);
      expect(page.html).toContain('value="見本 花子"'.slice(0, fields['name'] === undefined ? undefined : 7));
    }
  });

  test('who is shut out is out at once, here and at the unified login; and comes back', async () => {
    const owner = await world.addPerson({ company: '見本商事 E' });
    const colleague = await world.addPerson({ company: '見本商事 E', role: 'sender' });
    const theirs = await signedIn(colleague);
    expect((await theirs.open('/settings')).status).toBe(200);
    const browser = await signedIn(owner);
    const act = async (active: string) => {
      await browser.open(`/people/${colleague.id}`);
      return browser.send(`/people/${colleague.id}/active`, { active });
    };
    expect((await act('no')).text).toContain('利用を停止しました。');
    expect((await theirs.open('/settings')).url.pathname).toBe('/login');
    await theirs.send('/login', { email_address: colleague.emailAddress, password: PASSWORD });
    expect((await theirs.open('/settings')).url.pathname).toBe('/login');
    await vi.waitFor(() => expect(accountOf(colleague.emailAddress)?.active).toBe(false));
    expect((await act('yes')).text).toContain('利用を再開しました。');
    await vi.waitFor(() => expect(accountOf(colleague.emailAddress)?.active).toBe(true));
    await theirs.open('/login');
    await theirs.send('/login', { email_address: colleague.emailAddress, password: PASSWORD });
    expect((await theirs.open('/settings')).url.pathname).toBe('/settings');
  });

  test('the last administrator stays one, on the page and when all are changed at once', async () => {
    const company = '見本商事 F';
    const owner = await world.addPerson({ company });
    const browser = await signedIn(owner);
    await browser.open(`/people/${owner.id}`);
    const refused = await browser.send(`/people/${owner.id}`, { role: 'viewer' });
    expect(refused.status).toBe(409);
    expect(refused.text).toContain('ただ一人の管理者です');
    const all = [owner];
    for (let n = 0; n < 9; n += 1) all.push(await world.addPerson({ company, account: false }));
    const results = await Promise.all(
      all.map(({ id }, n) =>
        n % 2 === 0
          ? changeRole(world.db, { companyId: owner.companyId, id, role: 'sender' })
          : setActive(world.db, { companyId: owner.companyId, id, active: false }, world.clock.now()),
      ),
    );
    expect(results.filter(({ ok }) => ok)).toHaveLength(9);
    const left = await world.db
      .selectFrom('person')
      .select('id')
      .where('company_id', '=', owner.companyId)
      .where('role', '=', 'administrator')
      .where('active', '=', true)
      .execute();
    expect(left).toHaveLength(1);
  });

  test('A1: people of another company are not there, and nobody but administrators sees the page', async () => {
    const stranger = await signedIn(await world.addPerson({ company: '見本商事 G' }));
    const other = await world.addPerson({ company: '見本商事 H' });
    for (const path of [`/people/${other.id}`, '/people/0', '/people/x', '/people/%00'])
      expect((await stranger.open(path)).status, path).toBe(404);
    const page = await stranger.open('/people');
    const csrf = /name="_csrf" value="([^"]+)"/.exec(page.html)?.[1] ?? '';
    for (const path of [`/people/${other.id}`, `/people/${other.id}/active`])
      expect((await stranger.post(path, { _csrf: csrf, role: 'viewer', active: 'no' })).status).toBe(404);
    for (const role of ['sender', 'viewer'] as const) {
      const browser = await signedIn(await world.addPerson({ company: '見本商事 G', role }));
      const home = await browser.open('/settings');
      expect(home.html).not.toContain('href="/people"');
      const token = /name="_csrf" value="([^"]+)"/.exec(home.html)?.[1] ?? '';
      expect((await browser.open('/people')).status).toBe(403);
      expect((await browser.post('/people', { _csrf: token, name: 'x' })).status).toBe(403);
      expect((await browser.open('/settings/api-keys')).status).toBe(403);
    }
  });
});
