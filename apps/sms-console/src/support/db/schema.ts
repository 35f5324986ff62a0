import type { ColumnType, Generated } from 'kysely';

type Time = ColumnType<Date, Date, Date>;
type Json<T> = ColumnType<T, string | null | undefined, string | null>;
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
    role: Generated<PersonRole>;
    created_at: Time;
    login_id_version: Generated<number | null>;
    waiting_address: Generated<string | null>;
    waiting_version: Generated<number | null>;
    standing: Generated<Standing>;
    standing_sequence: Generated<string>;
    standing_at: Generated<Date | null>;
    unified_password_changed_at: Generated<Date | null>;
  };
  received_event: { jti: string; expires_at: Time };
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
  login_id_outbox: {
    key: string;
    person_id: string;
    number: number;
    new_address: string;
    locale: 'ja' | 'en';
    sid: string | null;
    noted_at: Time;
    state: LoginIdChangeState;
    reason: LoginIdChangeReason | null;
    change_id: string | null;
    sent_from: string | null;
    code_expires_at: TimeOrNull;
    resend_at: TimeOrNull;
    tries: Generated<number>;
    next_try_at: Time;
    busy_until: TimeOrNull;
    revision: Generated<number>;
    seen_at: TimeOrNull;
  };
  login_id_history: {
    id: Generated<string>;
    person_id: string;
    previous_address: string;
    address: string;
    version: number;
    cause: LoginIdCause;
    at: Time;
    seen_at: TimeOrNull;
  };
  login_id_compare: { only_row: Generated<boolean>; next_at: Time };
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
    scopes: Generated<ApiScope[]>;
    expires_at: TimeOrNull;
  };
  campaign: {
    id: string;
    company_id: string;
    created_by: string | null;
    name: string;
    kind: 'composed' | 'csv' | 'api';
    state: CampaignState;
    body: string;
    send_at: TimeOrNull;
    created_at: Time;
    confirmed_at: TimeOrNull;
    finished_at: TimeOrNull;
    work: Generated<CampaignWork | null>;
    busy_until: TimeOrNull;
    csv_id: Generated<string | null>;
    counts: Json<object | null>;
  };
  sending_rules: {
    company_id: string;
    quiet_from: number | null;
    quiet_until: number | null;
    long_messages: boolean;
    monthly_parts: number | null;
    changed_at: Time;
    changed_by: string | null;
  };
  opt_out: {
    company_id: string;
    number: string;
    reason: string;
    added_at: Time;
    added_by: string | null;
  };
  template: {
    id: string;
    company_id: string;
    name: string;
    body: string;
    changed_at: Time;
    changed_by: string | null;
  };
  address_group: { id: string; company_id: string; name: string; columns: string[]; created_at: Time };
  address: {
    id: Generated<string>;
    group_id: string;
    number: string;
    fields: ColumnType<Readonly<Record<string, string>>, string, string>;
    added_at: Time;
  };
  draft: {
    id: string;
    company_id: string;
    person_id: string;
    content: ColumnType<unknown, string, string>;
    revision: Generated<number>;
    created_at: Time;
    saved_at: Time;
    campaign_id: Generated<string | null>;
  };
  kept_form: {
    token_hash: Buffer;
    person_id: string;
    draft_id: string;
    content: ColumnType<unknown, string, string>;
    expires_at: Time;
  };
  csv_sending: {
    id: string;
    company_id: string;
    person_id: string | null;
    file_name: string;
    size: Generated<string | null>;
    state: CsvState;
    fault: Generated<string | null>;
    layout: Json<unknown>;
    wanted: Json<unknown>;
    revision: Generated<number>;
    rows_read: Generated<number>;
    counts: Json<unknown>;
    created_at: Time;
    checked_at: TimeOrNull;
    busy_until: TimeOrNull;
    campaign_id: Generated<string | null>;
  };
  csv_piece: { csv_id: string; number: number; bytes: Buffer };
  csv_row: {
    csv_id: string;
    line: number;
    number: string;
    body: string;
    encoding: 'gsm7' | 'ucs2';
    parts: number;
  };
  csv_refusal: { csv_id: string; line: number; reason: string; value: string };
  bulk_request: {
    campaign_id: string;
    company_id: string;
    api_key_id: string;
    idempotency_key: string | null;
    request_hash: string;
    results: ColumnType<string[], string, string>;
  };
  webhook_endpoint: {
    id: string;
    company_id: string;
    url: string;
    secret: string;
    previous_secret: string | null;
    previous_secret_ends_at: TimeOrNull;
    created_by: string | null;
    created_at: Time;
    removed_at: TimeOrNull;
  };
  webhook_delivery: {
    id: string;
    endpoint_id: string;
    message_id: string;
    kind: string;
    payload: string;
    state: 'waiting' | 'delivered' | 'failed';
    tries: Generated<number>;
    next_try_at: Time;
    last_try_at: TimeOrNull;
    last_answer: Generated<string | null>;
    created_at: Time;
    settled_at: TimeOrNull;
  };
  registration_outbox: {
    person_id: string;
    noted_at: Time;
    state: 'waiting' | 'done' | 'refused';
    reason: string | null;
    tries: Generated<number>;
    next_try_at: Time;
  };
  member_elsewhere: {
    id: Generated<string>;
    company_id: string;
    email_address: string;
    name: string;
    locale: 'ja' | 'en';
    role: PersonRole;
    active: Generated<boolean>;
    state: 'waiting' | 'done';
    tries: Generated<number>;
    next_try_at: Time;
    created_at: Time;
  };
  message: {
    id: string;
    company_id: string;
    api_key_id: string | null;
    campaign_id: Generated<string | null>;
    created_by: Generated<string | null>;
    idempotency_key: string | null;
    idempotency_hash: Generated<string | null>;
    recipient: string;
    body: string;
    state: MessageState;
    lane: Generated<number>;
    encoding: Generated<'gsm7' | 'ucs2' | null>;
    parts: Generated<number | null>;
    due_at: TimeOrNull;
    expires_at: TimeOrNull;
    gateway: Generated<string | null>;
    tries: Generated<number>;
    fault: Generated<string | null>;
    accepted_at: Time;
    cancelled_at: TimeOrNull;
    submitted_at: TimeOrNull;
    settled_at: TimeOrNull;
    claimed_by: Generated<string | null>;
    doubts: Generated<number>;
  };
  delivery_worker: { id: string; alive_until: Time };
  message_part: {
    message_id: string;
    number: number;
    gateway: string;
    carrier: string;
    state: PartState;
    carrier_id: string | null;
    fault: string | null;
    written_at: TimeOrNull;
    answered_at: TimeOrNull;
    settled_at: TimeOrNull;
  };
  early_receipt: {
    carrier: string;
    carrier_id: string;
    state: FinalPartState;
    fault: string | null;
    at: Time;
  };
  message_event: {
    id: Generated<string>;
    message_id: string;
    company_id: string;
    state: MessageState;
    fault: string | null;
    at: Time;
    told_at: TimeOrNull;
  };
  gateway_state: {
    gateway: string;
    worker_id: string;
    state: 'connecting' | 'bound' | 'resting' | 'away';
    since: Time;
    last_error: string | null;
    last_error_at: TimeOrNull;
    in_flight: number;
    per_second: number;
    seen_at: Time;
  };
};

/**
 * How a message stands: held (its campaign is not let go yet or pauses) → queued → sending (on its way to a gateway) → sent
 * (the gateway took it) → delivered | undelivered | expired by the gateway's receipt; failed is never taken by a gateway.
 */
export type MessageState =
  'held' | 'queued' | 'sending' | 'sent' | 'delivered' | 'undelivered' | 'expired' | 'failed' | 'cancelled';
/** How one part of a message stands with its gateway, and how its receipt says that it ended. */
export type FinalPartState = 'delivered' | 'undelivered' | 'expired';
type PartState = 'waiting' | 'writing' | 'taken' | 'refused' | 'unknown' | FinalPartState;
/** preparing (its rows are being read) → held (waits for its confirmation) → scheduled → sending ⇄ paused → finished | cancelled. */
export type CampaignState =
  'preparing' | 'held' | 'scheduled' | 'sending' | 'paused' | 'cancelled' | 'finished';
/** What is still to be done with a campaign's messages, in batches: bring them into the queue, hold them back, let them go on, cancel them. */
export type CampaignWork = 'queue' | 'hold' | 'let-go' | 'cancel';
/** receiving → mapping (waits for its columns and text) → checking → checked → queued; or unusable, cancelled. */
export type CsvState = 'receiving' | 'mapping' | 'checking' | 'checked' | 'queued' | 'unusable' | 'cancelled';
/** What a key may do: hand messages over and cancel them; ask for them. */
export type ApiScope = 'send' | 'read';
/** What a person of a company may do: everything; send and see; see. */
export type PersonRole = 'administrator' | 'sender' | 'viewer';

export type SessionEnd =
  'signed-out' | 'logged-out-elsewhere' | 'replaced' | 'password-changed' | 'suspended';
/** What the unified login says of a person's account. */
export type Standing = 'active' | 'suspended' | 'closed';
/** As in the console kit; the machine API reads this file too, and knows no kit. */
type LoginIdChangeState =
  'noted' | 'code-sent' | 'confirming' | 'applied' | 'refused' | 'cancelled' | 'ended';
type LoginIdChangeReason =
  | 'user-unknown'
  | 'address-malformed'
  | 'address-unchanged'
  | 'too-many'
  | 'address-taken'
  | 'address-reserved'
  | 'changed-meanwhile'
  | 'kept-by-administrators'
  | 'address-in-use'
  | 'by-person'
  | 'replaced'
  | 'change-ended'
  | 'change-unknown'
  | 'undone';
/** Where an address was changed: in this console, at the unified login from elsewhere, or back to the one before. */
export type LoginIdCause = 'here' | 'elsewhere' | 'taken-back';
