import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freshDatabase } from '../../../../../test-support/fresh-database.ts';
import { openDatabase, type Database } from './database.ts';

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
});
