import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sampleFiles } from '../../../../../samples/generate.ts';
import { openWorld, PASSWORD, type World } from '../../../test/world.ts';
import { fillWithSampleSending } from './fill-sending.ts';
import { fillWithSamplePeople } from './fill.ts';
import { readSamplePeople } from './read-people.ts';

const files = sampleFiles();
const sms = readSamplePeople(files['sms-users.csv']);
const mail = readSamplePeople(files['mail-users.csv']);
const accounts = JSON.parse(files['accounts.json'].toString()) as {
  legacyPassword: string;
  accounts: { emailAddress: string; locale: string; consoles: { console: string; userId: string }[] }[];
};

describe('the sample files', () => {
  test('in the repository are what samples/generate.ts makes', () => {
    for (const [name, bytes] of Object.entries(files)) {
      expect(
        readFileSync(new URL(`../../../../../samples/${name}`, import.meta.url)).equals(bytes),
        name,
      ).toBe(true);
    }
  });

  test('R20: 300 people of 40 companies, 30 of them in both consoles under different ids', () => {
    const ids = new Map(sms.people.map((person) => [person.emailAddress, person.id]));
    const both = mail.people.filter((person) => ids.has(person.emailAddress));
    const all = [...sms.people, ...mail.people];
    expect(new Set(all.map((person) => person.emailAddress)).size).toBe(300);
    expect(new Set(all.map((person) => person.company)).size).toBe(40);
    expect(both.length).toBe(30);
    expect(both.every((person) => ids.get(person.emailAddress) !== person.id)).toBe(true);
  });

  test('are as an office exports them: Shift_JIS with CRLF, UTF-8 with BOM, five bad rows each', () => {
    expect(() => new TextDecoder('utf-8', { fatal: true }).decode(files['sms-users.csv'])).toThrow();
    expect(new TextDecoder('shift_jis').decode(files['sms-users.csv'])).toContain(
      'ユーザーID,メールアドレス,氏名,会社名,言語\r\n',
    );
    expect(files['mail-users.csv'].subarray(0, 3).toString('hex')).toBe('efbbbf');
    expect(sms.skippedLines.length).toBe(5);
    expect(mail.skippedLines.length).toBe(5);
    expect(sms.people.some((person) => person.name.includes('髙'))).toBe(true);
  });

  test('the accounts to show are among the people', () => {
    for (const account of accounts.accounts) {
      for (const { console: name, userId } of account.consoles) {
        const people = name === 'sms' ? sms.people : mail.people;
        expect(people.find((person) => person.id === userId)?.emailAddress).toBe(account.emailAddress);
      }
    }
    expect(accounts.accounts.map((account) => account.consoles.length)).toContain(1);
    expect(accounts.accounts.map((account) => account.locale)).toContain('en');
  });
});

describe('filling a console with sample people', () => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld();
  });
  afterAll(() => world.close());

  /** What the pages show of the sample campaigns, and that what is in their past is past for the queue too. */
  async function seesSampleCampaigns(emailAddress: string): Promise<void> {
    const browser = world.browser();
    await browser.open('/login');
    await browser.send('/login', { email_address: emailAddress, password: PASSWORD });
    const home = await browser.open('/');
    for (const name of ['見本: 休業日のお知らせ', '見本: 書きかけのご案内', '見本: 新商品のお知らせ'])
      expect(home.text).toContain(name);
    const finished = await browser.open('/campaigns?state=finished');
    expect(new Set(finished.html.match(/\/campaigns\/cmp_\w+/g)).size).toBe(4);
    const first = await browser.open('/campaigns?name=' + encodeURIComponent('夏のセール'));
    const result = await browser.open(/\/campaigns\/cmp_\w+/.exec(first.html)?.[0] ?? '');
    expect(result.text).toMatch(/到達\s*97\s*不達\s*1\s*期限切れ\s*1/);
    const months = await browser.open('/campaigns/months');
    expect(months.text.match(/20\d\d年\d+月/g)?.length).toBeGreaterThanOrEqual(4);
    const open = await world.db
      .selectFrom('message')
      .select(['state', 'due_at', 'recipient'])
      .where('settled_at', 'is', null)
      .execute();
    expect(open).toHaveLength(11);
    for (const one of open) {
      expect(one.state).toBe('queued');
      expect(one.due_at?.getTime()).toBeGreaterThan(world.clock.now().getTime() + 12 * 86_400_000);
      expect(one.recipient).toMatch(/^\+8190123450\d\d$/);
    }
  }

  test('keeps the ids of the file, can be run again, and everybody can sign in', async () => {
    expect(accounts.legacyPassword).toBe(PASSWORD);
    expect(await fillWithSamplePeople(world.db, sms.people, PASSWORD, world.clock.now())).toBe(200);
    await world.db
      .updateTable('person')
      .set({ email_address: 'moved@example.co.jp' })
      .where('id', '=', '10003')
      .execute();
    expect(await fillWithSamplePeople(world.db, sms.people, PASSWORD, world.clock.now())).toBe(0);
    const row = await world.db
      .selectFrom('person')
      .select('email_address')
      .where('id', '=', '10003')
      .executeTakeFirstOrThrow();
    expect(row.email_address).toBe('moved@example.co.jp');
    const browser = world.browser();
    await browser.open('/login');
    const page = await browser.send('/login', {
      email_address: 'user060@mihon-20.example.jp',
      password: PASSWORD,
    });
    expect(page.text).toContain('Kenichi Mihon 060');
    const first = sms.people[0]?.id ?? '';
    expect(await fillWithSampleSending(world.db, first, world.clock.now())).toBe(true);
    expect(await fillWithSampleSending(world.db, first, world.clock.now())).toBe(false);
    for (const [table, rows] of [
      ['template', 3],
      ['address', 6],
      ['opt_out', 1],
      ['sending_rules', 1],
      ['draft', 2],
    ] as const)
      expect(await world.db.selectFrom(table).selectAll().execute(), table).toHaveLength(rows);
    expect(Number((await world.addPerson()).id)).toBeGreaterThan(10_600);
    await seesSampleCampaigns('moved@example.co.jp');
  });
});
