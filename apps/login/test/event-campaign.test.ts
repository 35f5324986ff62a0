import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { queueAccountEvent } from '#domain/events/queue.ts';
import { openJobs } from '#support/jobs/jobs.ts';
import { openEventReceiver, type EventReceiver } from './event-receiver.ts';
import { MASTER_SECRET, openWorld, type World } from './world.ts';

/** CI: a small one of the same; `HITOKAGI_FULL_CAMPAIGN=1` runs it whole. */
const FULL = process.env.HITOKAGI_FULL_CAMPAIGN === '1';
const [PEOPLE, EVENTS, KILLS] = FULL ? [200, 20, 50] : [10, 6, 4];

let world: World;
let receiver: EventReceiver;
let child: ChildProcess | undefined;

beforeAll(async () => {
  receiver = await openEventReceiver();
  world = await openWorld({
    work: false,
    now: new Date(),
    environment: { HITOKAGI_ALLOWED_INTERNAL_HOSTS: '127.0.0.1' },
  });
  await world.addConsole('sms', { eventUri: receiver.url });
});
afterAll(async () => {
  child?.kill('SIGKILL');
  await world.close();
  await receiver.close();
});

it(
  `R24: ${KILLS} kills -9 of the server, ${PEOPLE} people with ${EVENTS} events each, a console that also fails, refuses to answer and loses its answers: 0 lost, 0 doubled in effect, 0 out of order`,
  async () => {
    const { db } = world.database;
    /** By account: the sequences that the console has taken, in this order. */
    const effect = new Map<string, number[]>();
    const known = new Set<string>();
    const outOfOrder: string[] = [];
    let arrivals = 0;
    receiver.answer = (token) => {
      const {
        jti = '',
        sub_id: subject,
        events,
      } = decodeJwt(token) as {
        jti?: string;
        sub_id: { sub: string };
        events: Record<string, { sequence: number }>;
      };
      const sequence = Object.values(events)[0]?.sequence ?? 0;
      arrivals += 1;
      if (arrivals % 7 === 0) return { status: 500 };
      const taken = effect.get(subject.sub) ?? [];
      if (!known.has(jti)) {
        if (sequence < (taken.at(-1) ?? 0)) outOfOrder.push(jti);
        effect.set(subject.sub, [...taken, sequence]);
        known.add(jti);
      }
      // Taken, but the answer says nothing of it.
      return { status: arrivals % 11 === 0 ? 200 : 202 };
    };
    const jobs = await openJobs({
      databaseUrl: world.databaseUrl,
      mailRetryAfter: 30,
      onError: () => undefined,
    });
    const people = await Promise.all(
      Array.from({ length: PEOPLE }, (_, nth) =>
        world.addPerson(`campaign${nth}@example.co.jp`, { sms: `c-${nth}` }),
      ),
    );
    const queueAll = (async () => {
      for (let nth = 0; nth < EVENTS; nth++)
        for (const accountId of people) {
          await db
            .transaction()
            .execute((trx) =>
              queueAccountEvent(trx, jobs, { kind: 'password-changed', accountId }, new Date()),
            );
          await pause(5);
        }
    })();
    const begun = performance.now();
    for (let nth = 0; nth < KILLS; nth++) {
      const before = arrivals;
      await startServer();
      for (let tries = 0; arrivals === before && tries < 300; tries++) await pause(50);
      await pause(Math.random() * 300);
      child?.kill('SIGKILL');
      await once(child as ChildProcess, 'exit');
    }
    await queueAll;
    await startServer();
    const waiting = async (): Promise<number> =>
      Number(
        (
          await world.database.pool.query<{ n: string }>(
            "select count(*) as n from event_delivery where state <> 'delivered'",
          )
        ).rows[0]?.n,
      );
    for (let tries = 0; (await waiting()) > 0 && tries < (FULL ? 3_000 : 300); tries++) await pause(500);
    expect(await waiting()).toBe(0);
    expect(outOfOrder).toEqual([]);
    for (const accountId of people) {
      const { rows } = await world.database.pool.query<{ number: string }>(
        'select number from account_event where account_id = $1 order by number',
        [accountId],
      );
      expect(effect.get(accountId)).toEqual(rows.map((one) => Number(one.number)));
    }
    process.stderr.write(
      `${JSON.stringify({ people: PEOPLE, events: PEOPLE * EVENTS, kills: KILLS, arrivals, lost: 0, doubled: 0, seconds: Math.round((performance.now() - begun) / 1_000) })}\n`,
    );
    await jobs.stop();
  },
  FULL ? 3_600_000 : 240_000,
);

async function startServer(): Promise<void> {
  const started = spawn(process.execPath, ['apps/login/bin/serve.js'], {
    env: {
      PATH: process.env.PATH,
      HITOKAGI_PORT: '0',
      HITOKAGI_ISSUER: 'http://login.example.co.jp',
      DATABASE_URL: world.databaseUrl,
      HITOKAGI_SECRET: MASTER_SECRET,
      HITOKAGI_SMTP_URL: world.config.smtpUrl,
      HITOKAGI_LOG_LEVEL: 'error',
      HITOKAGI_ALLOWED_INTERNAL_HOSTS: '127.0.0.1',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  child = started;
  await new Promise<void>((ready, failed) => {
    started.stdout.on('data', (chunk: Buffer) => {
      if (chunk.toString().includes('ready')) ready();
    });
    started.once('exit', () => failed(new Error('The server ended before it was ready.')));
  });
}
