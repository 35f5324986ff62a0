import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { accountCommand } from '#app/cli/commands/account.ts';
import { consoleCommand } from '#app/cli/commands/console.ts';
import { eventCommand } from '#app/cli/commands/event.ts';
import { importCommand } from '#app/cli/commands/import.ts';
import { logoutCommand } from '#app/cli/commands/logout.ts';
import { noticeCommand } from '#app/cli/commands/notice.ts';
import { operatorCommand } from '#app/cli/commands/operator.ts';
import { planCommand } from '#app/cli/commands/plan.ts';
import { progressCommand } from '#app/cli/commands/progress.ts';
import { rehearseCommand } from '#app/cli/commands/rehearse.ts';
import { announce } from '#domain/notices/test-world.ts';
import { openJobs, type Jobs } from '#support/jobs/jobs.ts';
import { foundIn } from '../../../test-support/secret-forms.ts';
import { Browser } from './browser.ts';
import { apiSteps, type Change } from './console-api.ts';
import { codeIn, enter, PASSWORD } from './steps.ts';
import { CONSOLE_SECRET, MASTER_SECRET, openWorld, type World } from './world.ts';

const HASH = '$2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy';
const NO_HASH = 'in-clear-by-mistake-Passw0rd';

let world: World;
let jobs: Jobs;
let folder: string;
const secrets = new Map<string, string>([
  ['the password', PASSWORD],
  ['a console’s secret', CONSOLE_SECRET],
  ['the master secret', MASTER_SECRET],
  ['a hash of a legacy password', HASH],
  ['a legacy password in clear', NO_HASH],
]);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hitokagi-cli-'));
  world = await openWorld();
  jobs = await openJobs({ databaseUrl: world.databaseUrl, mailRetryAfter: 30, onError: () => undefined });
});
afterAll(async () => {
  process.exitCode = 0;
  await jobs.stop();
  await world.close();
  await rm(folder, { recursive: true });
});

it('V4: no command of the CLI shows a password, code, token, cookie or key, but what it has just made', async () => {
  const id = await liveADay();
  const people = join(folder, 'people.csv');
  await writeFile(
    people,
    `ユーザーID,メールアドレス,氏名,パスワードハッシュ\n7,seven@example.co.jp,見本,${HASH}\n8,eight@example.co.jp,見本,${NO_HASH}\n9,no-address,見本,${HASH}\n`,
  );
  const register = ['console', 'register', 'made', '--name-ja', '見本', '--name-en', 'Sample'];
  const at = [
    '--home',
    'https://made.example.co.jp/',
    '--redirect',
    'https://made.example.co.jp/auth/callback',
  ];
  const made = await run(...register, ...at);
  const newSecret = /shown this once: (\S+)/.exec(made)?.[1] ?? '';
  const token = await run('operator', 'token', 'create', 'watch');
  const newToken = /shown this once: (\S+)/.exec(token)?.[1] ?? '';
  for (const secret of [newSecret, newToken]) expect(secret.length).toBeGreaterThan(20);
  const own = `${made}${token}`;
  for (const [name, secret] of secrets) expect([name, foundIn(own, secret)]).toEqual([name, undefined]);
  secrets.set('the new console’s secret', newSecret).set('the operator’s token', newToken);

  const shown: string[] = [];
  for (const words of [
    [...register, ...at, '--secret', CONSOLE_SECRET],
    ['console', 'register', 'Bad Id', '--name-ja', 'x', '--name-en', 'x', ...at, '--secret', CONSOLE_SECRET],
    ['console', 'list'],
    ['console', 'show', 'sms'],
    ['console', 'change', 'sms', '--name-en', 'Renamed'],
    ['console', 'legacy-passwords', 'sms', 'imported'],
    ['import', people, '--console', 'sms', '--dry-run'],
    ['import', people, '--console', 'sms'],
    ['operator', 'add', 'taro@example.co.jp', '--role', 'administrator'],
    ['operator', 'list'],
    ['operator', 'remove', 'taro@example.co.jp'],
    ['operator', 'token', 'list'],
    ['plan', 'show', 'sms'],
    ['plan', 'history', 'sms'],
    ['plan', 'link-time', 'sms', '2026-12-01T00:00+09:00'],
    ['plan', 'announce', 'sms', '2027-03-31T22:00+09:00'],
    ['progress', 'sms', '--people'],
    ['rehearse', 'sms'],
    ['notice', 'list'],
    ['notice', 'show', id.notice],
    ['notice', 'preview', id.notice],
    ['notice', 'unreached', id.notice],
    ['account', 'search', 'taro'],
    ['account', 'show', 'taro@example.co.jp'],
    ['account', 'send-set-up-mail', 'taro@example.co.jp'],
    ['account', 'send-code', 'taro@example.co.jp'],
    ['account', 'clear-delay', 'taro@example.co.jp', '--reason', '見本'],
    ['account', 'sessions', 'list', 'taro@example.co.jp'],
    ['account', 'change-address', 'taro@example.co.jp', 'new@example.co.jp', '--reason', '見本'],
    ['account', 'drift', 'list'],
    ['account', 'suspend', 'taro@example.co.jp', '--reason', '見本'],
    ['account', 'sessions', 'end', 'taro@example.co.jp', '--all'],
    ['event', 'list'],
    ...id.events.map((one) => ['event', 'show', one]),
    ['event', 'health'],
    ['logout', 'list'],
    ...id.logouts.map((one) => ['logout', 'show', one]),
    ['logout', 'health'],
  ])
    for (const form of [[], ['--json']]) {
      if (form.length > 0 && words[0] === 'import' && !words.includes('--dry-run')) continue;
      shown.push(`${words.join(' ').replace(CONSOLE_SECRET, '…')}: ${await run(...words, ...form)}`);
    }
  expect(shown.filter((one) => /CommanderError/.test(one))).toEqual([]);
  for (const one of shown)
    for (const [name, secret] of secrets)
      expect([one.split(':')[0], name, foundIn(one, secret)]).toEqual([one.split(':')[0], name, undefined]);
});

/** What `hitokagi …` writes, to both outputs. */
async function run(...words: string[]): Promise<string> {
  let said = '';
  const keep = (text: unknown): boolean => ((said += String(text)), true);
  const spies = [process.stdout, process.stderr].map((one) =>
    vi.spyOn(one, 'write').mockImplementation(keep),
  );
  const deps = {
    openDatabase: async () => world.database,
    openJobs: async () => jobs,
    clock: () => world.now,
    locale: 'en' as const,
    house: async () => ({
      brand: world.app.settings.current().brand,
      pagesUrl: world.config.pagesUrl,
    }),
    allowedInternalHosts: () => [],
    openCheck: async () => world.app.checkTools,
    issuer: () => world.config.issuer,
  };
  const program = new Command('hitokagi');
  for (const make of [accountCommand, consoleCommand, eventCommand, importCommand, logoutCommand])
    program.addCommand(make(deps));
  for (const make of [noticeCommand, operatorCommand, planCommand, progressCommand, rehearseCommand])
    program.addCommand(make(deps));
  everyCommandThrows(program);
  try {
    await program.parseAsync(words, { from: 'user' });
  } catch (error) {
    said += String(error);
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
  return said;
}

function everyCommandThrows(command: Command): void {
  command.exitOverride();
  for (const one of command.commands) everyCommandThrows(one);
}

/** Two sign-ins and a logout, a change of the login ID with its way back used, an open code: with everything secret noted. */
async function liveADay(): Promise<{ notice: string; events: string[]; logouts: string[] }> {
  const logout = { backchannelLogoutUri: 'http://sms.example.co.jp/auth/backchannel-logout' };
  const sms = await world.addConsole('sms', { ...logout, eventUri: 'http://sms.example.co.jp/auth/events' });
  await world.addPerson('moved@example.co.jp', { sms: '1' }, { password: PASSWORD });
  await world.addPerson('taro@example.co.jp', { sms: '2' }, { password: PASSWORD });
  const browser = new Browser(world);
  const { tokens } = await enter(world, browser, 'sms', { address: 'taro@example.co.jp' });
  secrets.set('an access token', tokens.access_token);
  secrets.set('an ID token’s signature', tokens.id_token.split('.')[2] ?? '');
  for (const [name, { value }] of browser.cookies)
    if (value.length > 20) secrets.set(`cookie ${name}`, value);
  const leaving = new Browser(world);
  const other = await enter(world, leaving, 'sms', { address: 'taro@example.co.jp' });
  await leaving.open(`/logout?id_token_hint=${other.tokens.id_token}&client_id=sms`);

  const api = apiSteps(() => world);
  const change = (await api.begin('1', 'there@example.co.jp')).json<Change>();
  const code = codeIn((await world.nextMail('there@example.co.jp')).text);
  await api.confirm(change.id, code);
  const mail = await world.nextMail('moved@example.co.jp');
  secrets.set('a way back', /undo\?token=([\w-]+)/.exec(mail.text)?.[1] ?? '');
  await browser.request('POST', '/login-id/undo', { token: secrets.get('a way back') ?? '' });
  await browser.request('POST', '/reset', { email_address: 'taro@example.co.jp' });
  const open = codeIn((await world.nextMail('taro@example.co.jp')).text);
  for (const one of [code, open])
    secrets.set(`code ${one}`, one).set(`code as mailed ${one}`, `${one.slice(0, 4)} ${one.slice(4)}`);
  for (const [name, secret] of secrets) expect([name, secret.length > 7]).toEqual([name, true]);
  const { db } = world.database;
  const idsIn = (table: 'event_delivery' | 'logout_delivery'): Promise<string[]> =>
    vi.waitFor(
      async () => {
        const rows = await db.selectFrom(table).select('id').execute();
        expect([table, rows.length > 0]).toEqual([table, true]);
        return rows.map((row) => row.id);
      },
      { timeout: 10_000 },
    );
  return {
    notice: await announce(db, sms, world.now),
    events: await idsIn('event_delivery'),
    logouts: await idsIn('logout_delivery'),
  };
}
