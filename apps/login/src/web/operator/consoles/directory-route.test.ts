import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addOperator } from '#domain/operators/operators.ts';
import { MINUTE } from '#support/primitives/durations.ts';
import { secretHash } from '#support/primitives/secrets.ts';
import { Browser } from '#test/browser.ts';
import { PASSWORD, signIn, textOf } from '#test/steps.ts';
import { openWorld, type World } from '#test/world.ts';

const PAYLOAD = `"><img src=x onerror=alert(1)><script>alert(2)</script>`;
const LIST = '/operator/consoles/sms/directories';
const NEW = `${LIST}/new`;

let world: World;
let chief: Browser;
let clerk: Browser;
beforeAll(async () => {
  // Not before the machine's own clock, by which the engine judges sessions.
  world = await openWorld({ work: false, now: new Date('2027-02-01T03:00:00Z') });
  await world.addConsole('sms');
  for (const role of ['administrator', 'support'] as const) {
    const emailAddress = `${role}@example.co.jp`;
    await world.addPerson(emailAddress, {}, { password: PASSWORD });
    await addOperator(world.database.db, { emailAddress, role }, { actor: 'operator:cli', now: world.now });
  }
  chief = await signedIn('administrator@example.co.jp');
  clerk = await signedIn('support@example.co.jp');
});
afterAll(() => world.close());

async function signedIn(who: string): Promise<Browser> {
  const browser = new Browser(world);
  await signIn(browser, '/sign-in', who);
  return browser;
}

/** A call of a directory, as far as its token is looked at. */
async function askScim(token: string): Promise<number> {
  const answer = await world.app.server.inject({
    url: '/scim/v2/Users?count=1',
    headers: { host: 'login.example.co.jp', authorization: `Bearer ${token}` },
  });
  return answer.statusCode;
}

async function register(typed: Record<string, string>) {
  return chief.submit(await chief.open(NEW), NEW, { company: '', domains: '', ...typed });
}

async function idOf(name: string): Promise<string> {
  const row = await world.database.db
    .selectFrom('directory')
    .select('id')
    .where('name', '=', name)
    .executeTakeFirst();
  return row?.id ?? '';
}

async function makeToken(directoryId: string, days = '180') {
  const path = `/operator/directories/${directoryId}/token`;
  const answer = await chief.submit(await chief.open(path), path, { days });
  return { answer, token: /ui-secret[^>]*>(hkd_[\w-]{43})</.exec(answer.body)?.[1] ?? '' };
}

async function events() {
  const rows = await world.database.db
    .selectFrom('audit_event')
    .select(['action', 'actor'])
    .where('action', 'like', 'directory%')
    .orderBy('id')
    .execute();
  return rows.map(({ action, actor }) => `${action} ${actor.split('_')[0] ?? ''}`);
}

describe('R26, R25: directories of customers and their tokens, on pages', () => {
  it('is registered, gets a token that is shown once and works, and loses it', async () => {
    const empty = await chief.open(LIST);
    expect(empty.body).toContain(`href="${NEW}"`);
    const registered = await register({
      name: '見本商事のEntra ID',
      company: '見本商事',
      domains: 'Example.co.jp\r\n 見本.example.jp',
    });
    expect(registered.path).toBe(`${LIST}?done=registered`);
    expect(textOf(registered)).toContain('ディレクトリを登録しました');
    expect(textOf(registered)).toMatch(/example\.co\.jp, xn--[\w-]+\.example\.jp/);
    const id = await idOf('見本商事のEntra ID');
    expect(registered.body).toContain(`href="/operator/directories/${id}/token"`);

    const asked = await chief.open(`/operator/directories/${id}/token`);
    for (const words of ['見本商事', 'example.co.jp', 'ディレクトリのID'])
      expect(textOf(asked)).toContain(words);
    const { answer, token } = await makeToken(id, '９０');
    expect(answer.statusCode).toBe(201);
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(textOf(answer)).toContain(`${world.config.issuer}/scim/v2`);
    expect(await askScim(token)).toBe(200);
    const second = await makeToken(id);
    expect(await askScim(second.token)).toBe(200);

    const list = await chief.open(LIST);
    expect(list.body).not.toContain(token);
    expect(textOf(list)).toContain('2027年5月2日');
    const revoke = await pathToRevoke(token);
    const confirm = await chief.open(revoke);
    expect(textOf(confirm)).toContain('ほかに有効なトークンが1個あり');
    expect(await askScim(token)).toBe(200);
    const ended = await chief.submit(confirm, revoke, {});
    expect(ended.path).toBe(`${LIST}?done=revoked`);
    expect(textOf(ended)).toContain('トークンを失効させました');
    expect([await askScim(token), await askScim(second.token)]).toEqual([401, 200]);
    const again = await chief.submit(confirm, revoke, {});
    expect([again.statusCode, textOf(again)]).toEqual([409, expect.stringContaining('すでに失効しています')]);
    const last = await chief.open(await pathToRevoke(second.token));
    expect(textOf(last)).toContain('先に新しいトークンを作成して');
    expect(await events()).toEqual([
      'directory.created operator:acc',
      'directory-token.created operator:acc',
      'directory-token.created operator:acc',
      'directory-token.revoked operator:acc',
    ]);
  });

  it('what cannot be is said at its field, in both languages, and nothing is made', async () => {
    const before = await events();
    const domains = Array.from({ length: 51 }, (_, i) => `d${i}.example.co.jp`).join('\n');
    for (const [typed, words] of [
      [{ name: ' ' }, '名前を100文字以内で'],
      [{ name: 'x'.repeat(101) }, '名前を100文字以内で'],
      [{ name: 'x', company: 'x'.repeat(201) }, '会社名は200文字以内で'],
      [
        { name: 'x', domains: 'example.co.jp\nhttps://example.co.jp' },
        '「https://example.co.jp」はドメインではありません',
      ],
      [{ name: 'x', domains }, 'ドメインは50個まで'],
    ] as const) {
      const page = await register(typed);
      expect([page.statusCode, textOf(page)]).toEqual([422, expect.stringContaining(words)]);
    }
    await chief.request('POST', '/language', { lang: 'en', return_path: '/' });
    const page = await register({ name: PAYLOAD, company: PAYLOAD, domains: PAYLOAD });
    expect(textOf(page)).toContain('is not a domain');
    expect(page.body).not.toContain('<script>alert(2)');
    const id = await idOf('見本商事のEntra ID');
    for (const days of ['0', '366', 'x', '']) {
      const refused = (await makeToken(id, days)).answer;
      expect([refused.statusCode, textOf(refused)]).toEqual([
        422,
        expect.stringContaining('Give a number from 1 to 365'),
      ]);
    }
    await chief.request('POST', '/language', { lang: 'ja', return_path: '/' });
    expect(await events()).toEqual(before);
  });

  it('shows whatever it is called as it is, and does not find what does not exist', async () => {
    expect(textOf(await register({ name: PAYLOAD, company: PAYLOAD, consoleIds: 'yes' }))).toContain(PAYLOAD);
    const id = await idOf(PAYLOAD);
    const { token, answer } = await makeToken(id);
    for (const page of [
      answer,
      await chief.open(LIST),
      await chief.open(`/operator/directories/${id}/token`),
      await chief.open(await pathToRevoke(token)),
    ]) {
      expect(textOf(page)).toContain(PAYLOAD);
      expect(page.body).not.toContain('<script>alert(2)');
    }
    for (const path of [
      '/operator/directories/dir_none/token',
      '/operator/directory-tokens/dtk_none/revoke',
      '/operator/consoles/none/directories/new',
    ])
      expect((await chief.open(path)).statusCode).toBe(404);
  });

  it('is for administrators who signed in a moment ago', async () => {
    const id = await idOf(PAYLOAD);
    for (const path of [NEW, `/operator/directories/${id}/token`])
      expect((await clerk.open(path)).statusCode).toBe(403);
    world.now = new Date(world.now.getTime() + 31 * MINUTE);
    const asked = await chief.request('POST', NEW, {
      name: 'kept',
      company: '見本商事',
      domains: 'x.example.jp',
    });
    const signInPage = await chief.open(asked.headers.location ?? '');
    expect(signInPage.path).toContain('/sign-in');
    const proof = { email_address: 'administrator@example.co.jp', password: PASSWORD };
    const back = await chief.submit(signInPage, signInPage.path, proof);
    expect(back.path).toContain(NEW);
    for (const typed of ['value="kept"', 'value="見本商事"', '>x.example.jp</textarea>'])
      expect(back.body).toContain(typed);
    expect(await idOf('kept')).toBe('');
  });
});

/** Where the token is revoked; the list has a link there. */
async function pathToRevoke(token: string): Promise<string> {
  const { id } = await world.database.db
    .selectFrom('directory_token')
    .select('id')
    .where('token_hash', '=', secretHash(token))
    .executeTakeFirstOrThrow();
  const path = `/operator/directory-tokens/${id}/revoke`;
  expect((await chief.open(LIST)).body).toContain(`href="${path}"`);
  return path;
}
