import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { importPeople } from './import-people.ts';
import { judgeHash, NOW, openImportWorld, type ImportWorld } from './test-world.ts';
import { refusalText } from './texts.ts';
import { Readable } from 'node:stream';

const HASH = '$1$abcdefgh$G//4keteveJp0qb8z2DxG/';
const OTHER = '$1$abcdefgh$..................../.';

let world: ImportWorld;
beforeAll(async () => {
  world = await openImportWorld();
});
beforeEach(async () => {
  await world.clear();
  await accept('imported');
});
afterAll(() => world.close());

describe('R14, R20: the column API専用', () => {
  test.each(['API専用', 'api_only', 'API only'])(
    'is known as %s, with yes and no in both languages',
    async (name) => {
      const words = ['はい', 'いいえ', 'YES', 'no', '1', '0', '○', '', 'ｔｒｕｅ'];
      const { report } = await world.imported(
        `id,email,${name}\n${words.map((word, index) => `${index},u${index}@example.co.jp,${word}\n`).join('')}`,
      );
      expect(report).toMatchObject({ created: 9, refused: 0 });
      expect(await apiOnly()).toEqual({
        0: true,
        1: false,
        2: true,
        3: false,
        4: true,
        5: false,
        6: true,
        7: false,
        8: true,
      });
    },
  );

  test('a later file changes it for people who are known, an empty value and a file without the column do not', async () => {
    await world.imported(
      'id,email,api_only\n1,a@example.co.jp,yes\n2,b@example.co.jp,\n3,c@example.co.jp,yes\n',
    );
    const again = await world.imported(
      'id,email,api_only\n1,a@example.co.jp,no\n2,b@example.co.jp,yes\n3,c@example.co.jp,\n',
    );
    expect(again.report).toMatchObject({ created: 0, filled: 2, unchanged: 1 });
    expect(await apiOnly()).toEqual({ 1: false, 2: true, 3: true });
    await world.imported('id,email\n1,a@example.co.jp\n2,b@example.co.jp\n');
    expect(await apiOnly()).toEqual({ 1: false, 2: true, 3: true });
  });

  test('an account of another console gets it with its second link only', async () => {
    await world.imported('id,email\n1,a@example.co.jp\n', { consoleId: world.mail });
    await world.imported('id,email,api_only\n7,a@example.co.jp,はい\n');
    const { rows } = await world.database.pool.query(
      'select console_user_id as id, api_only from console_link order by 1',
    );
    expect(rows).toEqual([
      { id: '1', api_only: false },
      { id: '7', api_only: true },
    ]);
  });

  test('a word that is neither is refused with its line', async () => {
    const { refusals, report } = await world.imported('id,email,api_only\n1,a@example.co.jp,maybe\n');
    expect(report).toMatchObject({ created: 0, refused: 1 });
    expect(refusals).toMatchObject([{ line: 2, reason: 'yes-no-unreadable', value: 'maybe' }]);
    for (const locale of ['ja', 'en'] as const)
      expect(refusals.map((one) => refusalText(one, locale)).join()).toContain('maybe');
  });
});

describe('R21: the column パスワードハッシュ', () => {
  test('is refused with the whole file where the console accepts no legacy passwords', async () => {
    for (const setting of ['off', 'asked'] as const) {
      await accept(setting);
      const file = () => Readable.from([Buffer.from(`id,email,Password Hash\n1,a@example.co.jp,${HASH}\n`)]);
      expect(
        await importPeople(world.database.db, {
          consoleId: world.sms,
          file,
          fileName: 'x.csv',
          dryRun: false,
          actor: 'system',
          judgeHash,
          clock: () => NOW,
        }),
      ).toEqual({ ok: false, reason: 'hashes-not-wanted', column: 'Password Hash' });
      expect(await world.people()).toEqual([]);
    }
  });

  test('keeps known hashes; people whose hash is not taken are imported, and told with their line, never with the hash', async () => {
    const file = `id,email,パスワードハッシュ\n1,a@example.co.jp,${HASH}\n2,b@example.co.jp,secret-of-no-format\n3,c@example.co.jp,$2b$31$abc\n4,d@example.co.jp,\n1,e@example.co.jp,${OTHER}\n`;
    const dry = await world.imported(file, { dryRun: true });
    const { report, refusals } = await world.imported(file);
    expect(report).toMatchObject({ created: 4, refused: 1, legacyPasswords: 1, legacyPasswordsRefused: 2 });
    expect(dry.report).toMatchObject({ created: 4, refused: 1, legacyPasswordsRefused: 2 });
    expect(refusals.map(({ line, reason }) => `${line} ${reason}`)).toEqual([
      '3 hash-unknown',
      '4 hash-too-costly',
      '6 id-repeated',
    ]);
    expect(dry.refusals).toEqual(refusals);
    expect(await hashes()).toEqual({ 'a@example.co.jp': HASH });
    const told = JSON.stringify([refusals, report, refusals.map((one) => refusalText(one, 'ja'))]);
    for (const secret of [HASH, 'secret-of-no-format', '$2b$31$abc', OTHER])
      expect(told).not.toContain(secret);
    const { rows } = await world.database.pool.query(
      `select t::text from import_refusal t union all select t::text from audit_event t union all select t::text from import_run t`,
    );
    for (const secret of [HASH, 'secret-of-no-format', '$2b$31$abc'])
      expect(JSON.stringify(rows)).not.toContain(secret);
  });

  test('a newer hash replaces the older one, and who has a password keeps none', async () => {
    await world.imported(`id,email,password_hash\n1,a@example.co.jp,${HASH}\n2,b@example.co.jp,${HASH}\n`);
    await world.database.pool.query(
      `with gone as (delete from legacy_credential where account_id = (select id from account where email_key = 'b@example.co.jp'))
       insert into password_credential select id, 'x', now() from account where email_key = 'b@example.co.jp'`,
    );
    const { report } = await world.imported(
      `id,email,password_hash\n1,a@example.co.jp,${OTHER}\n2,b@example.co.jp,${OTHER}\n`,
    );
    expect(report).toMatchObject({ unchanged: 2, legacyPasswords: 1 });
    expect(await hashes()).toEqual({ 'a@example.co.jp': OTHER });
  });
});

async function accept(setting: 'off' | 'imported' | 'asked'): Promise<void> {
  await world.database.pool.query(`update console set legacy_passwords = $1`, [setting]);
}

async function apiOnly(): Promise<Record<string, boolean>> {
  const { rows } = await world.database.pool.query(
    'select console_user_id as id, api_only from console_link',
  );
  return Object.fromEntries(rows.map((row) => [row.id, row.api_only]));
}

async function hashes(): Promise<Record<string, string>> {
  const { rows } = await world.database.pool.query(
    'select a.email_key as key, c.password_hash as hash from legacy_credential c join account a on a.id = c.account_id',
  );
  return Object.fromEntries(rows.map((row) => [row.key, row.hash]));
}
