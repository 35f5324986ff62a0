import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Person } from '#domain/people/people.ts';
import { after, HOUR, MINUTE } from '#support/primitives/durations.ts';
import type { Page, TestBrowser } from '../../../../test/browser.ts';
import { openWorld, PASSWORD, type World } from '../../../../test/world.ts';

let world: World;
let companies = 0;
beforeAll(async () => {
  world = await openWorld({ phase: 'parallel' });
});
afterAll(() => world.close());
beforeEach(() => world.clock.reset());

const HALF = { name: '年末のご案内', recipients: '090-1234-5001\n090-', body: '拝啓 書きかけの' };

async function legacy(person: Person, browser = world.browser()): Promise<TestBrowser> {
  await browser.open('/login');
  await browser.send('/login', { email_address: person.emailAddress, password: PASSWORD });
  return browser;
}

async function unified(person: Person, browser = world.browser()): Promise<TestBrowser> {
  world.login.atTheKeyboard = world.accountOf(person);
  await browser.open('/auth/start');
  return browser;
}

/** As if nothing had been done for 31 minutes; the clock itself stays with that of the login server. */
async function runOut(person: Person): Promise<void> {
  const before = after(world.clock.now(), -31 * MINUTE);
  await world.db
    .updateTable('console_session')
    .set({ last_seen_at: before })
    .where('person_id', '=', person.id)
    .execute();
}

const addPerson = () => world.addPerson({ company: `見本工業 ${++companies}` });

function expectAllThere(page: Page): void {
  expect(page.url.pathname).toBe('/compose');
  expect(page.text).toContain('ログインの前に書いていた内容を下書きに保存しました。');
  expect(page.html).toContain(`value="${HALF.name}"`);
  expect(page.html).toContain(`${HALF.recipients}</textarea>`);
  expect(page.html).toContain(`${HALF.body}</textarea>`);
}

describe('R28: what is half written survives a session that ends and the sign-in in between', () => {
  test('the session ran out: after the legacy sign-in all of it is there', async () => {
    const person = await addPerson();
    const browser = await legacy(person);
    await browser.open('/compose');
    await runOut(person);
    const login = await browser.send('/compose', { ...HALF, act: 'save' });
    expect(login.url.pathname).toBe('/login');
    expect(
      await world.db.selectFrom('draft').select('id').where('person_id', '=', person.id).execute(),
    ).toEqual([]);
    const back = await browser.send('/login', { email_address: person.emailAddress, password: PASSWORD });
    expectAllThere(back);
    expect(
      await world.db.selectFrom('kept_form').select('draft_id').where('person_id', '=', person.id).execute(),
    ).toEqual([]);
  });

  test('single logout from elsewhere: after the unified sign-in all of it is there', async () => {
    const person = await addPerson();
    const browser = await unified(person);
    await browser.open('/compose');
    await world.db
      .updateTable('console_session')
      .set({ ended_at: world.clock.now(), end_reason: 'logged-out-elsewhere', id_token: null })
      .where('person_id', '=', person.id)
      .execute();
    expectAllThere(await browser.send('/compose', { ...HALF, act: 'review' }));
  });

  test('begun by the legacy login, ended after cut-over, taken up through the unified login', async () => {
    const person = await addPerson();
    const browser = await legacy(person);
    await browser.open('/compose');
    await world.setPhase('unified');
    await runOut(person);
    world.login.atTheKeyboard = world.accountOf(person);
    expectAllThere(await browser.send('/compose', { ...HALF, act: 'save' }));
    await world.setPhase('parallel');
  });

  test('signed out in another tab: what the form still had is not lost', async () => {
    const person = await addPerson();
    const browser = await legacy(person);
    const written = await browser.open('/compose');
    await browser.send('/logout');
    browser.page = written;
    expect((await browser.send('/compose', { ...HALF, act: 'save' })).url.pathname).toBe('/login');
    expectAllThere(await browser.send('/login', { email_address: person.emailAddress, password: PASSWORD }));
  });

  test('another person at the same browser gets nothing of it, and neither does anybody too late', async () => {
    const person = await addPerson();
    const other = await addPerson();
    for (const [who, wait] of [
      [other, 0],
      [person, 3 * HOUR],
    ] as const) {
      const browser = await legacy(person);
      await browser.open('/compose');
      await runOut(person);
      await browser.send('/compose', { ...HALF, act: 'save' });
      world.clock.advance(wait);
      const next = await browser.send('/login', { email_address: who.emailAddress, password: PASSWORD });
      expect(next.text).not.toContain('拝啓');
      await legacy(person, browser);
      expect((await browser.open('/compose')).text).not.toContain('拝啓');
    }
    expect(
      await world.db.selectFrom('draft').select('id').where('person_id', '=', other.id).execute(),
    ).toEqual([]);
  });

  test('a form that names another person keeps nothing', async () => {
    const person = await addPerson();
    const other = await addPerson();
    const browser = await legacy(person);
    await browser.open('/compose');
    const token = /name="owner" value="([^"]+)"/.exec(browser.page?.html ?? '')?.[1] ?? '';
    const forged = `${other.id}.${token.split('.')[1]}`;
    await runOut(person);
    await browser.send('/compose', { ...HALF, owner: forged, act: 'save' });
    expect(
      await world.db.selectFrom('kept_form').select('draft_id').where('person_id', '=', other.id).execute(),
    ).toEqual([]);
  });

  test('every step on the server saves, the script in between, and a form sent twice is one draft', async () => {
    const person = await addPerson();
    const browser = await legacy(person);
    const page = await browser.open('/compose');
    const drafts = () =>
      world.db
        .selectFrom('draft')
        .select(['content', 'revision'])
        .where('person_id', '=', person.id)
        .execute();
    const live = await browser.send('/compose', { ...HALF, act: 'count' });
    expect(await drafts()).toHaveLength(1);
    browser.page = page;
    await Promise.all(Array.from({ length: 5 }, () => browser.send('/compose', { ...HALF, act: 'save' })));
    expect(await drafts()).toMatchObject([{ content: HALF, revision: 1 }]);
    const fields = Object.fromEntries(
      [...live.html.matchAll(/name="(_csrf|draft|owner)" value="([^"]*)"/g)].map(([, name, value]) => [
        name ?? '',
        value ?? '',
      ]),
    );
    const saved = await browser.post('/compose/save', { ...fields, ...HALF, body: 'もう少し書いた' });
    expect(saved.text).toContain('下書きを保存しました');
    expect(await drafts()).toMatchObject([{ content: { body: 'もう少し書いた' }, revision: 2 }]);
    await runOut(person);
    const ended = await browser.post('/compose/save', { ...fields, ...HALF });
    expect(ended.status).toBe(401);
    expect(ended.text).toContain('ログインのあとに続きから書けます');
  });
});
