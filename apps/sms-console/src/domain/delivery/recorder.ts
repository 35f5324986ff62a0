import { setTimeout as pause } from 'node:timers/promises';
import type { Db } from '#support/db/database.ts';
import { SECOND } from '#support/primitives/durations.ts';
import type { Decision } from './decide.ts';
import { recordDecisions } from './record-answers.ts';
import { matchEarlyReceipts, recordReceipts, type ArrivedReceipt } from './record-receipts.ts';

export type DeliveryLog = (
  level: 'info' | 'warn' | 'error',
  facts: Readonly<Record<string, unknown>>,
  sentence: string,
) => void;

/** Writes what gateways say into the database, many at a time and one batch after the other. */
export type Recorder = {
  /** Kept until it is stored, whatever the database does meanwhile; `onStored` is called then. */
  decision(decision: Decision, onStored: () => void): void;
  /** `answer` is called with true when the receipt is stored, with false when it could not be: the gateway sends it again. */
  receipt(receipt: ArrivedReceipt, answer: (stored: boolean) => void): void;
  /** Stores what waits; gives up after a few tries. */
  drain(): Promise<void>;
};

const GATHER = 15;
const BATCH = 500;
const BEFORE_ANOTHER_TRY = SECOND / 2;
const TRIES_AT_THE_END = 4;

export function createRecorder(db: Db, workerId: string, clock: () => Date, log: DeliveryLog): Recorder {
  const decisions: { decision: Decision; onStored: () => void }[] = [];
  const receipts: { receipt: ArrivedReceipt; answer: (stored: boolean) => void }[] = [];
  let running: Promise<void> | null = null;
  let timer: NodeJS.Timeout | undefined;
  let draining = false;
  let failures = 0;
  /** Receipts that were stored aside, because their answer was not stored yet. */
  let early = 0;

  function soon(): void {
    if (running === null) timer ??= setTimeout(() => void run(), GATHER);
  }

  function run(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    running ??= storeAll().finally(() => (running = null));
    return running;
  }

  async function storeAll(): Promise<void> {
    while (decisions.length > 0 || receipts.length > 0) {
      // Answers first: a receipt is of something that was answered.
      const stored = await storeDecisions();
      await storeReceipts(stored);
      if (stored) {
        failures = 0;
        continue;
      }
      failures += 1;
      if (draining && failures >= TRIES_AT_THE_END) return;
      await pause(BEFORE_ANOTHER_TRY);
    }
  }

  async function storeDecisions(): Promise<boolean> {
    const batch = decisions.slice(0, BATCH);
    if (batch.length === 0) return true;
    try {
      await recordDecisions(
        db,
        workerId,
        batch.map(({ decision }) => decision),
        clock(),
      );
    } catch (error) {
      log(
        'error',
        { err: error, messages: batch.length },
        'answers of gateways could not be stored; they are kept and stored again',
      );
      return false;
    }
    decisions.splice(0, batch.length);
    for (const { onStored } of batch) onStored();
    return true;
  }

  async function storeReceipts(answersAreStored: boolean): Promise<void> {
    const batch = receipts.splice(0, BATCH);
    let stored = true;
    try {
      if (early > 0 && answersAreStored) {
        early = 0;
        await matchEarlyReceipts(db, clock());
      }
      if (batch.length === 0) return;
      early += await recordReceipts(
        db,
        batch.map(({ receipt }) => receipt),
        clock(),
      );
    } catch (error) {
      stored = false;
      log(
        'error',
        { err: error, receipts: batch.length },
        'receipts could not be stored; their gateways are asked for them again',
      );
    }
    for (const { answer } of batch) answer(stored);
  }

  return {
    decision(decision, onStored) {
      decisions.push({ decision, onStored });
      soon();
    },
    receipt(receipt, answer) {
      receipts.push({ receipt, answer });
      soon();
    },
    async drain() {
      draining = true;
      failures = 0;
      await run();
      await run();
    },
  };
}
