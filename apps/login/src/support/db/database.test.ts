import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freshDatabase } from '../../../../../test-support/fresh-database.ts';
import { openDatabase, type Database } from './database.ts';
import { waitBudget, withWaitBudget } from './wait-budget.ts';

let database: Database;
let url: string;
beforeAll(async () => {
  ({ url } = await freshDatabase());
  database = openDatabase(url, { connections: 1 });
});
afterAll(() => database.close());

const preparedStatements = async (): Promise<string[]> =>
  (
    await database.pool.query<{ name: string }>(
      "select name from pg_prepared_statements where name <> '' order by prepare_time",
    )
  ).rows.map((row) => row.name);

describe('statements', () => {
  it('are prepared under a name of their own and parsed once a connection', async () => {
    const before = await preparedStatements();
    for (let i = 0; i < 5; i++) await sql`select ${i}::int as a`.execute(database.db);
    for (let i = 0; i < 5; i++) await sql`select ${i}::int as b`.execute(database.db);
    const names = (await preparedStatements()).slice(before.length);
    expect(names).toHaveLength(2);
    expect(new Set(names).size).toBe(2);
    for (const name of names) expect(Buffer.byteLength(name)).toBeLessThan(64);
  });

  it('with the same text have the same name, in a transaction too', async () => {
    const before = await preparedStatements();
    await database.db.transaction().execute((trx) => sql`select ${1}::int as c`.execute(trx));
    await sql`select ${2}::int as c`.execute(database.db);
    expect((await preparedStatements()).length).toBe(before.length + 1);
  });

  it('R17: go on working while a newer release adds a column', async () => {
    await sql`create table grows (id integer)`.execute(database.db);
    await sql`insert into grows values (1)`.execute(database.db);
    const asked = [
      () => sql`select * from grows where id = ${1}`.execute(database.db),
      () => sql`select g.* from grows g where id = ${1}`.execute(database.db),
      () => sql`select g.id, g.* from grows g where id = ${1}`.execute(database.db),
      () => sql`update grows set id = id where id = ${1} returning *`.execute(database.db),
      () => sql`select id, count(*) from grows where id = ${1} group by id`.execute(database.db),
      () => sql`select id * 2 as twice from grows where id = ${1}`.execute(database.db),
    ];
    const before = (await preparedStatements()).length;
    for (const ask of asked) await ask();
    // Only those whose columns cannot change are kept.
    expect((await preparedStatements()).length).toBe(before + 2);
    await sql`alter table grows add column more text`.execute(database.db);
    for (const ask of asked) expect((await ask()).rows).toHaveLength(1);
  });

  it('of ever new texts do not fill the server’s memory with plans', async () => {
    for (let width = 1; width <= 600; width++)
      await sql`select ${sql.join(Array.from({ length: width }, (_, i) => sql`${i}::int`))}`.execute(
        database.db,
      );
    expect((await preparedStatements()).length).toBeLessThanOrEqual(500);
  });

  it('values are never part of the text: what looks like SQL stays a value', async () => {
    const hostile = "'; drop table x; --";
    const { rows } = await sql<{ v: string }>`select ${hostile}::text as v`.execute(database.db);
    expect(rows[0]?.v).toBe(hostile);
  });
});

describe('the pool', () => {
  it('outlives a connection that breaks while nobody uses it', async () => {
    const errors: Error[] = [];
    const own = openDatabase(url, { connections: 1, onError: (error) => errors.push(error) });
    try {
      const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(own.db);
      await sql`select pg_terminate_backend(${rows[0]?.pid})`.execute(database.db);
      for (let tries = 0; tries < 100 && errors.length === 0; tries++)
        await new Promise((later) => setTimeout(later, 10));
      expect(errors).toHaveLength(1);
      expect((await sql`select 1`.execute(own.db)).rows).toHaveLength(1);
    } finally {
      await own.close();
    }
  });

  it('outlives a connection that breaks between two statements of a transaction; the transaction fails, and the next has another one', async () => {
    const own = openDatabase(url, { connections: 1 });
    try {
      const cut = own.db.transaction().execute(async (trx) => {
        const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(trx);
        await sql`select pg_terminate_backend(${rows[0]?.pid})`.execute(database.db);
        await new Promise((later) => setTimeout(later, 200));
        await sql`select 1`.execute(trx);
      });
      await expect(cut).rejects.toThrow(/not queryable|terminated/);
      expect((await sql`select 1`.execute(own.db)).rows).toHaveLength(1);
    } finally {
      await own.close();
    }
  });

  it('closes whether or not it was ever used, and twice', async () => {
    const unused = openDatabase(url);
    await unused.close();
    expect(unused.pool.ended).toBe(true);
    await unused.close();
  });

  it('S2: all statements of a request wait for connections out of one budget; who has waited in vain does not wait as long again', async () => {
    const own = openDatabase(url, { connections: 1, connectWithin: 3_000 });
    const holder = await own.pool.connect();
    try {
      const waits = await withWaitBudget(waitBudget(300), async () => {
        const times: number[] = [];
        for (let number = 0; number < 3; number += 1) {
          const begun = performance.now();
          await expect(sql`select 1`.execute(own.db)).rejects.toThrow(
            'timeout exceeded when trying to connect',
          );
          times.push(performance.now() - begun);
        }
        return times;
      });
      expect(waits[0]).toBeGreaterThan(250);
      expect(waits.reduce((sum, one) => sum + one, 0)).toBeLessThan(900);
      // Who has none waits as long as the pool does, and what was given up takes no connection from others.
      const patient = sql`select 1`.execute(own.db);
      await new Promise((later) => setTimeout(later, 500));
      holder.release();
      expect((await patient).rows).toHaveLength(1);
      expect((await withWaitBudget(waitBudget(300), () => sql`select 1`.execute(own.db))).rows).toHaveLength(
        1,
      );
      expect([own.pool.totalCount, own.pool.idleCount]).toEqual([1, 1]);
    } finally {
      await own.close();
    }
  });
});

describe('S2: where PostgreSQL falls silent', () => {
  it('a request’s statement fails in time and the next one at once, a slow one of a PostgreSQL that is there does not; when somebody answers again it is as before', async () => {
    const wire = await openSilentWire(new URL(url).searchParams.get('host') ?? '');
    const name = new URL(url).pathname;
    const own = openDatabase(`postgresql://hitokagi@127.0.0.1:${wire.port}${name}`, { silentWithin: 600 });
    try {
      const slow = withWaitBudget(waitBudget(600), () => sql`select pg_sleep(1.5)`.execute(own.db));
      expect((await slow).rows).toHaveLength(1);
      await Promise.all([1, 2].map(() => sql`select pg_sleep(0.1)`.execute(own.db)));
      wire.falls('silent');
      const nobodysWork = sql`select 2 as two`.execute(own.db).catch((error: Error) => error.message);
      const begun = performance.now();
      await withWaitBudget(waitBudget(600), async () => {
        await expect(sql`select 1`.execute(own.db)).rejects.toThrow(/terminated/);
        const cut = performance.now();
        await expect(sql`select 1`.execute(own.db)).rejects.toThrow('does not answer');
        expect(performance.now() - cut).toBeLessThan(100);
      });
      expect(performance.now() - begun).toBeLessThan(1_500);
      // Who answers later may be another machine.
      expect(await nobodysWork).toMatch(/terminated/);
      wire.falls('back');
      const again = (): Promise<unknown> =>
        withWaitBudget(waitBudget(600), () => sql`select 1 as one`.execute(own.db)).then(
          ({ rows }) => rows,
          () => undefined,
        );
      await expect.poll(again, { timeout: 5_000 }).toEqual([{ one: 1 }]);
    } finally {
      await own.close();
      await wire.close();
    }
  });
});

/** A way to PostgreSQL on which everything that is said can be held back. */
async function openSilentWire(socketFolder: string) {
  let isSilent = false;
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(`${socketFolder}/.s.PGSQL.5432`);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.on('error', () => undefined);
      from.on('close', () => to.destroy());
      from.on('data', (chunk) => to.write(chunk));
      if (isSilent) from.pause();
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    falls(how: 'silent' | 'back') {
      isSilent = how === 'silent';
      for (const socket of sockets)
        if (isSilent) socket.pause();
        else socket.resume();
    },
    async close() {
      sockets.forEach((socket) => socket.destroy());
      await new Promise((closed) => server.close(closed));
    },
  };
}
