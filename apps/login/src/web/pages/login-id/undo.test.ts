import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DAY, HOUR, MINUTE, SECOND } from '#support/primitives/durations.ts';
import { Browser } from '#test/browser.ts';
import { apiSteps, expectProblem, type Change } from '#test/console-api.ts';
import { basic, codeIn, enter, PASSWORD, setPassword, signIn, textOf } from '#test/steps.ts';
import { openWorld, type World } from '#test/world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld({ environment: { HITOKAGI_LOG_LEVEL: 'debug' } });
  await world.addConsole('sms', { backchannelLogoutUri: 'http://sms.example.co.jp/auth/backchannel-logout' });
  await world.addConsole('mail');
});
afterAll(() => world.close());
beforeEach(() => world.pass(4 * DAY));

const { call, person, begin, look, confirm, addressOf } = apiSteps(() => world);
let moves = 0;

/** A person whose login ID was changed in the console, and the link that the former mailbox got. */
async function changed(options: Parameters<typeof person>[0] = {}) {
  const one = await person(options);
  return { ...one, ...(await change(one, `moved${++moves}@example.co.jp`)) };
}

async function change(of: { address: string; userId: string }, to: string) {
  const { id } = (await begin(of.userId, to)).json<Change>();
  const done = await confirm(id, codeIn((await world.nextMail(to)).text));
  expect(done.statusCode, done.body).toBe(200);
  const mail = await world.nextMail(of.address);
  return { id, to, mail, link: linkIn(mail.text) };
}

function linkIn(text: string): string {
  const found = /^http\S+$/m.exec(text)?.[0];
  if (!found) throw new Error(`No link in: ${text}`);
  return found;
}

/** Opens the link in a browser that nobody is signed in with and presses the button; where the page has none any more, as if it had stood open in another tab. */
async function undo(link: string, browser = new Browser(world)) {
  const page = await browser.open(link);
  return browser.submit(page, '/login-id/undo', { token: tokenIn(link) });
}

function tokenIn(link: string): string {
  return new URL(link).searchParams.get('token') ?? '';
}

const rows = {
  events: (accountId: string) =>
    world.database.db
      .selectFrom('account_event')
      .select(['kind', 'from_console_id', 'detail'])
      .where('account_id', '=', accountId)
      .orderBy('number')
      .execute(),
  sessions: (accountId: string) =>
    world.database.db.selectFrom('sso_session').select('uid').where('account_id', '=', accountId).execute(),
};

describe('R18: the former mailbox undoes a change', () => {
  it('the mail has one link, to our own host; its page shows what changed, when and from where, and opening it changes nothing', async () => {
    const at = await changed();
    expect(at.mail.text.match(/https?:\/\/\S+/g)).toEqual([at.link]);
    expect(at.link).toMatch(/^http:\/\/login\.example\.co\.jp\/login-id\/undo\?token=[\w-]{43}$/);
    expect([...at.mail.html.matchAll(/href="([^"]*)"/g)].map(([, href]) => href)).toEqual([at.link]);
    for (let times = 0; times < 3; times++) {
      const page = await new Browser(world).open(at.link);
      expect(page.statusCode).toBe(200);
      const text = textOf(page);
      for (const said of [at.address, at.to, '2026年', '管理画面sms', '変更を取り消す'])
        expect(text).toContain(said);
      // The other one switches the language.
      expect(page.body.match(/<button/g)).toHaveLength(2);
      expect(page.headers).toMatchObject({ 'referrer-policy': 'no-referrer', 'cache-control': 'no-store' });
      expect(page.headers['set-cookie']).toBeUndefined();
    }
    expect(await addressOf(at.accountId)).toBe(at.to);
    expect((await look(at.id)).json<Change>().state).toBe('confirmed');
  });

  it('the button restores the address, tells both mailboxes and every console, the asking one too, and the audit log', async () => {
    const at = await changed();
    const page = await undo(at.link);
    expect(page.statusCode).toBe(200);
    expect(page.headers['referrer-policy']).toBe('no-referrer');
    expect(textOf(page)).toContain('変更を取り消しました');
    expect(await addressOf(at.accountId)).toBe(at.address);
    expect((await look(at.id)).json<Change>()).toMatchObject({ state: 'undone', version: 1 });
    expect((await world.nextMail(at.address)).subject).toContain('ログインIDの変更を取り消しました');
    expect((await world.nextMail(at.to)).subject).toContain(
      'このメールアドレスはログインIDではなくなりました',
    );
    expect((await rows.events(at.accountId)).at(-1)).toEqual({
      kind: 'login-id-changed',
      from_console_id: null,
      detail: { emailAddress: at.address, previousEmailAddress: at.to, version: 2 },
    });
    const audit = await world.database.db
      .selectFrom('audit_event')
      .select(['actor', 'detail'])
      .where('account_id', '=', at.accountId)
      .where('action', '=', 'login-id.undone')
      .execute();
    expect(audit).toMatchObject([
      { actor: 'undo-link', detail: { from: at.to, to: at.address, version: 2, undone: [at.id] } },
    ]);
  });

  it('everything done with the new mailbox is void: password, sessions, pending sign-ins, codes; the reset of the old mailbox is the way in', async () => {
    const at = await changed();
    const thief = new Browser(world);
    world.pass(61 * SECOND);
    await setPassword(world, thief, '/sign-in', at.to, 'Thief-no-oto 77 desu');
    await world.nextMail(at.to);
    await enter(world, thief, 'sms', { address: at.to, password: 'Thief-no-oto 77 desu' });
    expect(await rows.sessions(at.accountId)).toHaveLength(1);
    // Two that are half way: a code to set a password, and a change that goes on.
    const half = new Browser(world);
    world.pass(61 * SECOND);
    const ask = await half.open('/reset');
    const codePage = await half.submit(ask, '/reset', { email_address: at.to });
    const code = codeIn((await world.nextMail(at.to)).text);
    const next = (await begin(at.userId, 'further@example.co.jp')).json<Change>();
    const further = codeIn((await world.nextMail('further@example.co.jp')).text);

    const done = await undo(at.link);
    expect(textOf(done)).toContain('変更のあとに設定されたパスワードは使えません');
    expect(await rows.sessions(at.accountId)).toEqual([]);
    const refused = await half.submit(codePage, codePage.path, {
      code,
      password: 'Second-thief 78 desu',
      confirmation: 'Second-thief 78 desu',
    });
    expect(textOf(refused)).not.toContain('ログインしました');
    expect(await rows.sessions(at.accountId)).toEqual([]);
    expectProblem(await confirm(next.id, further), 409, 'changed-meanwhile');
    for (const address of [at.to, at.address])
      expect((await signIn(new Browser(world), '/sign-in', address, 'Thief-no-oto 77 desu')).statusCode).toBe(
        401,
      );
    const own = new Browser(world);
    await world.nextMail(at.address);
    world.pass(61 * SECOND);
    await setPassword(world, own, '/sign-in', at.address, 'Owner-no-oto 79 desu');
    expect((await own.open('/')).body).toContain(at.address);
    expect((await rows.events(at.accountId)).map((event) => event.kind)).toEqual([
      'login-id-changed',
      'password-changed',
      'login-id-changed',
      'password-changed',
      'password-changed',
    ]);
  });

  it('a password that stood before the change stays', async () => {
    const at = await changed({ password: PASSWORD });
    await undo(at.link);
    expect(textOf(await signIn(new Browser(world), '/sign-in', at.address))).toContain(at.address);
  });

  it('V1: 50 at once undo it once', async () => {
    const at = await changed();
    const page = await new Browser(world).open(at.link);
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => new Browser(world).submit(page, '/login-id/undo', {})),
    );
    expect(answers.map((answer) => answer.statusCode)).toEqual(Array.from({ length: 50 }, () => 200));
    const account = await world.database.db
      .selectFrom('account')
      .select(['email_address', 'login_id_version'])
      .where('id', '=', at.accountId)
      .executeTakeFirstOrThrow();
    expect(account).toEqual({ email_address: at.address, login_id_version: 2 });
    await world.nextMail(at.to);
    expect(
      world.mails.filter((mail) => mail.to === at.to && mail.subject.includes('なくなりました')),
    ).toHaveLength(1);
  });

  it.each<[string, number, number]>([
    ['71:59', 72 * HOUR - 1 * MINUTE, 200],
    ['72:00 less a millisecond', 72 * HOUR - 1, 200],
    ['72:00', 72 * HOUR, 410],
    ['72:01', 72 * HOUR + 1 * MINUTE, 410],
  ])('after %s', async (_name, passed, status) => {
    const at = await changed();
    world.pass(passed);
    const browser = new Browser(world);
    const page = await browser.open(at.link);
    expect(page.statusCode).toBe(status);
    const answer = await browser.request('POST', '/login-id/undo', {
      token: tokenIn(at.link),
    });
    expect(answer.statusCode).toBe(status === 200 ? 303 : 410);
    expect(await addressOf(at.accountId)).toBe(status === 200 ? at.address : at.to);
    if (status === 410) {
      expect(textOf(page)).toContain('取り消しの期限を過ぎているか');
      // A clock that is set back revives nothing.
      world.pass(-1 * DAY);
      expect((await undo(at.link)).statusCode).toBe(410);
      expect(await addressOf(at.accountId)).toBe(at.to);
      world.pass(1 * DAY);
    }
  });

  it('with a clock that was set back behind the change it works all the same', async () => {
    const at = await changed();
    world.pass(61 * SECOND);
    await setPassword(world, new Browser(world), '/sign-in', at.to, 'Thief-no-oto 77 desu');
    world.pass(-2 * DAY);
    await undo(at.link);
    expect(
      (await signIn(new Browser(world), '/sign-in', at.address, 'Thief-no-oto 77 desu')).statusCode,
    ).toBe(401);
    expect(await addressOf(at.accountId)).toBe(at.address);
    world.pass(2 * DAY);
  });

  it('V1: an altered token opens nothing, and undoes nothing', async () => {
    const at = await changed();
    const token = tokenIn(at.link);
    const other = (sign: string): string => (sign === 'A' ? 'B' : 'A');
    const altered = [
      // Each sign replaced, the last one also by those that stand for the same bytes in base64url.
      ...[...token].map((sign, nth) => token.slice(0, nth) + other(sign) + token.slice(nth + 1)),
      ...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
        .split('')
        .map((sign) => token.slice(0, -1) + sign)
        .filter((one) => one !== token),
      token.slice(0, -1),
      token.slice(1),
      token.toLowerCase(),
      token.toUpperCase(),
      [...token].toReversed().join(''),
      ...['=', '==', ' ', '\0', '\n', '%', "'", 'A'].flatMap((sign) => [
        `${token}${sign}`,
        `${sign}${token}`,
      ]),
      `${token}${token}`,
      [...token].map((sign) => String.fromCharCode(sign.charCodeAt(0) + 0xfee0)).join(''),
      Buffer.from(token, 'base64url').toString('hex'),
      at.id,
    ];
    expect(altered).not.toContain(token);
    for (const one of altered) {
      const posted = await new Browser(world).request('POST', '/login-id/undo', { token: one });
      expect([one, posted.statusCode]).toEqual([
        one,
        expect.toSatisfy((status) => [400, 404].includes(status)),
      ]);
    }
    for (const payload of [
      `token=${token}&token=${token}`,
      `token[]=${token}`,
      `token[0]=${token}`,
      `Token=${token}`,
      `token%00=${token}`,
    ]) {
      const posted = await world.app.server.inject({
        method: 'POST',
        url: `/login-id/undo?token=${token}`,
        headers: { host: 'login.example.co.jp', 'content-type': 'application/x-www-form-urlencoded' },
        payload,
      });
      expect([payload, posted.statusCode]).toEqual([payload, 404]);
    }
    expect(await addressOf(at.accountId)).toBe(at.to);
    expect((await new Browser(world).request('POST', '/login-id/undo', { token })).statusCode).toBe(303);
  });

  it('V1: the token of another account undoes that account’s change and no other; with two at once none', async () => {
    const [mine, theirs] = [await changed(), await changed()];
    const both = await world.app.server.inject({
      method: 'POST',
      url: '/login-id/undo',
      headers: { host: 'login.example.co.jp', 'content-type': 'application/x-www-form-urlencoded' },
      payload: `token=${tokenIn(mine.link)}&token=${tokenIn(theirs.link)}`,
    });
    expect(both.statusCode).toBe(404);
    // On the open page of the one change, with what belongs to the other.
    const browser = new Browser(world);
    await browser.submit(await browser.open(mine.link), '/login-id/undo', { token: tokenIn(theirs.link) });
    expect(await addressOf(mine.accountId)).toBe(mine.to);
    expect(await addressOf(theirs.accountId)).toBe(theirs.address);
  });

  it('V1: a link that was used does nothing to a later change to the same address, whatever the clock says', async () => {
    const at = await changed();
    await undo(at.link);
    const { to } = at;
    for (const told of [to, at.address]) await world.nextMail(told);
    world.pass(61 * SECOND);
    const again = await change({ address: at.address, userId: at.userId }, to);
    for (const back of [1, 61 * SECOND, 1 * HOUR, 71 * HOUR]) {
      world.pass(-back);
      await undo(at.link);
      expect(await addressOf(at.accountId)).toBe(to);
      world.pass(back);
    }
    await undo(again.link);
    expect(await addressOf(at.accountId)).toBe(at.address);
  });

  it('a link that was used, and one that never was, lead on', async () => {
    const at = await changed();
    await undo(at.link);
    const again = await undo(at.link);
    expect([again.statusCode, textOf(again).includes('変更を取り消しました')]).toEqual([200, true]);
    for (const token of ['', 'x', 'A'.repeat(43), '%E2%9C%93', 'a'.repeat(1_900)]) {
      const page = await new Browser(world).open(`/login-id/undo?token=${token}`);
      expect([page.statusCode, textOf(page).includes('次にできること')]).toEqual([404, true]);
      const posted = await new Browser(world).request('POST', '/login-id/undo', { token });
      expect(posted.statusCode).toBe(404);
    }
  });

  it('needs no origin, as browsers send none with no-referrer; and a stranger’s page has not the token', async () => {
    const at = await changed();
    const token = tokenIn(at.link);
    const browser = new Browser(world);
    const foreign = { origin: 'https://evil.example.com', 'sec-fetch-site': 'cross-site' };
    expect((await browser.request('POST', '/login-id/undo', { token: '' }, foreign)).statusCode).toBe(404);
    expect(await addressOf(at.accountId)).toBe(at.to);
    expect((await browser.request('POST', '/login-id/undo', { token }, { origin: 'null' })).statusCode).toBe(
      303,
    );
    expect(await addressOf(at.accountId)).toBe(at.address);
  });

  it('V4: the token stands in no log line, no table and no other mail', async () => {
    const at = await changed();
    const token = tokenIn(at.link);
    await undo(at.link);
    await world.nextMail(at.to);
    expect(world.logLines.some((line) => line.includes('/login-id/undo'))).toBe(true);
    expect(world.logLines.join('\n')).not.toContain(token);
    const { rows: held } = await world.database.pool.query<{ text: string }>(
      'select m::text as text from message m union all select c::text from login_id_change c union all select a::text from audit_event a union all select j::text from jobs.job j',
    );
    expect(held.map((row) => row.text).join('\n')).not.toContain(token);
    expect(world.mails.filter((mail) => mail.text.includes(token))).toHaveLength(1);
  });

  it('V2: whatever host a request names, the link is the issuer’s', async () => {
    const one = await person();
    const { id } = (await begin(one.userId, 'poisoned@example.co.jp')).json<Change>();
    const code = codeIn((await world.nextMail('poisoned@example.co.jp')).text);
    const answer = await call(
      'POST',
      `/login-id-changes/${id}/confirm`,
      { code },
      {
        'x-forwarded-host': 'evil.example.com',
        forwarded: 'host=evil.example.com',
      },
    );
    expect(answer.statusCode).toBe(200);
    const mail = await world.nextMail(one.address);
    expect(`${mail.text}${mail.html}`).not.toContain('evil');
    expect(linkIn(mail.text)).toMatch(/^http:\/\/login\.example\.co\.jp\//);
  });

  it('R8: page and mails in English for whoever reads English', async () => {
    const at = await changed({ locale: 'en' });
    expect(at.mail.text).toContain('press “Undo the change”');
    const browser = new Browser(world);
    delete browser.headers['accept-language'];
    expect(textOf(await browser.open(at.link))).toContain('Console sms');
    expect(textOf(await undo(at.link, browser))).toContain('The change was undone');
    expect((await world.nextMail(at.address)).subject).toContain('The change of your login ID was undone');
    expect((await world.nextMail(at.to)).subject).toContain('This address is no login ID any more');
  });
});

describe('V4: a link lies in its mailbox for years, and others may read that by then', () => {
  const address = /[\w.+-]+@[\w.-]+/g;
  const bodyOf = async (link: string): Promise<string> => {
    const { body } = await new Browser(world).open(link);
    // The brand's support is on every page.
    return body.replaceAll(tokenIn(link), '…').replaceAll('support@example.co.jp', '…');
  };
  const state = (accountId: string, to: 'active' | 'closed') =>
    world.database.db.updateTable('account').set({ state: to }).where('id', '=', accountId).execute();

  it('while it can be used its page says what its mail said, and nothing that happened since', async () => {
    const at = await changed();
    const before = await bodyOf(at.link);
    expect([...new Set(before.match(address))].toSorted()).toEqual([at.address, at.to].toSorted());
    world.pass(61 * SECOND);
    await setPassword(world, new Browser(world), '/sign-in', at.to);
    await world.nextMail(at.to);
    expect(await bodyOf(at.link)).toBe(before);
    world.pass(61 * SECOND);
    await change({ address: at.to, userId: at.userId }, `later-${at.to}`);
    expect(await bodyOf(at.link)).toBe(before);
  });

  it('once it was used, by itself or through an older one, its page says that, and the same for ever and for everybody', async () => {
    const one = await changed();
    world.pass(61 * SECOND);
    const later = await change({ address: one.to, userId: one.userId }, `later-${one.to}`);
    await undo(one.link);
    const other = await changed({ password: PASSWORD });
    await undo(other.link);
    const page = await bodyOf(one.link);
    expect(page).toContain('変更を取り消しました');
    expect(page).not.toMatch(address);
    expect(page).not.toMatch(/\d{4}年/);
    expect(page).toContain('href="/reset"');
    for (const link of [other.link, later.link]) expect(await bodyOf(link)).toBe(page);
    await world.nextMail(one.address);
    world.pass(61 * SECOND);
    await setPassword(world, new Browser(world), '/sign-in', one.address);
    await state(other.accountId, 'closed');
    world.pass(400 * DAY);
    for (const link of [one.link, other.link, later.link]) expect(await bodyOf(link)).toBe(page);
  });

  it('once its time is over, or the account is closed, its page says that it is over, and the same for everybody', async () => {
    const [late, closed] = [await changed(), await changed({ password: PASSWORD })];
    await state(closed.accountId, 'closed');
    const over = await new Browser(world).open(closed.link);
    expect(over.statusCode).toBe(410);
    const page = await bodyOf(closed.link);
    expect(page).not.toMatch(address);
    expect(page).not.toMatch(/\d{4}年/);
    expect(page).not.toContain('<form action="/login-id/undo"');
    const posted = await undo(closed.link);
    expect([posted.statusCode, await addressOf(closed.accountId)]).toEqual([410, closed.to]);
    world.pass(72 * HOUR);
    for (const link of [late.link, closed.link]) expect(await bodyOf(link)).toBe(page);
    await state(closed.accountId, 'active');
    expect(await bodyOf(closed.link)).toBe(page);
  });
});

describe('R18: several changes of one login ID', () => {
  it('an older undo takes the later changes with it', async () => {
    const first = await changed();
    world.pass(61 * SECOND);
    const second = await change({ address: first.to, userId: first.userId }, 'second-hop@example.co.jp');
    await undo(first.link);
    expect(await addressOf(first.accountId)).toBe(first.address);
    const late = await new Browser(world).open(second.link);
    expect(textOf(late)).toContain('変更を取り消しました');
    for (const id of [first.id, second.id]) expect((await look(id)).json<Change>().state).toBe('undone');
    expect((await world.nextMail('second-hop@example.co.jp')).subject).toContain('なくなりました');
  });

  it('an undo of the later one leaves the earlier one, which can be undone in its own time', async () => {
    const first = await changed();
    world.pass(1 * HOUR);
    const second = await change({ address: first.to, userId: first.userId }, 'third-hop@example.co.jp');
    await undo(second.link);
    expect(await addressOf(first.accountId)).toBe(first.to);
    expect((await look(first.id)).json<Change>().state).toBe('confirmed');
    await undo(first.link);
    expect(await addressOf(first.accountId)).toBe(first.address);
    const versions = await world.database.db
      .selectFrom('account')
      .select('login_id_version')
      .where('id', '=', first.accountId)
      .executeTakeFirstOrThrow();
    expect(versions.login_id_version).toBe(4);
  });

  it('the old address was given away after the 72 hours: a clock that is set back takes it from nobody', async () => {
    const at = await changed();
    world.pass(72 * HOUR);
    await world.addPerson(at.address, { mail: 'new-owner' });
    world.pass(-1 * HOUR);
    const browser = new Browser(world);
    const page = await undo(at.link, browser);
    expect([page.statusCode, textOf(page).includes('自動では元に戻せません')]).toEqual([409, true]);
    expect(await addressOf(at.accountId)).toBe(at.to);
    world.pass(1 * HOUR);
  });

  it('another console’s change that was open is ended by an undo too', async () => {
    const address = 'undo-both@example.co.jp';
    const accountId = await world.addPerson(address, { sms: 'ub-1', mail: 'ub-2' });
    const moved = await change({ address, userId: 'ub-1' }, 'undo-both-2@example.co.jp');
    world.pass(61 * SECOND);
    const asMail = { authorization: basic('mail') };
    const other = await call(
      'POST',
      '/login-id-changes',
      { consoleUserId: 'ub-2', newEmailAddress: 'undo-both-3@example.co.jp', locale: 'ja' },
      asMail,
    );
    const code = codeIn((await world.nextMail('undo-both-3@example.co.jp')).text);
    await undo(moved.link);
    expectProblem(
      await call('POST', `/login-id-changes/${other.json<Change>().id}/confirm`, { code }, asMail),
      409,
      'changed-meanwhile',
    );
    expect(await addressOf(accountId)).toBe(address);
  });
});
