import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DAY, MINUTE, SECOND } from '#support/primitives/durations.ts';
import { Browser } from '#test/browser.ts';
import { apiSteps, expectProblem } from '#test/console-api.ts';
import { askByOperator } from '#test/operator-change.ts';
import { codeIn, otherCode, PASSWORD, setPassword, signIn, textOf } from '#test/steps.ts';
import { openWorld, type World } from '#test/world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld({ environment: { HITOKAGI_LOG_LEVEL: 'debug' } });
  await world.addConsole('sms');
});
afterAll(() => world.close());
beforeEach(() => world.pass(4 * DAY));

const { call, person, begin, addressOf } = apiSteps(() => world);
let lost = 0;

const ask = (accountId: string, { newEmailAddress, ...more }: Record<string, unknown>) =>
  askByOperator(world, accountId, newEmailAddress, more);

/** Somebody who lost the mailbox, and the mail to the new one. */
async function asked(options: Parameters<typeof person>[0] = {}, locale: 'ja' | 'en' = 'ja') {
  const one = await person(options);
  const to = `regained${++lost}@example.co.jp`;
  const answer = await ask(one.accountId, { newEmailAddress: to, locale });
  expect(answer.statusCode, answer.body).toBe(201);
  const mail = await world.nextMail(to);
  const link = /^http\S+$/m.exec(mail.text)?.[0] ?? '';
  return { ...one, to, mail, link, path: new URL(link).pathname, code: codeIn(mail.text) };
}

async function type(at: { path: string }, code: string, browser = new Browser(world)) {
  return browser.submit(await browser.open(at.path), at.path, { code });
}

describe('R18: an operator changes the login ID of somebody who lost the mailbox', () => {
  it('only with the code that the new mailbox got, typed on a page of ours without a sign-in', async () => {
    const at = await asked({ password: PASSWORD });
    expect(at.link).toMatch(/^http:\/\/login\.example\.co\.jp\/login-id\/code\/vrq_\w+$/);
    expect(await addressOf(at.accountId)).toBe(at.address);
    const page = await new Browser(world).open(at.path);
    expect(page.statusCode).toBe(200);
    for (const secret of [at.address, at.to, '見本 太郎', '見本商事'])
      expect(page.body).not.toContain(secret);
    const done = await type(at, ` ${at.code.slice(0, 4)}－${at.code.slice(4)}`);
    expect([done.statusCode, textOf(done).includes(at.to)]).toEqual([200, true]);
    expect(await addressOf(at.accountId)).toBe(at.to);
    expect(textOf(await signIn(new Browser(world), '/sign-in', at.to))).toContain(at.to);
  });

  it('the former mailbox is told that the support did it, and undoes it; the audit log names the operator and the reason', async () => {
    const at = await asked();
    await type(at, at.code);
    const told = await world.nextMail(at.address);
    expect(told.text).toContain('サポート窓口でのお手続きにより');
    const link = /^http\S+$/m.exec(told.text)?.[0] ?? '';
    const browser = new Browser(world);
    const page = await browser.open(link);
    expect(textOf(page)).toContain('サポート窓口でのお手続き');
    await browser.submit(page, '/login-id/undo', {});
    expect(await addressOf(at.accountId)).toBe(at.address);
    const events = await world.database.db
      .selectFrom('audit_event')
      .select(['action', 'actor', 'detail'])
      .where('account_id', '=', at.accountId)
      .where('action', 'like', 'login-id%')
      .orderBy('id')
      .execute();
    const actor = expect.stringMatching(/^operator:opt_/) as string;
    const detail = expect.objectContaining({ reason: '本人確認済み（見本 1）' }) as object;
    expect(events.slice(0, 2)).toEqual([
      { action: 'login-id.change-requested', actor, detail },
      { action: 'login-id.changed', actor, detail },
    ]);
    expect(events).toHaveLength(3);
  });

  it('all consoles of the account are told', async () => {
    const at = await asked();
    await type(at, at.code);
    const events = await world.database.db
      .selectFrom('account_event')
      .select(['kind', 'from_console_id', 'detail'])
      .where('account_id', '=', at.accountId)
      .execute();
    expect(events).toMatchObject([
      { kind: 'login-id-changed', from_console_id: null, detail: { emailAddress: at.to, version: 1 } },
    ]);
  });

  it('a wrong code counts, five of them end the codes, another one is sent on the page; and a malformed one says so', async () => {
    const at = await asked();
    expect(textOf(await type(at, '123'))).toContain('8桁の数字');
    expect(textOf(await type(at, ''))).toContain('検証コードを入力してください');
    for (const left of [4, 3, 2, 1])
      expect(textOf(await type(at, otherCode(at.code)))).toContain(`あと${left}回`);
    await type(at, otherCode(at.code));
    expect((await type(at, at.code)).statusCode).toBe(429);
    const browser = new Browser(world);
    const soon = await browser.submit(await browser.open(at.path), `${at.path}/resend`, {});
    expect([soon.statusCode, soon.headers['retry-after']]).toEqual([429, '60']);
    world.pass(61 * SECOND);
    const sent = await browser.submit(await browser.open(at.path), `${at.path}/resend`, {});
    expect(textOf(sent)).toContain('もう一度お送りしました');
    await type(at, codeIn((await world.nextMail(at.to)).text));
    expect(await addressOf(at.accountId)).toBe(at.to);
  });

  it('V1: 30 at once with the right code change it once', async () => {
    const at = await asked();
    const page = await new Browser(world).open(at.path);
    const answers = await Promise.all(
      Array.from({ length: 30 }, () => new Browser(world).submit(page, at.path, { code: at.code })),
    );
    expect(answers.filter((answer) => answer.statusCode === 200)).toHaveLength(1);
    expect(answers.every((answer) => answer.statusCode < 500)).toBe(true);
  });

  it('a page that never was, is over, or is a console’s or a reset’s looks the same, whatever is typed', async () => {
    const at = await asked();
    await type(at, at.code);
    const expired = await asked();
    world.pass(1 * DAY);
    const { userId } = await person();
    await begin(userId, 'of-a-console@example.co.jp');
    const reset = new Browser(world);
    await reset.submit(await reset.open('/reset'), '/reset', { email_address: at.to });
    const ids = await world.database.db
      .selectFrom('verification_request')
      .select('id')
      .where('ended_at', 'is', null)
      .where('created_at', '=', world.now)
      .execute();
    expect(ids).toHaveLength(2);
    const paths = ['vrq_never', '%E2%9C%93', ...ids.map((row) => row.id)].map((id) => `/login-id/code/${id}`);
    const masked = (body: string) => body.replaceAll(/login-id\/code\/[^"&]*/g, 'PATH');
    const bodies = new Set<string>();
    for (const path of [...paths, at.path, expired.path]) {
      const page = await new Browser(world).open(path);
      expect(page.statusCode).toBe(410);
      bodies.add(masked(page.body));
      const posted = await new Browser(world).request('POST', path, { code: '12345678' });
      expect(posted.statusCode).toBe(410);
      bodies.add(masked(posted.body));
    }
    expect(bodies.size).toBe(1);
  });

  it('V4: no log line names the page of a change: whoever reads logs could use up its tries', async () => {
    const at = await asked();
    world.pass(61 * SECOND);
    const browser = new Browser(world);
    await type(at, otherCode(at.code), browser);
    await browser.submit(await browser.open(at.path), `${at.path}/resend`, {});
    await browser.request('GET', `${at.path}/resend`);
    await browser.request('GET', `${at.path}/`);
    await browser.request('POST', at.path, { code: at.code }, { origin: 'https://evil.example.com' });
    await browser.request('GET', at.path, undefined, { host: 'evil.example.com' });
    await type(at, codeIn((await world.nextMail(at.to)).text), browser);
    const paths = world.logLines.flatMap((line) => /"path":"(\/login-id\/code[^"]*)"/.exec(line)?.[1] ?? []);
    expect(new Set(paths)).toEqual(new Set(['/login-id/code/:request', '/login-id/code/:request/resend']));
    expect(world.logLines.join('\n')).not.toContain(at.path.split('/').at(-1));
  });

  it('changed in the console meanwhile: the code changes nothing and the page says so', async () => {
    const at = await asked();
    world.pass(1 * SECOND);
    const other = (await begin(at.userId, 'quicker@example.co.jp')).json<{ id: string }>();
    const code = codeIn((await world.nextMail('quicker@example.co.jp')).text);
    await call('POST', `/login-id-changes/${other.id}/confirm`, { code });
    const page = await type(at, at.code);
    expect([page.statusCode, textOf(page).includes('取りやめになりました')]).toEqual([409, true]);
    expect(await addressOf(at.accountId)).toBe('quicker@example.co.jp');
  });

  it('asked again, the earlier page is over', async () => {
    const at = await asked();
    await ask(at.accountId, { newEmailAddress: 'asked-again@example.co.jp' });
    expect((await new Browser(world).open(at.path)).statusCode).toBe(410);
    expect((await type(at, at.code).catch(() => undefined))?.statusCode).toBe(410);
    expect(await addressOf(at.accountId)).toBe(at.address);
  });

  it('the operator is refused clearly', async () => {
    const [one, other] = [await person(), await person()];
    const at = await asked();
    await type(at, at.code);
    for (const [body, status, code] of [
      [{ newEmailAddress: other.address }, 409, 'address-taken'],
      [{ newEmailAddress: at.address }, 409, 'address-reserved'],
      [{ newEmailAddress: one.address }, 422, 'address-unchanged'],
      [{ newEmailAddress: 'x' }, 422, 'address-malformed'],
      [{ newEmailAddress: 'fine@example.co.jp', reason: '  ' }, 422, 'reason-missing'],
      [{ newEmailAddress: 'fine@example.co.jp', locale: 'fr' }, 422, 'malformed'],
    ] as const)
      expectProblem(await ask(one.accountId, body), status, code);
    expectProblem(await ask('acc_never', { newEmailAddress: 'fine@example.co.jp' }), 404, 'account-unknown');
    const suspended = await person({ state: 'suspended' });
    expectProblem(
      await ask(suspended.accountId, { newEmailAddress: 'fine@example.co.jp' }),
      409,
      'account-state-unfit',
    );
  });

  it('the person goes on to set a password', async () => {
    const at = await asked();
    const done = await type(at, at.code);
    expect(done.body).toContain(`/reset?login_hint=${encodeURIComponent(at.to)}`);
    world.pass(2 * MINUTE);
    const browser = new Browser(world);
    await setPassword(world, browser, '/sign-in', at.to);
    expect((await browser.open('/')).body).toContain(at.to);
  });

  it('R8: in English for whoever reads English', async () => {
    const at = await asked({}, 'en');
    expect(at.mail.text).toContain('as our support was asked to');
    const browser = new Browser(world);
    expect(textOf(await browser.open(at.path))).toContain('Confirm the new address');
    expect(textOf(await type(at, at.code, browser))).toContain('Your login ID has changed');
  });
});
