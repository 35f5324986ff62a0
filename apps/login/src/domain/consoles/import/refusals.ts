/** The columns of a file of people; `id` is the console's own user id, which never changes (R20). */
export type ColumnName = 'id' | 'address' | 'name' | 'company' | 'locale' | 'apiOnly' | 'passwordHash';

/** Why a row was not taken, with what a reader needs in order to put it right. Every value is JSON. */
export type Fault =
  | { reason: 'id-missing' }
  /** A spreadsheet turned the id into a rounded number, as `1.23457E+11`. */
  | { reason: 'id-damaged' }
  /** The same id stands on an earlier line of this file. */
  | { reason: 'id-repeated'; firstLine: number }
  | { reason: 'address-missing' }
  | { reason: 'address-malformed'; value: string }
  /** The same address stands under another id on an earlier line of this file. */
  | { reason: 'address-repeated'; firstLine: number }
  /** The console's user is known with another login ID; an import never changes one (R18 does). */
  | { reason: 'address-differs'; value: string; loginId: string }
  /** The account of this address already belongs to another user of the same console. */
  | { reason: 'address-of-another-user'; value: string; otherId: string }
  /** Lately the login ID of somebody who may still take it back (R18); a new account cannot have it. */
  | { reason: 'address-reserved'; value: string }
  | { reason: 'account-closed' }
  | { reason: 'columns-mismatch'; wanted: number; found: number }
  /** From `line` to `lastLine` nothing was read: a quote was closed only there, or nowhere before the end of the file. */
  | { reason: 'quote-broken' }
  | { reason: 'characters-forbidden'; column: ColumnName }
  /** Neither a word for yes nor one for no. */
  | { reason: 'yes-no-unreadable'; column: ColumnName; value: string }
  /** The person is imported; only the hash of the legacy password was not taken (R21). The hash itself is never told. */
  | { reason: HashFault }
  | { reason: 'too-long'; column: ColumnName; limit: number }
  /** Longer than `limit` bytes; nothing was read from there to the end of the file. */
  | { reason: 'line-too-long'; limit: number };

/** What keeps a legacy password's hash from being taken: nobody here can verify it, or verifying it would keep the server busy. */
export type HashFault = 'hash-unknown' | 'hash-too-costly';

export type RefusalReason = Fault['reason'];

/**
 * A fault of one row. `line` is the line of the file on which the row begins, `lastLine` the one on which it ends (a quoted field
 * may hold line breaks), both counted from 1 with the header's; `id` is the console's user id where it could be read.
 */
export type Refusal = { line: number; lastLine: number; id: string | null } & Fault;
