import type { Locale } from './locale.ts';

/** What an address of the login server came to in the console's own user record. */
export type AppliedLoginId = 'applied' | 'known' | 'user-unknown' | 'address-in-use';

/**
 * How a change of the login ID stands. Open: `noted` (the login server does not know it yet), `code-sent` (it waits for the code of its mail), `confirming` (a code was
 * handed over and the answer is not known yet: the login server is asked). Settled: `applied`, `refused`, `cancelled` (by the person, or `replaced` by a later one),
 * `ended` (without effect).
 */
export type LoginIdChangeState =
  'noted' | 'code-sent' | 'confirming' | 'applied' | 'refused' | 'cancelled' | 'ended';

/** Why a change was refused, cancelled or ended. */
export type LoginIdChangeReason =
  /** `refused`; `too-many`: asked for too often, from `nextTryAt` on it can be asked for again. */
  | 'user-unknown'
  | 'address-malformed'
  | 'address-unchanged'
  | 'too-many'
  /** `refused` after the new mailbox was proved: another account has the address, or its former owner may still take it back. */
  | 'address-taken'
  | 'address-reserved'
  /** `refused` or `ended`: the login ID was changed elsewhere since this change was asked for. */
  | 'changed-meanwhile'
  /** `refused`: the person helps to run the login server; only its administrators change their login ID. */
  | 'kept-by-administrators'
  /** `refused`: the login ID was changed, but another user of this console has the address. */
  | 'address-in-use'
  /** `cancelled` */
  | 'by-person'
  | 'replaced'
  /** `ended`: at the login server, for instance because nobody entered the code for a day; `undone`: it was made there and taken back. */
  | 'change-ended'
  | 'change-unknown'
  | 'undone';

/** What the login server said when it took a change: the code is on its way. */
export type SentCode = {
  /** The change's id at the login server. */
  id: string;
  /** Address that the mail with the code comes from. */
  sentFrom: string;
  codeExpiresAt: Date;
  /** From when on the code can be sent again. */
  resendAt: Date;
};

/** A person's wish to change the login ID: a row of the console's outbox. It never has a code in it. */
export type LoginIdChange = {
  /** Idempotency key, made by the kit; the login server takes each once. */
  key: string;
  consoleUserId: string;
  /** Counts the person's changes; they are delivered in this order. */
  number: number;
  newEmailAddress: string;
  /** Language of the mails. */
  locale: Locale;
  /** SSO session of the asker, which survives the change. */
  sid: string | null;
  notedAt: Date;
  state: LoginIdChangeState;
  reason: LoginIdChangeReason | null;
  sent: SentCode | null;
  /** Tries in a row that brought nothing. With none, `nextTryAt` is a moment that the login server gave, or none has been made; else it is a pause of the kit's own. */
  tries: number;
  nextTryAt: Date;
  /** Until then a node works on it, and nobody else does. */
  busyUntil: Date | null;
  /** Grows with every write. */
  revision: number;
};

/** A new row of the outbox. */
export type LoginIdWish = Pick<
  LoginIdChange,
  'key' | 'consoleUserId' | 'newEmailAddress' | 'locale' | 'sid' | 'notedAt'
>;

/** What a write changes of a row. */
export type LoginIdChangeFields = Partial<
  Pick<LoginIdChange, 'state' | 'reason' | 'sent' | 'tries' | 'nextTryAt' | 'busyUntil'>
>;

/** A login ID as a console has it; `version` is null until it took one from the login server. */
export type KnownLoginId = { consoleUserId: string; emailAddress: string; version: number | null };

/** A login ID as the login server has it. `key`: the row of the outbox whose confirmation made it. */
export type LoginIdToApply = { consoleUserId: string; emailAddress: string; version: number; key?: string };

/**
 * The login IDs in the console's own user records, and the outbox of their changes (R18): two tables of the console's own. Each function is one transaction; several nodes
 * call them at once. `memoryLoginIdStore()` does all of it in memory, and docs/console-kit.md has the SQL.
 */
export type LoginIdStore = {
  /**
   * Takes an address over from the login server, in one transaction and only if `version` is greater than the one that the record has: changes may arrive twice and in any
   * order. In the same transaction open changes end. The one with this `key`, or without a key one to this very address, becomes `applied`, and later ones of the person
   * stay; if there is none, all open ones become `ended` with the reason `changed-meanwhile`.
   * `known`: the record is as new or newer; `address-in-use`: another user of this console has the address, and the row with this `key` becomes `refused` for that reason.
   */
  apply(change: LoginIdToApply): Promise<AppliedLoginId>;
  /** At most `limit` users in the order of their ids, those after the id `after`; null begins. */
  page(after: string | null, limit: number): Promise<KnownLoginId[]>;
  /**
   * Notes a wish: `noted`, with the person's next number, to be tried from `notedAt` on. Earlier changes of the person that are still `noted` become `cancelled`
   * (`replaced`). It is busy until `busyUntil`, unless an earlier change of the person is busy or `confirming`: then it is not.
   */
  add(wish: LoginIdWish, busyUntil: Date): Promise<LoginIdChange>;
  /** The person's newest open change. */
  find(consoleUserId: string): Promise<LoginIdChange | null>;
  /**
   * Takes one open change in hand whose `nextTryAt` has come, that is not busy, and of whose person no earlier change is busy or `confirming`; the longest due first.
   * It is busy until `busyUntil` then, with a new revision. Two callers never get the same one (`FOR UPDATE SKIP LOCKED`).
   * With `consoleUserId` that person looks and waits: only theirs, only `noted` or `confirming`, and where `tries` is more than 0 also before `nextTryAt`.
   */
  claim(times: { now: Date; busyUntil: Date; consoleUserId?: string }): Promise<LoginIdChange | null>;
  /**
   * Changes a row if its revision is still that of `change` and it is open; null if not. A row that becomes `code-sent` makes the person's earlier changes that are `noted` or
   * `code-sent` `cancelled` (`replaced`).
   */
  write(change: LoginIdChange, fields: LoginIdChangeFields): Promise<LoginIdChange | null>;
  /**
   * The comparison of all login IDs is made by one node at a time: true for one caller when the moment of the next one has come (or none was ever set); that moment is
   * `until` from then on.
   */
  takeCompareTurn(times: { now: Date; until: Date }): Promise<boolean>;
  /** Sets the moment of the next comparison. */
  setNextCompare(at: Date): Promise<void>;
};
