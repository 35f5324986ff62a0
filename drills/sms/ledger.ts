import { sql } from 'kysely';
import type { Zero } from '../report.ts';
import type { SmsWorld } from './world.ts';

type Row = { id: string; recipient: string; body: string; state: string; doubts: number };
const SAMPLES = 5;

/** Compares what the gateway took with what the database says. */
export async function compare({ db, carrier, console }: SmsWorld): Promise<{
  inDoubt: number;
  doubled: number;
  zeros: readonly Zero[];
}> {
  const { rows } = await sql<Row>`select id, recipient, body, state, doubts from message order by id`.execute(
    db,
  );
  const events = await sql<{ id: string; state: string; count: number }>`
    select message_id as id, state, count(*)::int as count from message_event group by message_id, state`.execute(
    db,
  );
  const told = new Map(events.rows.map((row) => [`${row.id} ${row.state}`, row.count]));
  const taken = new Map<string, Map<number, string[]>>();
  for (const submit of carrier.submits()) {
    const parts = taken.get(submit.to) ?? new Map<number, string[]>();
    taken.set(submit.to, parts);
    const number = submit.part?.number ?? 1;
    parts.set(number, [...(parts.get(number) ?? []), submit.text]);
  }
  const lost: string[] = [];
  const doubledWithoutDoubt: string[] = [];
  const unsettled: string[] = [];
  const wronglyTold: string[] = [];
  let doubled = 0;
  for (const row of rows) {
    const parts = taken.get(row.recipient.slice(1)) ?? new Map<number, string[]>();
    const text = [...parts.keys()].toSorted((a, b) => a - b).map((number) => parts.get(number)?.[0]);
    if (text.join('') !== row.body) lost.push(row.id);
    for (const [number, copies] of parts) {
      if (copies.length > 1) doubled += 1;
      if (copies.length > 1 + row.doubts || new Set(copies).size > 1)
        doubledWithoutDoubt.push(`${row.id} part ${number}: ${copies.length} times, ${row.doubts} doubts`);
    }
    if (row.state !== 'delivered') unsettled.push(`${row.id} is ${row.state}`);
    if (told.get(`${row.id} sent`) !== 1 || told.get(`${row.id} delivered`) !== 1) wronglyTold.push(row.id);
  }
  const zero = (what: string, found: readonly string[]): Zero => ({
    what,
    count: found.length,
    samples: found.slice(0, SAMPLES),
  });
  return {
    inDoubt: rows.filter(({ doubts }) => doubts > 0).length,
    doubled,
    zeros: [
      zero('messages that the gateway never took, or not whole', lost),
      zero('parts taken more often than they were in doubt', doubledWithoutDoubt),
      zero('messages without the state of their receipt', unsettled),
      zero('messages whose states were told twice or not at all', wronglyTold),
      zero('ends of the program that nobody caused', console.deaths),
    ],
  };
}
