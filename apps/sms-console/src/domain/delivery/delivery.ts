import { randomUUID } from 'node:crypto';
import type { Db } from '#support/db/database.ts';
import { SECOND } from '#support/primitives/durations.ts';
import { createDispatcher } from './dispatcher.ts';
import { expireMessages } from './expire.ts';
import { createGateway, type Backoff, type Gateway, type GatewayState } from './gateway.ts';
import type { GatewaySettings } from './gateway-settings.ts';
import { writeGatewayStates } from './gateway-states.ts';
import type { Receipt } from './read-receipt.ts';
import { matchEarlyReceipts } from './record-receipts.ts';
import { createRecorder, type DeliveryLog } from './recorder.ts';
import { recoverClaims, sayGoodbye, signOfLife } from './workers.ts';

export type DeliveryParts = {
  db: Db;
  gateways: readonly GatewaySettings[];
  clock: () => Date;
  log: DeliveryLog;
  /** How long a worker that died keeps what it had claimed, in milliseconds. */
  lease?: number;
  backoff?: Backoff;
  /** How often an empty queue is looked into, in milliseconds. */
  lookAgain?: number | undefined;
};

/** Messages on their way out of the queue to the gateways, and receipts on their way back. */
export type Delivery = {
  start(): Promise<void>;
  /** Lets what is under way be answered, stores it, unbinds. */
  stop(): Promise<void>;
  /** A code, or something else, is in the queue (committed): it is looked into now instead of within half a second. */
  wake(what: 'code' | 'queue'): void;
  /** Takes a receipt that did not come over a bind; false: it could not be stored and should come again. */
  receipt(gateway: GatewaySettings, receipt: Receipt): Promise<boolean>;
  states(): readonly GatewayState[];
};

const LEASE = 10 * SECOND;
const EXPIRY_EVERY = 30 * SECOND;
const STOP_GRACE = 5 * SECOND;

/** Builds the delivery of one program: a worker with a bind to each gateway. Any number of programs may work on one database. */
export function createDelivery({
  db,
  gateways: settings,
  clock,
  log,
  lease = LEASE,
  backoff,
  lookAgain,
}: DeliveryParts): Delivery {
  const workerId = randomUUID();
  const recorder = createRecorder(db, workerId, clock, log);
  const gateways: Gateway[] = settings.map((one) =>
    createGateway(
      one,
      {
        onRoom: () => dispatcher.wake('room'),
        onReceipt: (receipt, answer) =>
          recorder.receipt({ carrier: one.carrier, ...receipt, at: clock() }, answer),
        log,
      },
      clock,
      backoff,
    ),
  );
  let aliveAt = -Infinity;
  const dispatcher = createDispatcher({
    db,
    workerId,
    gateways,
    recorder,
    clock,
    log,
    isAlive: () => performance.now() - aliveAt < lease / 2,
    ...(lookAgain === undefined ? {} : { lookAgain }),
  });
  const stopWork: (() => Promise<void>)[] = [];

  async function live(): Promise<void> {
    const begun = performance.now();
    await signOfLife(db, workerId, lease);
    aliveAt = begun;
    await writeGatewayStates(
      db,
      workerId,
      gateways.map((gateway) => gateway.state()),
      clock(),
    );
  }

  async function lookAfter(): Promise<void> {
    const recovered = await recoverClaims(db, settings, clock());
    if (recovered > 0) {
      log(
        'warn',
        { messages: recovered },
        'messages that a program which died had in its hands are looked after',
      );
      dispatcher.wake('queue');
    }
    while ((await matchEarlyReceipts(db, clock())) > 0);
  }

  function every(pause: number, name: string, act: () => Promise<unknown>): void {
    let running: Promise<unknown> | null = null;
    const timer = setInterval(() => {
      running ??= act()
        .catch((error: unknown) => log('error', { err: error }, `${name} failed; it is tried again`))
        .finally(() => (running = null));
    }, pause);
    timer.unref();
    stopWork.push(async () => {
      clearInterval(timer);
      await running;
    });
  }

  return {
    async start() {
      await live().catch((error: unknown) =>
        log('error', { err: error }, 'the sign of life failed; it is tried again'),
      );
      every(lease / 4, 'the sign of life', live);
      every(lease / 2, 'looking after what dead programs left', lookAfter);
      every(EXPIRY_EVERY, 'expiry', () => expireMessages(db, clock()));
      for (const gateway of gateways) gateway.start();
      dispatcher.start();
    },
    async stop() {
      await dispatcher.stop();
      await Promise.all(gateways.map((gateway) => gateway.stop(STOP_GRACE)));
      dispatcher.release();
      await recorder.drain();
      await Promise.all(stopWork.map((stop) => stop()));
      await sayGoodbye(db, workerId).catch(() => undefined);
    },
    wake: (what) => dispatcher.wake(what),
    receipt: (gateway, receipt) =>
      new Promise((resolve) =>
        recorder.receipt({ carrier: gateway.carrier, ...receipt, at: clock() }, resolve),
      ),
    states: () => gateways.map((gateway) => gateway.state()),
  };
}
