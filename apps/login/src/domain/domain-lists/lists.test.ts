import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DAY, HOUR } from '#support/primitives/durations.ts';
import { statementsOf } from '#test/statements.ts';
import { openWorld, type World } from '#test/world.ts';
import { entryText, requiredDomains } from './entries.ts';
import { domainListsOf, publishDomainList, recordFirstLists } from './lists.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld({ work: false });
  await world.addConsole('sms', {
    homeUrl: 'https://sms.example.co.jp/',
    initiateLoginUri: 'https://sms.example.co.jp/auth/start',
    redirectUris: ['https://sms.example.co.jp/auth/callback'],
    postLogoutRedirectUris: ['https://sms.example.co.jp/'],
  });
  await world.database.db
    .updateTable('console')
    .set({
      domains: ['old.example.co.jp', 'files.example.co.jp'],
      legacy_login_url: 'https://old.example.co.jp:8443/login',
    })
    .execute();
  await world.addPerson('taro@example.co.jp', { sms: '1' });
  await world.addPerson('hanako@example.co.jp', { sms: '2' }, { locale: 'en' });
});
afterAll(() => world.close());

const own = (senderAddress = 'no-reply@login.example.co.jp') => ({
  pagesUrl: 'https://common-ui.example.co.jp',
  issuer: 'https://common-api.example.co.jp',
  brand: { senderAddress },
});
const row = (clientId = 'sms') =>
  world.database.db
    .selectFrom('console')
    .selectAll()
    .where('client_id', '=', clientId)
    .executeTakeFirstOrThrow();
const db = () => world.database.db;
const by = () => ({ actor: 'operator:cli', now: world.now });
const published = async (audited = 'domain-list.published') =>
  (
    await db()
      .selectFrom('audit_event')
      .select('detail')
      .where('action', '=', audited)
      .orderBy('id')
      .execute()
  ).map(({ detail }) => (detail as { version: number }).version);

describe('R22: the domains that a console needs', () => {
  it('are our own, all of its addresses, each once, and the one that mails come from', async () => {
    expect(
      requiredDomains(own(), await row()).map((entry) => `${entry.purpose} ${entryText(entry)}`),
    ).toEqual([
      'pages common-ui.example.co.jp:443',
      'api common-api.example.co.jp:443',
      'console files.example.co.jp:443',
      'console old.example.co.jp:8443',
      'console sms.example.co.jp:443',
      'mail login.example.co.jp',
    ]);
  });

  it('with one URL name it once', async () => {
    const one = { ...own(), issuer: own().pagesUrl };
    expect(requiredDomains(one, await row()).filter(({ purpose }) => purpose !== 'console')).toEqual([
      { host: 'common-ui.example.co.jp', port: 443, purpose: 'pages' },
      { host: 'login.example.co.jp', port: null, purpose: 'mail' },
    ]);
  });
});

describe('R22: the published list', () => {
  it('has its first version by itself, once, however many nodes record it; until then it is version 0', async () => {
    const about = { console: await row(), own: own() };
    expect(await domainListsOf(db(), about, world.now)).toMatchObject([{ version: 0, madeBy: 'system' }]);
    await Promise.all(Array.from({ length: 8 }, () => recordFirstLists(db(), own(), world.now)));
    expect(await domainListsOf(db(), about, world.now)).toMatchObject([
      { version: 1, madeBy: 'system', validFrom: world.now, noticeId: null },
    ]);
    expect(await published()).toEqual([1]);
    const later = await statementsOf(() => recordFirstLists(db(), own(), world.now));
    expect(later).toHaveLength(1);
  });

  it('is not published anew while it is what the configuration says', async () => {
    const about = { console: await row(), own: own() };
    const wanted = { version: 1, validFrom: world.now, tell: true };
    expect(await publishDomainList(db(), about, wanted, by())).toEqual({
      ok: false,
      reason: 'nothing-changed',
    });
  });

  it('takes no day of the past, and none that nobody plans for', async () => {
    const about = { console: await row(), own: own('no-reply@mail.example.co.jp') };
    for (const validFrom of [
      new Date(world.now.getTime() - 25 * HOUR),
      new Date(world.now.getTime() + 401 * DAY),
    ])
      expect(
        await publishDomainList(db(), about, { version: 1, validFrom, tell: false }, by()),
      ).toMatchObject({ ok: false, reason: 'date-unfit' });
    expect(await published()).toEqual([1]);
  });

  it('of twenty operators who publish at once one succeeds, with one notice', async () => {
    const about = { console: await row(), own: own('no-reply@mail.example.co.jp') };
    const wanted = { version: 1, validFrom: new Date(world.now.getTime() + 30 * DAY), tell: true };
    const results = await Promise.all(
      Array.from({ length: 20 }, () => publishDomainList(db(), about, wanted, by())),
    );
    expect(results.filter((one) => one.ok)).toMatchObject([{ version: 2, recipients: 2 }]);
    for (const one of results.filter((other) => !other.ok))
      expect(one).toEqual({ ok: false, reason: 'changed-meanwhile' });
    expect(await published()).toEqual([1, 2]);
    const notices = await db().selectFrom('notice').select(['id', 'kind']).execute();
    expect(notices).toHaveLength(1);
    expect((await domainListsOf(db(), about, world.now))[0]).toMatchObject({
      version: 2,
      noticeId: notices[0]?.id,
    });
  });

  it('a change tells everybody which domains, from when, and where the list is, in their language', async () => {
    await world.app.startWork();
    const japanese = await world.nextMail('taro@example.co.jp');
    expect(japanese.subject).toContain('必要な接続先（ドメイン）が2026年12月22日(火)から変わります');
    expect(japanese.text).toContain('・追加：mail.example.co.jp（このドメインから届くメールの受信の許可）');
    expect(japanese.text).toContain(
      '・不要になります：login.example.co.jp（2026年12月22日(火)までは必要です）',
    );
    expect(japanese.text.replaceAll(/\s/g, '')).toContain('common-ui.example.co.jp/connection-test/sms');
    expect(japanese.text).not.toContain('ログイン方法の変更');
    const english = await world.nextMail('hanako@example.co.jp');
    expect(english.subject).toContain('the domains that Console sms needs change on Tue 22 Dec 2026');
    expect(english.text).toContain('New: mail.example.co.jp (allow mail from this domain)');
  });
});
