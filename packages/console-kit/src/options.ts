import type { AccountEvents } from './events/account-event.ts';
import type { LoginIdStore } from './login-ids.ts';
import type { Plan } from './plan/plan.ts';

/** Tells the time. Production passes `() => new Date()`. */
export type Clock = () => Date;

/** Takes structured lines. A pino logger, `fastify.log` or the global `console` fit as they are. */
export type KitLog = {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
};

/**
 * The console's own sessions, as far as single logout needs them. Legacy sessions (no `sid`, no `sub`) are never touched.
 * Both calls end only sessions with `startedAt < startedBefore` (store `SignedIn.startedAt` with the session and compare with that:
 * it comes from the login server's clock) and return how many they ended; 0 is a normal answer.
 */
export type SessionStore = {
  endBySid(sid: string, limit: { startedBefore: Date }): Promise<number>;
  endBySub(sub: string, limit: { startedBefore: Date }): Promise<number>;
};

/** Remembers logout tokens that were used. */
export type LogoutTokenStore = {
  /**
   * True for exactly one caller per `jti`, also with several at once and several nodes (`INSERT … ON CONFLICT DO NOTHING`).
   * The entry may be forgotten after `expiresAt`.
   */
  firstUse(jti: string, expiresAt: Date): Promise<boolean>;
};

/** Keeps the last known plan over restarts. The plan is plain JSON. */
export type PlanStore = {
  load(): Promise<Plan | null>;
  save(plan: Plan): Promise<void>;
};

/** Keeps over restarts up to where this console knows which of its sessions have ended: one short text for all its nodes. */
export type EndedSessionsStore = {
  load(): Promise<string | null>;
  save(place: string): Promise<void>;
};

/** A sign-in at the legacy login: `id` is of this one event, `consoleUserId` the console's own immutable user id. */
export type LegacySignIn = { id: string; consoleUserId: string; at: Date };

/** The outbox of legacy sign-ins (R15): a table of the console's own. Rows stay until the login server has taken them. */
export type LegacySignInStore = {
  add(signIn: LegacySignIn): Promise<void>;
  /** At most `limit` rows, the oldest first. Several nodes may get the same ones. */
  oldest(limit: number): Promise<LegacySignIn[]>;
  /** Removes rows; those that are gone already are no error. */
  remove(ids: readonly string[]): Promise<void>;
};

/**
 * Says whether a legacy password is right (R21), as the console's own legacy sign-in would: with its counters, and the same work for an address that nobody has. Never throws for what
 * was typed; a failure is an outage, and the person sets a password by mail.
 */
export type LegacyPasswords = {
  check(question: {
    emailAddress: string;
    password: string;
  }): Promise<{ matches: false } | { matches: true; consoleUserId: string }>;
};

/** A person of the console as the login server is to know them. `key` names this wish: a later change of the same person is another one. */
export type Registration = {
  key: string;
  /** The console's own immutable user id. */
  consoleUserId: string;
  emailAddress: string;
  name: string;
  company?: string;
  locale?: 'ja' | 'en';
  /** False: the person enters this console no more, and their sessions there end. */
  active: boolean;
};

/** `refused`: the login server will never take it as it is; `reason` is its code or words. */
export type RegistrationOutcome = { state: 'registered' } | { state: 'refused'; reason: string };

/** The outbox of people to register: a table of the console's own, written in the transaction that adds or changes the person. */
export type RegistrationStore = {
  /** At most `limit` wishes, the oldest first. Several nodes may get the same ones. */
  oldest(limit: number): Promise<Registration[]>;
  /** Called once the login server has answered; nothing happens if the wish is not there any more. */
  settle(key: string, outcome: RegistrationOutcome): Promise<void>;
};

/** What differs between two installations of one console. */
export type ConsoleSettings = Pick<
  ConsoleKitOptions,
  'issuer' | 'clientId' | 'clientSecret' | 'consoleUrl' | 'cookieKey'
>;

export type ConsoleKitOptions = {
  /** Issuer of the login server, as in its discovery document. https, or http on a loopback host. */
  issuer: string;
  clientId: string;
  clientSecret: string;
  /** The console's own origin as browsers see it, such as `https://console.example.co.jp`; no path. */
  consoleUrl: string;
  /** Secret of at least 32 characters that protects pending sign-ins in cookies. The same on every node of the console. */
  cookieKey: string;
  clock: Clock;
  sessions: SessionStore;
  logoutTokens: LogoutTokenStore;
  plan: PlanStore;
  /** Without it legacy sign-ins are not reported, and the operators' progress and rehearsal cannot show who still uses the legacy login. */
  legacySignIns?: LegacySignInStore;
  /** Login IDs in the console's user records and the outbox of their changes (R18). Without it `kit.loginIds` throws. */
  loginIds?: LoginIdStore;
  /** Given, the console takes events of accounts at `/auth/events` (R24): suspended, closed, sessions revoked …, and login IDs for `loginIds`. */
  accountEvents?: AccountEvents;
  /** The outbox of people to register at the login server. Without it `kit.registrations` does nothing. */
  registrations?: RegistrationStore;
  log: KitLog;
  /** Given, the login server may ask whether a legacy password is right, if its operators choose so (R21). Default: it may not. */
  legacyPasswords?: LegacyPasswords;
  /** How ID tokens are signed, as registered at the login server; default ES256. */
  idTokenAlgorithm?: 'ES256' | 'RS256';
  /** Whether UserInfo is asked at each sign-in (OpenID Connect Core §5.3), for login servers whose ID tokens have no address and name; ours have both. Default false. */
  userInfo?: boolean;
  /** Replaces the global fetch (proxies, tests). */
  fetch?: typeof fetch;
  /** Longest wait for an answer of the login server, from connect to the last byte; default 3,000 ms. */
  timeoutMilliseconds?: number;
  /** How often the plan is asked for; default 5,000 ms (R12: everyone agrees within 10 s). */
  planIntervalMilliseconds?: number;
  /** Where ended sessions are asked for from on; default: in memory, and after a start from a day back. */
  endedSessions?: EndedSessionsStore;
  /** How often ended sessions are asked for; default 60,000 ms, 0: never. */
  endedSessionsIntervalMilliseconds?: number;
  /** How often legacy sign-ins are reported; default 10,000 ms. */
  legacySignInIntervalMilliseconds?: number;
  /** How often the outbox of registrations is looked through; default 5,000 ms. */
  registrationIntervalMilliseconds?: number;
  /** How often the outbox of login-ID changes is looked through; default 5,000 ms. What a person asks for is delivered at once. */
  loginIdIntervalMilliseconds?: number;
  /** How often all login IDs are compared with those of the login server; default once a day, 0: never. */
  loginIdCompareIntervalMilliseconds?: number;
  /**
   * How long the login server is asked to hold a further request open until the plan changes (`Prefer: wait`), so that a change arrives at once; default 20, at
   * most 25; 0: only ask every few seconds.
   */
  planWaitSeconds?: number;
};
