import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import Encoding from 'encoding-japanese';
import { sql } from 'kysely';
import { openEmbeddedDatabase, removeEmbeddedDatabase } from '@hitokagi/embedded-database';
import { hashLegacyPassword } from '../apps/sms-console/src/domain/legacy-login/password-hash.ts';
import { openDatabase } from '../apps/sms-console/src/support/db/database.ts';
import { migrate } from '../apps/sms-console/src/support/db/migrate.ts';
import { TestBrowser } from '../apps/sms-console/test/browser.ts';
import { freePort, memoryOf, startProgram, untilReady } from './processes.ts';

/** One file that was uploaded, read, confirmed and queued, all through the pages. */
export type FileFigure = {
  encoding: 'UTF-8' | 'Shift_JIS';
  rows: number;
  /** From the upload until the last message is in the queue. */
  seconds: number;
  /** Of the console, in MiB: at its highest until then. */
  memory: number;
};

export type SmsFileReport = { heap: number; files: readonly FileFigure[] };

/** MiB. What grows with the file would not fit. */
const HEAP = 192;
const PASSWORD = 'Mihon-2026';
const ADDRESS = 'user1@example.co.jp';

/** A file of a fifth of the rows, then two of all of them, one after the other in one console: its memory must not know the difference. */
export async function measureSmsFiles(rows: number, say: (line: string) => void): Promise<SmsFileReport> {
  const folder = await mkdtemp(join(tmpdir(), 'hitokagi-bench-sms-file-'));
  const embedded = await openEmbeddedDatabase({ dataFolder: folder });
  await embedded.createDatabase('sms');
  const databaseUrl = embedded.url('sms');
  const db = openDatabase(databaseUrl, () => undefined);
  await migrate(db);
  await sql`insert into company (name) values ('見本商事')`.execute(db);
  await sql`
    insert into person (company_id, email_address, name, locale, role, legacy_password_hash, created_at)
    select id, ${ADDRESS}, '見本 太郎', 'ja', 'administrator', ${await hashLegacyPassword(PASSWORD)}, now() from company`.execute(
    db,
  );
  const port = await freePort();
  const program = startProgram(
    'apps/sms-console/src/main.ts',
    {
      CONSOLE_PORT: String(port),
      CONSOLE_URL: `http://localhost:${port}`,
      CONSOLE_BRAND: 'sms',
      DATABASE_URL: databaseUrl,
      CONSOLE_ISSUER: 'http://localhost:1',
      CONSOLE_CLIENT_ID: 'sms',
      CONSOLE_CLIENT_SECRET: 'sample-secret-of-the-bench-0123456789',
      CONSOLE_SMTP_URL: 'smtp://localhost:1',
    },
    [`--max-old-space-size=${HEAP}`],
  );
  try {
    await untilReady(program);
    const browser = new TestBrowser({ app: undefined as never, origin: 'http://console.invalid' });
    await browser.open(`http://localhost:${port}/login`);
    await browser.send('/login', { email_address: ADDRESS, password: PASSWORD });
    const files: FileFigure[] = [];
    for (const [encoding, count] of [
      ['UTF-8', rows / 5],
      ['UTF-8', rows],
      ['Shift_JIS', rows],
    ] as const) {
      say(`A file of ${count} rows in ${encoding} …`);
      const bytes = fileOf(count, encoding);
      const queued = await queuedIn();
      const begun = performance.now();
      await send(browser, bytes);
      while ((await queuedIn()) < queued + count) await pause(100);
      const seconds = (performance.now() - begun) / 1_000;
      files.push({ encoding, rows: count, seconds, memory: memoryOf(program.pid).highest });
    }
    return { heap: HEAP, files };
  } finally {
    await program.stop();
    await db.destroy();
    await embedded.stop();
    await removeEmbeddedDatabase(folder);
    await rm(folder, { recursive: true, force: true });
  }

  async function queuedIn(): Promise<number> {
    const { rows: found } = await sql<{ count: number }>`
      select count(*)::int as count from message where state = 'queued'`.execute(db);
    return found[0]?.count ?? 0;
  }
}

/** From the upload page to the confirmation, as a person goes. */
async function send(browser: TestBrowser, bytes: Buffer): Promise<void> {
  await browser.open('/compose/csv');
  const file = { name: 'file', fileName: 'recipients.csv', bytes };
  const path = (await browser.upload('/compose/csv', file)).url.pathname;
  await browser.send(path, { number_column: '1', body: '{氏名} 様 ご予約は {番号} 番です', act: 'check' });
  while (browser.page?.text.includes('読み取っています')) {
    await pause(200);
    await browser.open(path);
  }
  const confirmed = await browser.send(`${path}/confirm`);
  if (!confirmed.url.pathname.startsWith('/campaigns/'))
    throw new Error(`The file did not become a campaign: ${confirmed.text.slice(0, 500)}`);
}

function fileOf(count: number, encoding: FileFigure['encoding']): Buffer {
  const rows = Array.from({ length: count }, (_, n) => `見本 ${n},0801${String(1_000_000 + n)},${n % 7}`);
  const text = ['氏名,電話番号,番号', ...rows].join('\r\n');
  return encoding === 'UTF-8'
    ? Buffer.from(text)
    : Buffer.from(Encoding.convert(Encoding.stringToCode(text), { from: 'UNICODE', to: 'SJIS' }));
}
