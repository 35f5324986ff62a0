import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { freshDatabase, templateDatabase } from '../../../../../test-support/fresh-database.ts';
import { openDatabase, type Database } from '#support/db/database.ts';
import { migrate } from '#support/db/migrate.ts';
import { auditHead, headOf } from './head.ts';
import { recordEvent } from './record.ts';
import { MOST_IN_A_BATCH, sealEvents } from './seal.ts';
import { verifyAudit, walkChain, type AuditVerdict } from './verify.ts';

const KEY = Buffer.alloc(32, 7);
const NOW = new Date('2026-11-22T01:00:00Z');
const clock = (): Date => NOW;
/** A sealer as a program of its own. */
const SEALER = `
  import { openDatabase } from './src/support/db/database.ts';
  import { sealEvents } from './src/support/audit/seal.ts';
  const { db } = openDatabase(process.env.SEALER_URL);
  await db.selectFrom('audit_chain').selectAll().execute();
  process.stdout.write('ready');
  for (;;) await sealEvents(db, Buffer.from(process.env.SEALER_KEY, 'hex'), () => new Date());`;

/** Altered rows tried. The full size with HITOKAGI_FULL_CAMPAIGN. */
const ALTERATIONS = process.env.HITOKAGI_FULL_CAMPAIGN ? 2_000 : 150;

let database: Database;
let url: string;
const freshChain = async (): Promise<void> => {
  const template = await templateDatabase('audit_template', async (empty) => {
    const one = openDatabase(empty, { connections: 1 });
    await migrate(one);
    await one.close();
  });
  ({ url } = await freshDatabase({ template }));
  database = openDatabase(url, { connections: 6 });
};

async function record(count: number, more: Partial<Parameters<typeof recordEvent>[1]> = {}): Promise<void> {
  for (let i = 0; i < count; i++)
    await recordEvent(database.db, {
      at: new Date(NOW.getTime() - i),
      action: i % 2 === 0 ? 'account.signed-in' : 'account.suspended',
      actor: `acc_${i}`,
      accountId: i % 3 === 0 ? null : `acc_${i}`,
      consoleId: i % 4 === 0 ? 'con_1' : null,
      clientIp: i % 5 === 0 ? null : '192.0.2.7',
      requestId: `req_${i}`,
      detail: { method: 'password', userAgent: '見本ブラウザー', version: i, deep: { list: [1, '2', null] } },
      ...more,
    });
}

const seal = (of = database): Promise<number> => sealEvents(of.db, KEY, clock);
const verify = (head?: string, key = KEY): Promise<AuditVerdict> =>
  verifyAudit(database.db, key, { now: NOW, ...(head ? { head: headOf(head) } : {}) });

describe('R27: the chain', () => {
  beforeEach(freshChain);
  const close = (): Promise<void> => database.close();

  it('has every event once, in links that hang together; verifying says how many and where it ends', async () => {
    await record(7);
    expect(await verify()).toMatchObject({ ok: true, events: 0, unsealed: 7, head: { number: '0' } });
    expect(await seal()).toBe(7);
    await record(2);
    expect(await seal()).toBe(2);
    expect(await seal()).toBe(0);
    const head = await auditHead(database.db);
    expect(await verify(head.text)).toMatchObject({ ok: true, events: 9, batches: 2, unsealed: 0 });
    expect(head.number).toBe('2');
    await close();
  });

  it('takes many at once in links of a bounded size', async () => {
    await sql`insert into audit_event (at, action, actor) select ${NOW}, 'code.sent', 'anonymous' from generate_series(1, ${MOST_IN_A_BATCH * 2 + 3})`.execute(
      database.db,
    );
    expect(await seal()).toBe(MOST_IN_A_BATCH * 2 + 3);
    expect(await verify()).toMatchObject({ ok: true, batches: 3, events: MOST_IN_A_BATCH * 2 + 3 });
    await close();
  });

  it('misses no event that is committed late, with a smaller id than what was sealed already', async () => {
    const late = await database.pool.connect();
    await late.query('begin');
    await late.query(
      "insert into audit_event (at, action, actor) values ($1, 'plan.changed', 'operator:cli')",
      [NOW],
    );
    await record(3);
    expect(await seal()).toBe(3);
    await late.query('commit');
    late.release();
    expect(await verify()).toMatchObject({ ok: true, events: 3, unsealed: 1 });
    expect(await seal()).toBe(1);
    expect(await verify()).toMatchObject({ ok: true, events: 4, unsealed: 0 });
    await close();
  });

  it('has no fork when eight sealers of two nodes run at once, while events come', async () => {
    const other = openDatabase(url, { connections: 6 });
    let running = true;
    let sealed = 0;
    const sealers = Array.from({ length: 8 }, async (_, i) => {
      while (running) {
        const more = await seal(i % 2 === 0 ? database : other);
        sealed += more;
      }
    });
    await Promise.all(Array.from({ length: 4 }, () => record(40)));
    running = false;
    await Promise.all(sealers);
    const rest = await seal();
    await other.close();
    expect(sealed + rest).toBe(160);
    expect(await verify()).toMatchObject({ ok: true, events: 160, unsealed: 0 });
    await close();
  });

  it('is whole after a sealer was killed again and again, and loses nothing', async () => {
    for (let round = 0; round < 4; round++) {
      await sql`insert into audit_event (at, action, actor) select ${NOW}, 'code.sent', 'anonymous' from generate_series(1, 1500)`.execute(
        database.db,
      );
      const sealer = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', SEALER], {
        cwd: fileURLToPath(new URL('../../../', import.meta.url)),
        env: { ...process.env, SEALER_URL: url, SEALER_KEY: KEY.toString('hex') },
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      await once(sealer.stdout, 'data');
      // Between any two steps: some milliseconds apart in each round.
      await pause(4 + round * 15);
      sealer.kill('SIGKILL');
      await once(sealer, 'exit');
      const found = await verify();
      expect(found, JSON.stringify(found)).toMatchObject({ ok: true });
    }
    // PostgreSQL ends the killed one's transaction soon.
    for (let tries = 0; tries < 50 && (await verify()).unsealed > 0; tries++) await seal();
    expect(await verify()).toMatchObject({ ok: true, events: 6_000, unsealed: 0 });
    await close();
  }, 60_000);

  it('takes what was recorded before there was a chain, and what a node of the previous release writes', async () => {
    // As the migration finds a database with events in it.
    await sql`alter table audit_event disable trigger audit_event_to_be_sealed`.execute(database.db);
    await record(MOST_IN_A_BATCH + 5);
    await sql`alter table audit_event enable trigger audit_event_to_be_sealed`.execute(database.db);
    await sql`update audit_chain set backlog_to = (select max(id) from audit_event)`.execute(database.db);
    await record(3);
    expect(await verify()).toMatchObject({ ok: true, events: 0 });
    expect((await seal()) + (await seal()) + (await seal())).toBe(MOST_IN_A_BATCH + 8);
    expect(await verify()).toMatchObject({ ok: true, events: MOST_IN_A_BATCH + 8, unsealed: 0 });
    await close();
  });

  it('is verified with the key that made it only', async () => {
    await record(3);
    await seal();
    expect(await verify(undefined, Buffer.alloc(32, 8))).toMatchObject({
      ok: false,
      fault: 'batch-forged',
      batch: '1',
    });
    await close();
  });
});

/** What somebody who can write into the database does to a chain; each is undone by a rollback. */
describe('A3: whoever alters what is sealed is found', () => {
  let head = '';
  beforeAll(async () => {
    await freshChain();
    for (let i = 0; i < 5; i++) {
      await record(6);
      await seal();
      if (i === 3) head = (await auditHead(database.db)).text;
    }
  });
  afterAll(() => database.close());

  async function verdictAfter(tamper: string): Promise<AuditVerdict> {
    const undo = new Error('undo');
    let verdict: AuditVerdict | undefined;
    const tampering = database.db.transaction().execute(async (trx) => {
      const { numAffectedRows } = await sql.raw(tamper).execute(trx);
      if (numAffectedRows === 0n) throw new Error(`Nothing was changed by: ${tamper}`);
      verdict = await walkChain(trx, KEY, { now: NOW, head: headOf(head) });
      throw undo;
    });
    await expect(tampering).rejects.toBe(undo);
    return verdict as unknown as AuditVerdict;
  }

  it('every column of every sealed row, with generated values', async () => {
    const ids = (await database.db.selectFrom('audit_event').select('id').execute()).map((row) => row.id);
    const text = fc
      .string({ minLength: 1, maxLength: 12, unit: 'grapheme' })
      .filter((value) => !value.includes('\0'));
    const json = fc
      .jsonValue({ maxDepth: 2 })
      .map((value) => JSON.stringify(value).replaceAll('\\u0000', ''));
    const alteration = fc.oneof(
      fc
        .tuple(
          fc.constantFrom('action', 'actor', 'account_id', 'console_id', 'client_ip', 'request_id'),
          fc.oneof(text, fc.constant(null)),
        )
        .map(([column, value]) => ({ column, set: `${literal(value)}` })),
      fc
        .integer({ min: -1_000_000_000, max: 1_000_000_000 })
        .map((µs) => ({ column: 'at', set: `at + interval '${µs} microseconds'` })),
      json.map((value) => ({ column: 'detail', set: `${literal(value)}::jsonb` })),
      fc.tuple(fc.constantFrom('method', 'userAgent', 'version', 'new'), json).map(([key, value]) => ({
        column: 'detail',
        set: `detail || jsonb_build_object('${key}', ${literal(value)}::jsonb)`,
      })),
      fc
        .constantFrom('method', 'userAgent', 'version')
        .map((key) => ({ column: 'detail', set: `detail - '${key}'` })),
      fc
        .constantFrom('1.0', '1e0')
        .map((one) => ({ column: 'detail', set: `jsonb_set(detail, '{deep,list,0}', '${one}')` })),
    );
    let tried = 0;
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...ids), alteration, async (id, { column, set }) => {
        // Some columns must have a value, and some alterations are none: jsonb of another text may be the same.
        if (set === 'null' && (column === 'action' || column === 'actor')) return;
        const { rows } = await sql
          .raw<{ same: boolean }>(
            `select ${column}::text is not distinct from (${set})::text as same from audit_event where id = ${id}`,
          )
          .execute(database.db);
        if (rows[0]?.same) return;
        tried += 1;
        const verdict = await verdictAfter(`update audit_event set ${column} = ${set} where id = ${id}`);
        expect(verdict).toMatchObject({ ok: false, fault: 'event-altered', eventId: id });
      }),
      { numRuns: ALTERATIONS },
    );
    expect(tried).toBeGreaterThan(ALTERATIONS / 2);
  }, 300_000);

  it.each([
    [
      'a row removed',
      'delete from audit_event where id = 8',
      { fault: 'event-missing', batch: '2', eventId: '8' },
    ],
    [
      'a row and its seal removed',
      'with s as (delete from audit_seal where event_id = 8) delete from audit_event where id = 8',
      { fault: 'event-missing', eventId: '8' },
    ],
    [
      'a row taken out of its link',
      'with s as (delete from audit_seal where event_id = 8), e as (delete from audit_event where id = 8) update audit_batch set event_ids = array_remove(event_ids, 8) where number = 2',
      { fault: 'batch-altered', batch: '2' },
    ],
    [
      'a row put into a link',
      "with e as (insert into audit_event (at, action, actor) overriding system value values (now(), 'x.y', 'z') returning id) update audit_batch set event_ids = event_ids || (select id from e) where number = 2",
      { fault: 'seal-altered', batch: '2' },
    ],
    [
      'a row under another id',
      'with one as (delete from audit_event where id = 8 returning *) insert into audit_event overriding system value select -id, at, action, actor, account_id, console_id, client_ip, request_id, detail from one',
      { fault: 'event-missing' },
    ],
    [
      'a seal rewritten',
      "update audit_seal set hash = sha256('x') where event_id = 8",
      { fault: 'event-altered', eventId: '8' },
    ],
    [
      'a seal moved',
      'update audit_seal set batch = 3 where event_id = 8',
      { fault: 'seal-altered', eventId: '8' },
    ],
    [
      'a salt changed',
      "update audit_seal set salt = decode('00', 'hex') where event_id = 8",
      { fault: 'event-altered', eventId: '8' },
    ],
    [
      'an erasure that the server did not make',
      "with s as (update audit_seal set salt = null, erased = '{}' where event_id = 8) update audit_event set detail = '{}', client_ip = null where id = 8",
      { fault: 'event-altered', eventId: '8' },
    ],
    [
      'an erasure that is rubbish',
      `update audit_seal set salt = null, erased = '{"clientIp": 3}' where event_id = 8`,
      { fault: 'event-altered', eventId: '8' },
    ],
    ['a link removed', 'delete from audit_batch where number = 3', { fault: 'batch-missing', batch: '3' }],
    [
      'a link with all its rows removed',
      'with s as (delete from audit_seal where batch = 3), e as (delete from audit_event where id in (select unnest(event_ids) from audit_batch where number = 3)) delete from audit_batch where number = 3',
      { fault: 'batch-missing', batch: '3' },
    ],
    [
      'the time of a link changed',
      "update audit_batch set sealed_at = sealed_at + interval '1 second' where number = 3",
      { fault: 'batch-altered', batch: '3' },
    ],
    [
      'a link without the server’s mark',
      "update audit_batch set mac = sha256('x') where number = 3",
      { fault: 'batch-forged', batch: '3' },
    ],
    [
      'the first links removed as if by retention',
      "with s as (delete from audit_seal where batch <= 2), e as (delete from audit_event where id in (select unnest(event_ids) from audit_batch where number <= 2)), b as (delete from audit_batch where number <= 2) update audit_chain set removed_to = 2, removed_hash = (select hash from audit_batch where number = 2), removed_mac = sha256('x')",
      { fault: 'removal-forged', batch: '2' },
    ],
    [
      'the end cut off, which only a kept head shows',
      'with s as (delete from audit_seal where batch >= 4), e as (delete from audit_event where id in (select unnest(event_ids) from audit_batch where number >= 4)) delete from audit_batch where number >= 4',
      { fault: 'head-missing', batch: '4' },
    ],
    [
      'an old event that waits for its seal for ever',
      "insert into audit_event (at, action, actor) values ('2026-11-22T00:00:00Z', 'x.y', 'z')",
      { fault: 'event-unsealed' },
    ],
    [
      'a row out of the queue whose event is gone',
      'insert into audit_unsealed values (4711)',
      { fault: 'event-missing-unsealed', eventId: '4711' },
    ],
    [
      'a seal of nothing',
      "insert into audit_seal (event_id, batch, hash) values (4711, 2, sha256('x'))",
      { fault: 'seal-altered', eventId: '4711' },
    ],
  ] as const)('%s', async (_, tamper, expected) => {
    expect(await verdictAfter(tamper)).toMatchObject({ ok: false, ...expected });
  });

  it('links taken away and sealed anew by the server itself, with an event altered, are found with a head that was kept elsewhere', async () => {
    const undo = new Error('undo');
    let verdicts: AuditVerdict[] = [];
    const tampering = database.db.transaction().execute(async (trx) => {
      await sql`insert into audit_unsealed select event_id from audit_seal where batch >= 3`.execute(trx);
      await sql`delete from audit_seal where batch >= 3`.execute(trx);
      await sql`delete from audit_batch where number >= 3`.execute(trx);
      await sql`update audit_event set actor = 'somebody else' where id = 20`.execute(trx);
      // The server does not know what it seals.
      const here = {
        transaction: () => ({ execute: <T>(work: (t: typeof trx) => Promise<T>) => work(trx) }),
      };
      await sealEvents(here as unknown as Database['db'], KEY, clock);
      verdicts = [
        await walkChain(trx, KEY, { now: NOW }),
        await walkChain(trx, KEY, { now: NOW, head: headOf(head) }),
      ];
      throw undo;
    });
    await expect(tampering).rejects.toBe(undo);
    expect(verdicts).toMatchObject([{ ok: true }, { ok: false, fault: 'head-missing' }]);
  });

  it('everything written anew by somebody who has the key is found with a head that was kept elsewhere', async () => {
    await sql`update audit_event set actor = 'somebody else' where id = 8`.execute(database.db);
    await sql`truncate audit_seal, audit_batch`.execute(database.db);
    await sql`insert into audit_unsealed select id from audit_event`.execute(database.db);
    await seal();
    for (let i = 0; i < 4; i++) {
      await record(1);
      await seal();
    }
    expect(await verify()).toMatchObject({ ok: true });
    expect(await verify(head)).toMatchObject({ ok: false, fault: 'head-differs', batch: '4' });
    expect(headOf('nonsense')).toBeUndefined();
  });
});

function literal(value: unknown): string {
  return value === null || value === undefined
    ? 'null'
    : `'${String(value as string).replaceAll("'", "''")}'`;
}
