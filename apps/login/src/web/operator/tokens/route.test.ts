import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addOperator } from '#domain/operators/operators.ts';
import { createOperatorToken } from '#domain/operators/tokens.ts';
import { DAY, MINUTE } from '#support/primitives/durations.ts';
import { Browser } from '#test/browser.ts';
import { PASSWORD, signIn, textOf } from '#test/steps.ts';
import { openWorld, type World } from '#test/world.ts';

const PAYLOAD = `"><img src=x onerror=alert(1)><script>alert(2)</script>`;
const LIST = '/operator/tokens';
const NEW = '/operator/tokens/new';

let world: World;
let chief: Browser;
let viewer: Browser;
beforeAll(async () => {
  world = await openWorld({ work: false });
  for (const role of ['administrator', 'viewer'] as const) {
    const emailAddress = `${role}@example.co.jp`;
    await world.addPerson(emailAddress, {}, { password: PASSWORD });
    await addOperator(world.database.db, { emailAddress, role }, { actor: 'operator:cli', now: world.now });
  }
  chief = await signedIn('administrator@example.co.jp');
  viewer = await signedIn('viewer@example.co.jp');
});
afterAll(() => world.close());

async function signedIn(who: string): Promise<Browser> {
  const browser = new Browser(world);
  await signIn(browser, '/sign-in', who);
  return browser;
}

async function make(browser: Browser, typed: Record<string, string>) {
  const answer = await browser.submit(await browser.open(NEW), NEW, typed);
  const token = /ui-secret[^>]*>(hko_[\w-]{43})</.exec(answer.body)?.[1] ?? '';
  return { answer, token };
}

function ask(token: string, path = '/consoles') {
  return world.app.server.inject({
    url: `/api/operator/v1${path}`,
    headers: { host: 'login.example.co.jp', authorization: `Bearer ${token}` },
  });
}

async function idOf(name: string): Promise<string> {
  const { id } = await world.database.db
    .selectFrom('operator_token')
    .select('id')
    .where('name', '=', name)
    .executeTakeFirstOrThrow();
  return id;
}

describe('R25, R26: API tokens on pages', () => {
  it('an operator makes one, it is shown this once and works, and ends when it is revoked', async () => {
    expect(textOf(await viewer.open(LIST))).toContain('まだトークンはありません');
    const { answer, token } = await make(viewer, { name: '夜間の集計', role: 'viewer', days: '９０' });
    expect(answer.statusCode).toBe(201);
    expect(answer.headers['cache-control']).toBe('no-store');
    expect((await ask(token)).statusCode).toBe(200);
    const list = await viewer.open(LIST);
    expect(textOf(list)).toContain('夜間の集計');
    expect(list.body).not.toContain(token);
    const path = `${LIST}/${await idOf('夜間の集計')}/revoke`;
    const ended = await viewer.submit(await viewer.open(path), path, {});
    expect(ended.path).toBe(`${LIST}?done=revoked`);
    expect(textOf(ended)).toContain('トークンを失効させました');
    expect((await ask(token)).statusCode).toBe(401);
    expect((await viewer.submit(await viewer.open(LIST), path, {})).statusCode).toBe(409);
  });

  it('each act is in the audit log, with the operator as actor', async () => {
    await make(viewer, { name: 'audited', role: 'viewer', days: '1' });
    const events = await world.database.db
      .selectFrom('audit_event')
      .select(['action', 'actor'])
      .where('action', 'in', ['operator-token.created', 'operator-token.revoked'])
      .orderBy('id')
      .execute();
    expect(events.map((event) => event.action)).toEqual([
      'operator-token.created',
      'operator-token.revoked',
      'operator-token.created',
    ]);
    for (const { actor } of events) expect(actor).toMatch(/^operator:acc_/);
  });

  it('A1: nobody makes one with more than the own role, and only administrators see and end those of others', async () => {
    const { answer } = await make(viewer, { name: 'too much', role: 'administrator', days: '90' });
    expect(answer.statusCode).toBe(422);
    expect(textOf(answer)).toContain('ご自分の権限を超えるものは選べません');
    const { token } = await make(chief, { name: 'of the chief', role: 'administrator', days: '90' });
    for (const path of [LIST, `${LIST}?whose=all`])
      expect(textOf(await viewer.open(path))).not.toContain('of the chief');
    const path = `${LIST}/${await idOf('of the chief')}/revoke`;
    expect((await viewer.open(path)).statusCode).toBe(404);
    expect((await viewer.submit(await viewer.open(LIST), path, {})).statusCode).toBe(404);
    expect((await ask(token)).statusCode).toBe(200);
    await make(viewer, { name: 'of the viewer', role: 'viewer', days: '90' });
    expect(textOf(await chief.open(LIST))).not.toContain('of the viewer');
    expect(textOf(await chief.open(`${LIST}?whose=all`))).toContain('of the viewer');
    const theirs = `${LIST}/${await idOf('of the viewer')}/revoke`;
    expect((await chief.submit(await chief.open(theirs), theirs, {})).path).toBe(
      `${LIST}?whose=all&done=revoked`,
    );
  });

  it.each([
    ['no name', { name: ' ', role: 'viewer', days: '90' }, '用途を100文字以内で'],
    ['no days', { name: 'x', role: 'viewer', days: '' }, '1から365まで'],
    ['too many days', { name: 'x', role: 'viewer', days: '366' }, '1から365まで'],
    ['a role that is none', { name: 'x', role: 'king', days: '90' }, 'ご自分の権限を超える'],
  ])('%s is told at its field, and nothing is made', async (_name, typed, words) => {
    const { answer } = await make(chief, typed);
    expect(answer.statusCode).toBe(422);
    expect(textOf(answer)).toContain(words);
  });

  it('A2: a name of script is shown as the text that it is', async () => {
    await make(chief, { name: PAYLOAD, role: 'viewer', days: '90' });
    for (const path of [LIST, `${LIST}/${await idOf(PAYLOAD)}/revoke`]) {
      const page = await chief.open(path);
      expect(textOf(page)).toContain('onerror=alert(1)');
      expect(page.body).not.toContain('<img src=x');
      expect(page.body).not.toContain('<script>alert');
    }
  });

  it('fifty stand on a page; the address leads on', async () => {
    for (let at = 0; at < 60; at++)
      await createOperatorToken(
        world.database.db,
        { name: `program ${at}`, role: 'viewer' },
        { actor: 'operator:cli', now: new Date(world.now.getTime() + at) },
      );
    const first = await chief.open(`${LIST}?whose=all`);
    const next = /rel="next" href="([^"]+)"/.exec(first.body)?.[1]?.replaceAll('&amp;', '&') ?? '';
    const second = await chief.open(next);
    const names = (body: string) => [...body.matchAll(/program (\d+)/g)].map(([, at]) => Number(at));
    expect(new Set([...names(first.body), ...names(second.body)]).size).toBe(60);
    expect(textOf(second)).toContain('最初へ');
  });

  it('who signed in a while ago proves who it is before a token is made; a token near its end is warned of', async () => {
    await make(chief, { name: 'ends soon', role: 'viewer', days: '10' });
    expect(textOf(await chief.open(LIST))).toContain('まもなく期限の切れるトークンがあります');
    expect(textOf(await chief.open(LIST))).toMatch(/あと\d日|あと10日/);
    world.pass(20 * MINUTE);
    expect((await chief.open(NEW)).path).toContain('/sign-in');
    expect((await chief.open(LIST)).path).toBe(LIST);
    world.pass(11 * DAY);
  });
});
