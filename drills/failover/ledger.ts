import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';

/** Somebody who writes one row after the other and notes what was acknowledged, as a bank would. */
export type Ledger = {
  readonly written: readonly number[];
  /** Which acknowledged rows are not in the database. */
  missing(): Promise<number[]>;
  /** Milliseconds from this moment to the next acknowledged row. */
  gapAfter(moment: number): number | undefined;
  stop(): Promise<void>;
};

/** @param url of a database in which it may make its table */
export async function startLedger(url: string): Promise<Ledger> {
  const written: number[] = [];
  const times: number[] = [];
  await once(url, 'create table drill_ledger (number integer primary key)');
  let stopping = false;
  const running = write();
  running.catch(() => undefined);

  async function write(): Promise<void> {
    for (let number = 0; !stopping;) {
      const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 1_000 });
      client.on('error', () => undefined);
      try {
        await client.connect();
        while (!stopping) {
          number += 1;
          await client.query('insert into drill_ledger values ($1)', [number]);
          written.push(number);
          times.push(performance.now());
          await pause(20);
        }
      } catch {
        // Not acknowledged: it may be there or not. The next one follows.
        await pause(50);
      }
      await client.end().catch(() => undefined);
    }
  }

  return {
    written,
    async missing() {
      const { rows } = await once<{ number: number }>(url, 'select number from drill_ledger');
      const there = new Set(rows.map(({ number }) => number));
      return written.filter((number) => !there.has(number));
    },
    gapAfter(moment) {
      const first = times.find((at) => at > moment + 300);
      return first === undefined ? undefined : first - moment;
    },
    async stop() {
      stopping = true;
      await running;
    },
  };
}

async function once<Row extends object>(url: string, statement: string): Promise<{ rows: Row[] }> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await client.query<Row>(statement);
  } finally {
    await client.end();
  }
}
