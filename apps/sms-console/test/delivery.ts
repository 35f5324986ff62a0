import { sql } from 'kysely';
import { createDelivery, type Delivery } from '#domain/delivery/delivery.ts';
import { readGatewaySettings, type GatewaySettings } from '#domain/delivery/gateway-settings.ts';
import { openDatabase, type Db } from '#support/db/database.ts';
import { migrate } from '#support/db/migrate.ts';
import type { MessageState } from '#support/db/schema.ts';
import { freshDatabase } from '../../../test-support/fresh-database.ts';
import { buildCarrier, type Behaviour, type Carrier } from '../../carrier-simulator/src/app.ts';

/** A queue on a real database, carriers' gateways that speak real SMPP, and programs that deliver. */
export type DeliveryWorld = {
  readonly db: Db;
  readonly companies: readonly string[];
  readonly logLines: string[];
  /** Moves the clock of all programs on. */
  advance(milliseconds: number): void;
  now(): Date;
  carrier(behaviour?: Partial<Behaviour>, port?: number): Promise<Carrier>;
  /** A program that delivers through these gateways, started. */
  deliver(...gateways: readonly GatewaySettings[]): Promise<Delivery>;
  /** Puts texts into the queue; the ids in their order. */
  queue(texts: readonly string[], more?: Partial<Queued>): Promise<readonly string[]>;
  states(): Promise<Partial<Record<MessageState, number>>>;
  /** Stops programs and carriers and forgets all messages. */
  reset(): Promise<void>;
  close(): Promise<void>;
};
type Queued = {
  company: number;
  lane: number;
  dueAt: Date;
  expiresAt: Date | null;
  state: MessageState;
  /** The first number; the others follow it with the same last two digits, by which the carrier decides what becomes of them. */
  to: number;
};

export const FAST_BACKOFF = { first: 20, most: 100 };

export async function openDeliveryWorld({
  companies: wanted = 1,
  lease = 2_000,
} = {}): Promise<DeliveryWorld> {
  const db = openDatabase((await freshDatabase()).url, () => undefined);
  await migrate(db);
  const companies = await db
    .insertInto('company')
    .values(Array.from({ length: wanted }, (_, n) => ({ name: `見本商事 ${n}` })))
    .returning('id')
    .execute();
  let passed = 0;
  const now = () => new Date(Date.now() + passed);
  const logLines: string[] = [];
  const open: (Delivery | Carrier)[] = [];
  let count = 0;
  async function reset(): Promise<void> {
    for (const one of open.splice(0)) await one.stop();
    passed = 0;
    logLines.length = 0;
    await sql`truncate message, message_part, early_receipt, message_event, delivery_worker, gateway_state, opt_out cascade`.execute(
      db,
    );
  }
  return {
    db,
    companies: companies.map(({ id }) => id),
    logLines,
    now,
    advance: (milliseconds) => void (passed += milliseconds),
    async carrier(behaviour, port = 0) {
      const carrier = buildCarrier({
        port,
        clock: () => new Date(),
        behaviour: { receiptDelayMs: 10, ...behaviour },
        keep: 200_000,
      });
      await carrier.start();
      open.push(carrier);
      return carrier;
    },
    async deliver(...gateways) {
      const delivery = createDelivery({
        db,
        gateways,
        clock: now,
        lease,
        backoff: FAST_BACKOFF,
        log: (level, facts, sentence) =>
          void logLines.push(
            JSON.stringify({
              level,
              ...facts,
              err: facts.err instanceof Error ? facts.err.stack : facts.err,
              sentence,
            }),
          ),
      });
      await delivery.start();
      open.unshift(delivery);
      return delivery;
    },
    async queue(texts, more = {}) {
      const first = more.to ?? 8_190_000_000_00;
      const ids = texts.map(() => `msg_test${String((count += 1)).padStart(8, '0')}`);
      await sql`insert into message (id, company_id, recipient, body, state, lane, due_at, accepted_at, expires_at)
        select t.id, ${companies[more.company ?? 0]?.id ?? null}::bigint, '+' || (${first}::bigint + 100 * (t.number - 1)), t.body,
          ${more.state ?? 'queued'}, ${more.lane ?? 2}, ${more.dueAt ?? now()}, ${now()}, ${more.expiresAt ?? null}
        from unnest(${ids}::text[], ${[...texts]}::text[]) with ordinality as t (id, body, number)`.execute(
        db,
      );
      return ids;
    },
    async states() {
      const rows = await db
        .selectFrom('message')
        .select((select) => ['state', select.fn.countAll<string>().as('count')])
        .groupBy('state')
        .execute();
      return Object.fromEntries(rows.map(({ state, count }) => [state, Number(count)]));
    },
    reset,
    async close() {
      await reset();
      await db.destroy();
    },
  };
}

/** The settings of a gateway at a carrier of these tests; a fast one with a small window. */
export function gatewayAt(
  { port }: { port: number },
  more: Readonly<Record<string, unknown>> = {},
): GatewaySettings {
  const one = {
    name: 'first',
    host: '127.0.0.1',
    port,
    systemId: 'zettai',
    password: 'mihon',
    perSecond: 2_000,
    window: 20,
    ...more,
  };
  const read = readGatewaySettings(JSON.stringify([one]), () => '');
  if (!read.ok || !read.gateways[0]) throw new Error(read.ok ? 'no gateway' : read.problem);
  return read.gateways[0];
}
