import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { WELL_BEHAVED, type Behaviour } from './behaviour.ts';
import { serveSession } from './gateway-session.ts';
import { serveLedger } from './ledger-server.ts';
import { SecondCounter, Shares } from './quotas.ts';
import { ReceiptDesk } from './receipt-desk.ts';
import type { Session } from './smpp.d.ts';
import { smpp } from './smpp-library.ts';
import { SubmitLog, type CarrierMessage, type Submit } from './submits.ts';

export type { Behaviour, CarrierMessage, Submit };

const SECOND = 1_000;
const UNBIND_GRACE = SECOND / 4;
const KEPT_SUBMITS = 10_000;

export type CarrierOptions = {
  /** TCP port for SMPP; 0 takes a free one. */
  readonly port: number;
  /** Address to listen on; 127.0.0.1 by default. */
  readonly host?: string;
  readonly clock: () => Date;
  /** How it begins to behave; well, where nothing is said. */
  readonly behaviour?: Partial<Behaviour>;
  /** Milliseconds between a submit and its receipt; short for that behaviour. */
  readonly receiptDelayMs?: number;
  /** Port of the HTTP server that shows the ledger; none without it, 0 takes a free one. */
  readonly httpPort?: number;
  /** How many submits and messages are kept to look at; 10,000 by default. */
  readonly keep?: number;
  /** Accept only these; without them any non-empty system id and password bind. */
  readonly credentials?: { readonly systemId: string; readonly password: string };
  /** Told of binds and broken connections; silent by default. */
  readonly log?: (event: string, facts: Readonly<Record<string, unknown>>) => void;
};

export type Carrier = {
  /** Listens; rejects with the system's error (code EADDRINUSE) when the port is taken. */
  start(): Promise<void>;
  /** Unbinds and closes all sessions; receipts not yet sent are forgotten. */
  stop(): Promise<void>;
  /** Ends all connections at once without a word, as a failing gateway does; it keeps listening. */
  dropConnections(): void;
  /** Accepted submits, oldest first, at most the newest `keep`. */
  submits(): readonly Submit[];
  /** Whole messages with long ones put together, oldest first, at most the newest `keep`. */
  messages(): readonly CarrierMessage[];
  /** How many submits it has accepted. */
  taken(): number;
  /** Behaves otherwise from now on, in what is named. */
  behave(changes: Partial<Behaviour>): void;
  /** Who is bound now. */
  boundSystemIds(): readonly string[];
  /** The port that it listens on (after start). */
  readonly port: number;
  /** The port of the ledger (after start), 0 without one. */
  readonly httpPort: number;
};

/** Builds a carrier's SMPP 3.4 gateway that delivers to nobody. README.md lists the outcomes by destination. */
export function buildCarrier(options: CarrierOptions): Carrier {
  const submitLog = new SubmitLog(options.keep ?? KEPT_SUBMITS);
  let current: Behaviour = {
    ...WELL_BEHAVED,
    ...(options.receiptDelayMs !== undefined && { receiptDelayMs: options.receiptDelayMs }),
    ...options.behaviour,
  };
  const behaviour = (): Behaviour => current;
  const behave = (changes: Partial<Behaviour>): void => void (current = { ...current, ...changes });
  const receipts = new ReceiptDesk({ clock: options.clock, behaviour });
  const bound: string[] = [];
  const gateway = {
    clock: options.clock,
    log: options.log ?? (() => undefined),
    receipts,
    submitLog,
    nextMessageId: messageIds(options.clock()),
    onBound(systemId: string) {
      bound.push(systemId);
      return () => void bound.splice(bound.indexOf(systemId), 1);
    },
    behaviour,
    shares: new Shares(),
    perSecond: new SecondCounter(),
    credentials: options.credentials,
  };
  const sessions = new Set<Session>();
  const server = smpp.createServer((session) => {
    sessions.add(session);
    session.on('close', () => sessions.delete(session));
    serveSession(session, gateway);
  });
  let port = options.port;
  let ledger: Awaited<ReturnType<typeof serveLedger>> | undefined;

  return {
    async start() {
      server.listen(options.port, options.host ?? '127.0.0.1');
      await once(server, 'listening');
      port = (server.address() as AddressInfo).port;
      if (options.httpPort === undefined) return;
      ledger = await serveLedger(options.httpPort, { messages: () => submitLog.messages, behaviour, behave });
    },
    async stop() {
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      for (const session of sessions) session.unbind({}, () => session.close());
      const grace = setTimeout(() => destroyAll(sessions), UNBIND_GRACE);
      await closed;
      clearTimeout(grace);
      receipts.stop();
      ledger?.server.closeAllConnections();
      ledger?.server.close();
    },
    dropConnections: () => destroyAll(sessions),
    submits: () => submitLog.submits,
    messages: () => submitLog.messages,
    taken: () => submitLog.count,
    behave,
    boundSystemIds: () => [...bound],
    get port() {
      return port;
    },
    get httpPort() {
      return ledger?.port ?? 0;
    },
  };
}

function destroyAll(sessions: ReadonlySet<Session>): void {
  for (const session of sessions) session.destroy();
}

/** Unique over restarts: the start in seconds and a counter, both hexadecimal. */
function messageIds(startedAt: Date): () => string {
  const prefix = Math.floor(startedAt.getTime() / SECOND)
    .toString(16)
    .toUpperCase();
  let count = 0;
  return () => {
    count += 1;
    return prefix + count.toString(16).toUpperCase().padStart(6, '0');
  };
}
