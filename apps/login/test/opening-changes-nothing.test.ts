import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Browser } from './browser.ts';
import { acceptLegacy, addLegacyPerson, legacyHash, WEAK } from './legacy.ts';
import { authorizeUrl, enter, PASSWORD, signIn } from './steps.ts';
import { openWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
  await world.addConsole('sms');
  await world.addConsole('mail');
  await world.addPerson('taro@example.co.jp', { sms: '1' }, { password: PASSWORD });
});
afterAll(() => world.close());

describe('R4: mail scanners open everything', () => {
  it('opening any page, by GET or HEAD, in its own browser or in none, changes nothing in the database and sends no mail', async () => {
    const browser = new Browser(world);
    await enter(world, browser, 'sms', { address: 'taro@example.co.jp' });
    const signedOut = new Browser(world);
    await enter(world, signedOut, 'sms', { address: 'taro@example.co.jp' });
    const left = await signedOut.submit(await signedOut.open('/'), '/sign-out', {});
    const resetting = new Browser(world);
    const pending = await resetting.open(authorizeUrl('sms').url);
    const code = await resetting.submit(
      await resetting.open(`${pending.path}/reset`),
      `${pending.path}/reset`,
      { email_address: 'taro@example.co.jp' },
    );
    await world.nextMail('taro@example.co.jp');
    const notLinked = new Browser(world);
    await enter(world, notLinked, 'sms', { address: 'taro@example.co.jp' });
    const explained = await notLinked.open(authorizeUrl('mail').url);
    await acceptLegacy(world, 'sms', 'imported');
    await addLegacyPerson(world, 'sms', 'jiro@example.co.jp', legacyHash(WEAK));
    const choosing = new Browser(world);
    const chosen = await signIn(choosing, authorizeUrl('sms').url, 'jiro@example.co.jp', WEAK);
    await idle();

    const paths = [
      '/',
      '/account',
      '/account/activity',
      '/account/activity?before=1',
      '/account/password',
      '/account/browsers/end',
      '/account/browsers/end-others',
      '/account/ended/1',
      '/sign-in?return_path=%2Faccount&interrupted=1',
      '/sign-in',
      '/sign-in?other=1',
      '/sign-in/never-was',
      pending.path,
      `${pending.path}/reset`,
      code.path,
      `${code.path}?resent=1`,
      code.path.replace(`${pending.path}`, ''),
      explained.path,
      `${explained.path}?other=1`,
      '/reset',
      '/reset?client_id=sms&login_hint=taro%40example.co.jp&ui_locales=en&target_link_uri=http%3A%2F%2Fsms.example.co.jp%2F',
      '/reset/vrq_never',
      '/reset/done',
      chosen.path,
      '/new-password/lgp_never',
      '/login-id/code/vrq_never',
      '/login-id/undo',
      '/login-id/undo?token=never',
      '/signed-out',
      left.path,
      `${left.path}?waited=1`,
      '/signed-out/slo_never?continue=http%3A%2F%2Fsms.example.co.jp%2F&client_id=sms',
      '/language',
      '/sign-out',
      '/healthz',
      '/readyz',
      '/api/openapi.json',
      '/api/console/v1/plan',
      '/jwks',
      '/.well-known/openid-configuration',
      '/userinfo',
      '/no-such-page',
    ];
    const before = await everything();
    const mails = world.mails.length;
    for (const one of [browser, signedOut, resetting, notLinked, choosing, new Browser(world)])
      for (const path of paths) {
        expect((await one.request('GET', path)).statusCode, path).toBeLessThan(500);
        const head = await world.app.server.inject({
          method: 'HEAD',
          url: path,
          headers: { host: 'login.example.co.jp' },
        });
        expect(head.statusCode, path).toBeLessThan(500);
      }
    await idle();
    const after = await everything();
    for (const [table, rows] of Object.entries(before))
      expect(after[table] === rows, `${table} changed`).toBe(true);
    expect(world.mails).toHaveLength(mails);
  });
});

/** What the schedule writes of what is there already: seals, figures, what people are found by, that a server runs. */
const IN_ITS_OWN_TIME =
  /^(audit_(unsealed|seal|batch|chain)|progress_summary|move_standing|account_search.*|notice_tally|node)$/;

/** Every row of every table of ours, with the transaction that wrote it: a row that is written anew differs though it says the same. */
async function everything(): Promise<Record<string, string>> {
  const { db } = world.database;
  const tables = await sql<{
    name: string;
  }>`select table_name as name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'`.execute(
    db,
  );
  const found: Record<string, string> = {};
  for (const { name } of tables.rows.filter((table) => !IN_ITS_OWN_TIME.test(table.name))) {
    const { rows } = await sql<{
      rows: string;
    }>`select coalesce(string_agg(xmin::text || ' ' || t::text, E'\n' order by t::text), '') as rows from ${sql.table(name)} t`.execute(
      db,
    );
    found[name] = rows[0]?.rows ?? '';
  }
  expect(Object.keys(found).length).toBeGreaterThan(15);
  return found;
}

/** Until the queue has done what earlier steps gave it. */
async function idle(): Promise<void> {
  for (;;) {
    const busy = await world.database.db
      .selectFrom('message')
      .select('id')
      .where('state', '=', 'queued')
      .executeTakeFirst();
    if (!busy) return;
    await new Promise((later) => setTimeout(later, 25));
  }
}
