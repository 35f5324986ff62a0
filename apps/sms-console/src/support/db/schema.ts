import type { ColumnType, Generated } from 'kysely';

type Time = ColumnType<Date, Date, Date>;
type TimeOrNull = ColumnType<Date | null, Date | null | undefined, Date | null>;

/** The tables of the console's database, as the numbered migrations beside this file make them. bigint is a string. */
export type Tables = {
  company: { id: Generated<string>; name: string };
  person: {
    id: Generated<string>;
    company_id: string;
    email_address: string;
    name: string;
    locale: 'ja' | 'en';
    legacy_password_hash: string | null;
    active: Generated<boolean>;
    created_at: Time;
  };
  console_session: {
    id: Generated<string>;
    token_hash: Buffer;
    person_id: string;
    kind: 'legacy' | 'unified';
    sub: string | null;
    sid: string | null;
    id_token: string | null;
    issued_at: TimeOrNull;
    started_at: Time;
    last_seen_at: Time;
    ended_at: TimeOrNull;
    end_reason: ColumnType<SessionEnd | null, SessionEnd | null | undefined, SessionEnd | null>;
  };
  legacy_reset: {
    id: Generated<string>;
    person_id: string | null;
    token_hash: ColumnType<Buffer | null, Buffer | null | undefined, Buffer | null>;
    requested_at: Time;
    mail_tries: Generated<number>;
    next_mail_at: TimeOrNull;
    mailed_at: TimeOrNull;
    expires_at: Time;
    used_at: TimeOrNull;
  };
  legacy_throttle: { key: string; attempts: number; window_started_at: Time };
  used_logout_token: { jti: string; expires_at: Time };
  last_known_plan: {
    only_row: Generated<boolean>;
    plan: ColumnType<unknown, string, string>;
    received_at: Time;
  };
  ended_sessions_place: { only_row: Generated<boolean>; place: string; saved_at: Time };
  legacy_sign_in: { number: Generated<string>; id: string; console_user_id: string; at: Time };
  login_id_change: {
    id: string;
    person_id: string;
    new_address: string;
    sent_from: string;
    code_expires_at: Time;
    resend_at: Time;
    requested_at: Time;
    ended_at: TimeOrNull;
    outcome: ColumnType<ChangeOutcome | null, ChangeOutcome | null | undefined, ChangeOutcome | null>;
  };
  api_key: {
    id: string;
    company_id: string;
    name: string;
    secret_hash: Buffer;
    hint: string;
    created_by: string | null;
    created_at: Time;
    last_used_at: TimeOrNull;
    revoked_at: TimeOrNull;
    window_started_at: TimeOrNull;
    requests: Generated<number>;
  };
  message: {
    id: string;
    company_id: string;
    api_key_id: string | null;
    idempotency_key: string | null;
    recipient: string;
    body: string;
    state: MessageState;
    accepted_at: Time;
    cancelled_at: TimeOrNull;
  };
};

/** How a message stands. Nothing is sent yet: what is queued stays so until it is cancelled. */
export type MessageState = 'queued' | 'cancelled';

export type SessionEnd = 'signed-out' | 'logged-out-elsewhere' | 'replaced' | 'password-changed';
export type ChangeOutcome = 'confirmed' | 'replaced' | 'abandoned' | 'ended';
