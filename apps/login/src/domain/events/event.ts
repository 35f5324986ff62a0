import type { AccountEventKind } from '#support/db/schema.ts';
import { SECOND } from '#support/primitives/durations.ts';

/** Something that happened to an account and that its consoles are told (R24). */
export type AccountEvent = {
  accountId: string;
  /** The console from which it came and which knows it already; the others are told. */
  fromConsoleId?: string;
  /** The only console that is told: it concerns the link there, not the account. */
  onlyConsoleId?: string;
} & (
  | {
      kind: 'login-id-changed';
      detail: {
        emailAddress: string;
        previousEmailAddress: string;
        version: number;
        /** The account that was the person's until now: it was merged into this one. */
        previousSub?: string;
      };
    }
  | { kind: Exclude<AccountEventKind, 'login-id-changed'>; detail?: { reason?: string } }
);

const RISC = 'https://schemas.openid.net/secevent/risc/event-type/';
const CAEP = 'https://schemas.openid.net/secevent/caep/event-type/';
const SSF = 'https://schemas.openid.net/secevent/ssf/event-type/';

/** By which event types of RISC 1.0 and CAEP 1.0 consoles are told. */
export const EVENT_TYPES: Readonly<Record<AccountEventKind, string>> = {
  'login-id-changed': `${RISC}identifier-changed`,
  'password-changed': `${CAEP}credential-change`,
  'sessions-revoked': `${CAEP}session-revoked`,
  'account-suspended': `${RISC}account-disabled`,
  'account-reinstated': `${RISC}account-enabled`,
  'account-closed': `${RISC}account-purged`,
};

/** What a stream says of itself (OpenID SSF 1.0 §8.1.4, §8.1.5); such events reach a console whatever it has requested. */
export const VERIFICATION = `${SSF}verification`;
export const STREAM_UPDATED = `${SSF}stream-updated`;

/**
 * The event as one console is told it: the members of its type, and ours, which are `console_user_id` (the console's own id of the person), `sequence` (grows with each event of an account,
 * so that a late one can be told from the newest) and, of login IDs, `version`.
 *
 * RISC wants the subject of `identifier-changed` to be the old address. The token's `sub_id` names the account, as everywhere, so the old address is the event's own `subject` (SSF 1.0 §3.1.1).
 */
export function eventBody(
  event: AccountEvent,
  of: { consoleUserId: string; sequence: number; at: Date },
): Record<string, unknown> {
  const ours = { console_user_id: of.consoleUserId, sequence: of.sequence };
  const caep = { event_timestamp: Math.floor(of.at.getTime() / SECOND) };
  switch (event.kind) {
    case 'login-id-changed':
      return {
        subject: { format: 'email', email: event.detail.previousEmailAddress },
        'new-value': event.detail.emailAddress,
        version: event.detail.version,
        ...(event.detail.previousSub === undefined ? {} : { previous_sub: event.detail.previousSub }),
        ...ours,
      };
    case 'password-changed':
      return {
        credential_type: 'password',
        change_type: 'update',
        initiating_entity: 'user',
        ...caep,
        ...ours,
      };
    case 'sessions-revoked':
      return {
        initiating_entity: event.detail?.reason === 'person' ? 'user' : 'admin',
        ...caep,
        ...ours,
      };
    case 'account-suspended':
      // RISC knows two reasons only; what an operator notes in words stays here.
      return { ...(event.detail?.reason === 'hijacking' ? { reason: 'hijacking' } : {}), ...ours };
    case 'account-reinstated':
    case 'account-closed':
      return ours;
  }
}
