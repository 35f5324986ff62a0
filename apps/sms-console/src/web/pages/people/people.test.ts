import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { addMember, changeRole, setActive } from '#domain/members/change-members.ts';
import { mailWelcomes } from '#domain/members/greetings.ts';
import { listMembers } from '#domain/members/members.ts';
import type { Person } from '#domain/people/people.ts';
import type { Page, TestBrowser } from '../../../../test/browser.ts';
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
/** Takes away everybody whom a company has but this one. */
async function forget(companyId: string, but: string): Promise<void> {
  const others = world.db
    .selectFrom('person')
    .select('id')
    .where('company_id', '=', companyId)
    .where('id', '<>', but);
  await world.db.deleteFrom('registration_outbox').where('person_id', 'in', others).execute();
  await world.db.deleteFrom('person').where('id', 'in', others).execute();
  await world.db.deleteFrom('member_elsewhere').where('company_id', '=', companyId).execute();
}
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
      [{ email_address: owner.emailAddress.toUpperCase() }, 'すでにメンバーの一覧にいます。'],
    ];
    for (const [fields, sentence] of cases) {
      const { page } = await add(browser, fields);
      expect([page.status, page.text.includes(sentence)], sentence).toEqual([422, true]);
      expect(page.html).toContain('value="見本 花子"'.slice(0, fields['name'] === undefined ? undefined : 7));
    }
  });

  test('C4: whether another company has an address cannot be seen; the mailbox is told in place of the first mail', async () => {
    const owner = await world.addPerson({ company: '見本商事 J' });
    const known = await world.addPerson({ company: '見本商事 K' });
    const browser = await signedIn(owner);
    // The one is new, the other stands at a company of which this one knows nothing. Everything that differs by nature is masked.
    const registered = () =>
      vi.waitFor(async () => expect((await browser.open('/people')).text).not.toContain('登録待ち'), {
        timeout: 8_000,
      });
    const walked = async (address: string) => {
      const mask = (page: Page) =>
        page.html
          .replaceAll(new RegExp(address.replaceAll('.', '\\.'), 'gi'), 'ADDRESS')
          .replaceAll(/\/people\/\d+/g, '/people/ID')
          .replaceAll(/(name="_csrf" value=")[^"]+/g, '$1');
      const seen: (string | number)[] = [];
      const note = (page: Page) => seen.push(page.status, page.url.pathname.replace(/\d+/, 'ID'), mask(page));
      world.login.down = true;
      note((await add(browser, { email_address: address })).page);
      expect(seen.at(-1)).toContain('登録待ち');
      world.login.down = false;
      await vi.waitFor(() => expect(mailTo(address)).toHaveLength(1), { timeout: 8_000 });
      await registered();
      note(await browser.open('/people'));
      const id = /\/people\/(\d+)"[^>]*>変更<span[^>]*>: 見本 花子/.exec(browser.page?.html ?? '')?.[1];
      note(await browser.open(`/people/${id}`));
      note(await browser.send(`/people/${id}`, { role: 'viewer' }));
      await browser.open(`/people/${id}`);
      note(await browser.send(`/people/${id}/active`, { active: 'no' }));
      note(await browser.open(`/people/${id}`));
      await browser.send(`/people/${id}/active`, { active: 'yes' });
      await registered();
      await browser.open(`/people/${id}`);
      note(await browser.send(`/people/${id}`, { role: 'administrator' }));
      await browser.open(`/people/${owner.id}`);
      note(await browser.send(`/people/${owner.id}`, { role: 'administrator' }));
      note((await add(browser, { email_address: address.toUpperCase() })).page);
      expect(seen.at(-1)).toContain('すでにメンバーの一覧にいます。');
      await forget(owner.companyId, owner.id);
      return seen;
    };
    const fresh = await walked('fresh.mihon@example.co.jp');
    expect(await walked(known.emailAddress)).toEqual(fresh);
    const [mail] = mailTo(known.emailAddress);
    expect(mail?.subject).toContain('追加されなかった');
    expect(mail?.text).toContain('見本商事 J の管理者が');
    expect(mail?.text).not.toContain('/reset');
    expect((await signedIn(known)).page?.text).toContain('見本商事 K');
  });

  test('C4: while the login server is away nobody is registered, and so nobody is told either', async () => {
    const { companyId } = await world.addPerson({ company: '見本商事 N' });
    const known = await world.addPerson({ company: '見本商事 O' });
    world.login.down = true;
    const wish = {
      companyId,
      name: '見本',
      emailAddress: known.emailAddress,
      role: 'sender',
      locale: 'ja',
    } as const;
    await addMember(world.db, wish, world.clock.now());
    const sent: boolean[] = [];
    const mail = (isLoginServerThere: boolean) =>
      mailWelcomes(
        world.db,
        {
          compose: ({ to, locale, isElsewhere }) => {
            sent.push(isElsewhere);
            return { to, locale, subject: '', text: '', html: '' };
          },
          send: () => Promise.resolve(),
          onRefused: () => undefined,
          isLoginServerThere: () => Promise.resolve(isLoginServerThere),
        },
        () => world.clock.now(),
      );
    await mail(false);
    const last = async () => (await listMembers(world.db, companyId, { after: null }, 50)).members.at(-1);
    expect([sent, (await last())?.registration]).toEqual([[], 'waiting']);
    await mail(true);
    await mail(true);
    expect([sent, (await last())?.registration]).toEqual([[true], 'done']);
    world.login.down = false;
  });

  test('C4: one address added twenty times at once, new or elsewhere, stands in the list once', async () => {
    const { companyId } = await world.addPerson({ company: '見本商事 L' });
    const known = await world.addPerson({ company: '見本商事 M' });
    for (const emailAddress of ['often.mihon@example.co.jp', known.emailAddress]) {
      const wish = { companyId, name: '見本', emailAddress, role: 'sender', locale: 'ja' } as const;
      const all = await Promise.all(
        Array.from({ length: 20 }, () => addMember(world.db, wish, world.clock.now())),
      );
      expect(all.filter(({ ok }) => ok)).toHaveLength(1);
      expect(all.filter((one) => !one.ok && one.reason === 'address-here')).toHaveLength(19);
    }
    expect((await listMembers(world.db, companyId, { after: null }, 50)).members).toHaveLength(3);
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
