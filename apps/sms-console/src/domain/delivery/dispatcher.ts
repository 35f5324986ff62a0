import type { Db } from '#support/db/database.ts';
import { SECOND } from '#support/primitives/durations.ts';
import {
  claimMessages,
  markWriting,
  partsThere,
  planParts,
  type ClaimedMessage,
  type PlannedPart,
} from './claim.ts';
import { decide, type PartOutcome } from './decide.ts';
import type { Gateway, Submit } from './gateway.ts';
import type { DeliveryLog, Recorder } from './recorder.ts';
import { createSharing } from './share-out.ts';
import { ownedBy, recoverClaims } from './workers.ts';

/** Takes messages out of the queue and hands them to the gateways, as many as these can take, codes first. */
export type Dispatcher = {
  start(): void;
  /** Looks into the queue now instead of in a moment. */
  wake(why: Wake): void;
  /** Claims and writes nothing more; what is planned and not written is given back by `release`. */
  stop(): Promise<void>;
  release(): void;
};

export type DispatcherParts = {
  db: Db;
  workerId: string;
  gateways: readonly Gateway[];
  recorder: Recorder;
  clock: () => Date;
  log: DeliveryLog;
  /** False while the worker's sign of life may be too old: others may take it for dead. */
  isAlive: () => boolean;
  /** Milliseconds until it looks into an empty queue again, if nobody wakes it. */
  lookAgain?: number;
};

/** A code is in the queue, something else is, or a gateway can take something again. */
type Wake = 'code' | 'queue' | 'room';

/** A message that is with this worker, from its claim until its decision is stored. */
type Trial = {
  readonly message: ClaimedMessage;
  readonly gateway: Gateway;
  readonly hadParts: boolean;
  readonly outcomes: Map<number, PartOutcome>;
  missing: number;
};
type OutgoingPart = { readonly trial: Trial; readonly number: number; readonly submit: Submit };

const LOOK_AGAIN = SECOND / 2;
/** Its window is full, or it is time for the next submit soon. */
const WITHOUT_ROOM = 20;
/** Between two looks when there is room for codes only. */
const LOOK_FOR_CODES = SECOND / 5;
const GATHER_ROOM = 5;
const AFTER_A_FAULT = SECOND;

export function createDispatcher(parts: DispatcherParts): Dispatcher {
  const { db, workerId, gateways, recorder, clock, log, lookAgain = LOOK_AGAIN } = parts;
  const underWay = new Map<string, Trial>();
  const waiting = new Map<Gateway, OutgoingPart[]>(gateways.map((gateway) => [gateway, []]));
  const afterCompany = new Map<number, string>();
  const sharing = createSharing();
  let partsAMessage = 1;
  let stopping = false;
  let running: Promise<void> | null = null;
  let wakeUp: ((why: Wake) => void) | null = null;
  /** A code came and has not been looked for yet: it may have been stored behind the back of the claim that is under way. */
  let hasCode = false;
  let unsure = false;

  async function run(): Promise<void> {
    while (!stopping) {
      try {
        if (!parts.isAlive()) await nap(LOOK_AGAIN);
        else await turn();
      } catch (error) {
        // A commit whose answer was lost may have claimed messages that nobody here knows of.
        unsure = true;
        log('error', { err: error }, 'messages could not be taken from the queue; it is tried again');
        await nap(AFTER_A_FAULT);
      }
    }
  }

  /** One look into the queue, and the pause until the next one makes sense. */
  async function turn(): Promise<void> {
    if (unsure) await giveBackUnknown();
    const able = gateways.filter((gateway) => gateway.room().codes > 0);
    if (able.length === 0) return nap(gateways.some(isBound) ? WITHOUT_ROOM : LOOK_AGAIN, ['room']);
    hasCode = false;
    const hasWaiting = [...waiting.values()].some((list) => list.length > 0);
    const others = able.some((gateway) => gateway.room().others > 0);
    const sent = await sendFrom(hasWaiting || !others ? [0] : [0, 1, 2], able);
    if (hasWaiting) await writeWaiting();
    if (!others) {
      await nap(LOOK_FOR_CODES, ['room', 'code']);
      return nap(GATHER_ROOM, ['code']);
    }
    return nap(sent || hasWaiting ? GATHER_ROOM : lookAgain, ['queue', 'code']);
  }

  /** Claims, plans and writes what the gateways have room for; false when nothing was there. */
  async function sendFrom(lanes: readonly number[], able: readonly Gateway[]): Promise<boolean> {
    const { trials, now, later } = await db
      .transaction()
      .execute(async (trx) => plan(trx, await claim(trx, lanes, able), able));
    for (const trial of trials) {
      underWay.set(trial.message.id, trial);
      if (trial.missing === 0) conclude(trial);
    }
    for (const part of later) waiting.get(part.trial.gateway)?.push(part);
    for (const part of now) write(part);
    return trials.length > 0;
  }

  async function claim(
    trx: Db,
    lanes: readonly number[],
    able: readonly Gateway[],
  ): Promise<readonly ClaimedMessage[]> {
    const names = able.map(({ settings }) => settings.name);
    const claimed: ClaimedMessage[] = [];
    for (const lane of lanes) {
      const room = able.reduce((sum, gateway) => sum + gateway.room()[lane === 0 ? 'codes' : 'others'], 0);
      const limit = Math.max(claimed.length === 0 ? 1 : 0, Math.floor(room / partsAMessage) - claimed.length);
      if (limit <= 0) break;
      const turnOf = afterCompany.get(lane) ?? '0';
      const wanted = { workerId, gateways: names, lane, limit, afterCompany: turnOf };
      const found = await claimMessages(trx, wanted, clock());
      const last = found.at(-1);
      if (last) afterCompany.set(lane, last.companyId);
      claimed.push(...found);
    }
    return claimed;
  }

  /** Chooses gateways and stores the parts; after the commit they may be written. */
  async function plan(trx: Db, messages: readonly ClaimedMessage[], able: readonly Gateway[]) {
    const there = await partsThere(
      trx,
      messages.flatMap((message) => (message.gateway === null ? [] : [message.id])),
    );
    const share = sharing(able);
    const trials = messages.map((message) => trialOf(message, share.choose(message), there));
    const now: OutgoingPart[] = [];
    const later: OutgoingPart[] = [];
    const planned: PlannedPart[] = [];
    for (const { trial, missing } of trials) {
      const { name, carrier } = trial.gateway.settings;
      for (const part of missing) {
        const atOnce = share.take(trial.gateway, trial.message.lane === 0);
        (atOnce ? now : later).push({ trial, ...part });
        const state = atOnce ? 'writing' : 'waiting';
        planned.push({ messageId: trial.message.id, number: part.number, gateway: name, carrier, state });
      }
    }
    await planParts(trx, planned, clock());
    if (messages.length > 0)
      partsAMessage = Math.max(1, (partsAMessage + planned.length / messages.length) / 2);
    return { trials: trials.map(({ trial }) => trial), now, later };
  }

  function trialOf(message: ClaimedMessage, gateway: Gateway, there: ReadonlySet<string>) {
    const validFor = message.expiresAt.getTime() - clock().getTime();
    const submits = gateway.plan({ ...message, validFor });
    const missing = submits.flatMap((submit, index) =>
      there.has(`${message.id} ${index + 1}`) ? [] : [{ submit, number: index + 1 }],
    );
    const hadParts = missing.length < submits.length;
    const trial: Trial = { message, gateway, hadParts, outcomes: new Map(), missing: missing.length };
    return { trial, missing };
  }

  /** Parts of long messages for which there was no room in the window when the others left. */
  async function writeWaiting(): Promise<void> {
    for (const [gateway, list] of waiting) {
      const batch = list.slice(0, gateway.room().others);
      if (batch.length === 0) continue;
      const ids = batch.map(({ trial, number }) => ({ messageId: trial.message.id, number }));
      const marked = await markWriting(db, workerId, ids, clock());
      list.splice(0, batch.length);
      for (const part of batch)
        if (marked.has(`${part.trial.message.id} ${part.number}`)) write(part);
        else note(part, { kind: 'unsent' });
    }
  }

  function write(part: OutgoingPart): void {
    if (!part.submit((outcome) => note(part, outcome))) note(part, { kind: 'unsent' });
  }

  function note({ trial, number }: OutgoingPart, outcome: PartOutcome): void {
    if (trial.outcomes.has(number)) return;
    trial.outcomes.set(number, outcome);
    trial.missing -= 1;
    if (trial.missing === 0) conclude(trial);
  }

  function conclude(trial: Trial): void {
    const { message, gateway, outcomes, hadParts } = trial;
    recorder.decision(decide(message, gateway.settings, outcomes, hadParts, clock()), () => {
      if (underWay.get(message.id) === trial) underWay.delete(message.id);
    });
  }

  async function giveBackUnknown(): Promise<void> {
    const mine = await ownedBy(db, workerId);
    await recoverClaims(
      db,
      gateways.map(({ settings }) => settings),
      clock(),
      mine.filter((id) => !underWay.has(id)),
    );
    unsure = false;
  }

  /** Ends early when it is woken for one of these reasons. */
  function nap(milliseconds: number, until: readonly Wake[] = []): Promise<void> {
    if (stopping || (hasCode && until.includes('code'))) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        wakeUp = null;
        resolve();
      };
      const timer = setTimeout(done, milliseconds);
      wakeUp = (why) => (until.includes(why) || stopping) && done();
    });
  }

  return {
    start: () => void (running ??= run()),
    wake(why) {
      hasCode ||= why === 'code';
      wakeUp?.(why);
    },
    async stop() {
      stopping = true;
      wakeUp?.('queue');
      await running;
    },
    release() {
      for (const list of waiting.values()) for (const part of list.splice(0)) note(part, { kind: 'unsent' });
    },
  };
}

function isBound(gateway: Gateway): boolean {
  return gateway.state().state === 'bound';
}
