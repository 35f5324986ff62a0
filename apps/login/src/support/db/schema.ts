import type { ColumnType, Generated, Selectable } from 'kysely';

/** The tables as the migrations leave them; each is owned by the folder that its migration names. */
export type Schema = {
  account: AccountTable;
  console: ConsoleTable;
  migration_plan: MigrationPlanTable;
  console_link: ConsoleLinkTable;
  password_credential: {
    account_id: string;
    password_hash: string;
    set_at: Date;
    /** Null only where a node of an earlier release wrote it. */
    first_set_at: Generated<Date | null>;
  };
  sign_in_throttle: { key: string; attempts: number; last_attempt_at: Date; blocked_until: Date };
  kept_operator_form: {
    token_hash: string;
    account_id: string;
    path: string;
    fields: ColumnType<Readonly<Record<string, string | readonly string[]>>, string, never>;
    expires_at: Date;
  };
  known_browser: {
    account_id: string;
    browser_hash: string;
    signed_in_at: Date;
    attempts: Generated<number>;
    blocked_until: Date;
  };
  verification_request: VerificationRequestTable;
  verification_code: {
    id: string;
    request_id: string;
    message_id: string;
    code_hash: string;
    issued_at: Date;
    expires_at: Date;
    consumed_at: Date | null;
  };
  verification_attempt: {
    id: Generated<string>;
    kind: 'send' | 'guess';
    email_key: string;
    client_network: string;
    at: Date;
  };
  login_id_change: LoginIdChangeTable;
  login_id_drift: LoginIdDriftTable;
  sso_session: {
    uid: string;
    id_hash: string;
    account_id: string | null;
    payload: Json;
    created_at: Date;
    expires_at: Date;
    client_ip: Generated<string | null>;
    user_agent: Generated<string | null>;
    seen_at: Generated<Date | null>;
  };
  oidc_artifact: {
    kind: string;
    id_hash: string;
    grant_id: string | null;
    account_id: string | null;
    client_id: string | null;
    session_uid: string | null;
    payload: Json;
    expires_at: Date | null;
    consumed_at: Date | null;
    ended_at: Date | null;
  };
  single_logout: { id: string; session_uid: string; account_id: string; cause: string; at: Date };
  logout_delivery: LogoutDeliveryTable;
  logout_try: {
    delivery_id: string;
    number: number;
    at: Date;
    kind: 'timetable' | 'probe';
    status: number | null;
    error: string | null;
    took_ms: number;
  };
  console_delivery_health: HealthTable;
  ended_session_list: {
    console_id: string;
    last_number: Generated<string>;
    asked_at: Generated<Date | null>;
  };
  account_event: {
    id: string;
    number: Generated<string>;
    kind: AccountEventKind;
    account_id: string;
    from_console_id: string | null;
    detail: Json;
    at: Date;
  };
  event_stream: EventStreamTable;
  idempotency_key: IdempotencyKeyTable;
  event_unwanted: { stream_id: string; account_id: string };
  event_delivery: EventDeliveryTable;
  event_try: {
    delivery_id: string;
    number: number;
    at: Date;
    kind: 'timetable' | 'probe' | 'poll';
    status: number | null;
    error: string | null;
    took_ms: number;
  };
  event_delivery_health: HealthTable;
  installation_settings: {
    id: Generated<boolean>;
    revision: number;
    given: Json;
    changed_at: Date | null;
    changed_by: string | null;
  };
  signing_key: {
    kid: string;
    alg: string;
    sealed_jwk: string;
    created_at: Date;
    use_from: Date;
    retired_at: Date | null;
  };
  master_key: { id: Generated<boolean>; fingerprint: string; leaving: string | null; since: Date };
  purpose_key: { purpose: string; sealed: string; created_at: Date };
  node: {
    id: string;
    name: string;
    master_keys: string[];
    clock_ahead_ms: number | null;
    started_at: Date;
    seen_at: Date;
  };
  message: MessageTable;
  audit_event: {
    id: Generated<string>;
    at: Date;
    action: string;
    actor: string;
    account_id: string | null;
    console_id: string | null;
    client_ip: string | null;
    request_id: string | null;
    detail: Json;
  };
  audit_unsealed: { event_id: string };
  audit_batch: AuditBatchTable;
  audit_seal: AuditSealTable;
  audit_chain: AuditChainTable;
  import_upload: ImportUploadTable;
  import_piece: { upload_id: string; number: number; bytes: Buffer };
  import_check_refusal: {
    upload_id: string;
    line: number;
    reason: string;
    last_line: number;
    detail: Json;
  };
  import_run: ImportRunTable;
  import_refusal: { run_id: string; line: number; reason: string; last_line: number; detail: Json };
  plan_change: PlanChangeTable;
  notice: NoticeTable;
  notice_recipient: NoticeRecipientTable;
  notice_tally: { id: Generated<string>; notice_id: string; part: string; n: number };
  notice_words: NoticeWordsTable;
  domain_list: {
    console_id: string;
    version: number;
    entries: ColumnType<readonly unknown[], string, never>;
    valid_from: Date;
    made_at: Date;
    made_by: string;
    notice_id: string | null;
  };
  mail_pace: { next_at: Date };
  delivery_notification: { digest: string; read_at: Date; result: string };
  sign_in_day: {
    console_id: string;
    account_id: string;
    kind: 'unified' | 'legacy';
    /** `YYYY-MM-DD`, Japan time. */
    day: string;
    first_at: Date;
    last_at: Date;
  };
  legacy_sign_in: {
    console_id: string;
    event_id: string;
    console_user_id: string;
    at: Date;
    received_at: Date;
  };
  unknown_console_user: { console_id: string; console_user_id: string; first_at: Date; last_at: Date };
  legacy_credential: {
    console_id: string;
    account_id: string;
    password_hash: string;
    kind: string;
    imported_at: Date;
  };
  legacy_proof: LegacyProofTable;
  operator_token: {
    id: string;
    name: string;
    role: OperatorRole;
    token_hash: string;
    created_at: Date;
    created_by: string;
    last_used_at: Date | null;
    revoked_at: Date | null;
    account_id: Generated<string | null>;
    expires_at: Generated<Date>;
  };
  operator: {
    account_id: string;
    role: OperatorRole;
    created_at: Date;
    created_by: string;
    revoked_at: Date | null;
    revoked_by: string | null;
  };
  account_merge: { absorbed_id: string; kept_id: string; merged_at: Date; merged_by: string };
  directory: {
    id: string;
    console_id: string;
    name: string;
    company: string | null;
    domains: string[];
    console_ids: boolean;
    created_at: Date;
    created_by: string;
  };
  directory_token: {
    id: string;
    directory_id: string;
    token_hash: string;
    created_at: Date;
    created_by: string;
    expires_at: Date;
    last_used_at: Date | null;
    revoked_at: Date | null;
  };
  provisioned_user: ProvisionedUserTable;
  account_search: { account_id: string; state: AccountRow['state']; words: string };
  account_search_due: { account_id: string };
  account_search_filling: { filled_to: string; filled_at: Date | null };
  progress_summary: {
    console_id: string;
    at: Date;
    took_ms: number;
    figures: Json;
    standing_at: ColumnType<Date | null, Date | null | undefined>;
    standing_people: ColumnType<number | null, number | null | undefined>;
  };
  console_use: { console_id: string; what: string; at: Date };
  console_check: { console_id: string; at: Date; actor: string; findings: Json };
  console_check_run: {
    console_id: string;
    account_id: string;
    started_at: Date;
    altered: string | null;
    altered_given: Generated<boolean>;
    redeemed: Generated<boolean>;
  };
  console_trace: { id: string; console_id: string; account_id: string; started_at: Date };
  console_trace_step: { id: Generated<string>; trace_id: string; at: Date; step: string; detail: Json };
  move_standing: {
    console_id: string;
    account_id: string;
    email_key: string;
    company_key: string;
    state: string;
    still_legacy: boolean;
    last_seen_at: Date | null;
  };
};

/** What consoles are told of an account (R24). */
export type AccountEventKind =
  | 'login-id-changed'
  | 'password-changed'
  | 'sessions-revoked'
  | 'account-suspended'
  | 'account-reinstated'
  | 'account-closed';

/** A jsonb column: read as a value, written as JSON text. */
export type Json = ColumnType<Record<string, unknown>, string, string>;
type NullableJson = ColumnType<Record<string, unknown> | null, string | null | undefined, string | null>;

type AccountTable = {
  id: string;
  email_address: string;
  email_key: string;
  name: string;
  company: string;
  locale: 'ja' | 'en' | null;
  state: Generated<'active' | 'suspended' | 'closed'>;
  created_at: Date;
  updated_at: Date;
  code_sent_at: Generated<Date | null>;
  login_id_version: Generated<number>;
};
export type AccountRow = Selectable<AccountTable>;

type ConsoleTable = {
  id: string;
  client_id: string;
  client_secret_hash: string;
  name_ja: string;
  name_en: string;
  home_url: string;
  initiate_login_uri: string | null;
  legacy_login_url: string | null;
  redirect_uris: string[];
  post_logout_redirect_uris: string[];
  backchannel_logout_uri: string | null;
  id_token_alg: 'RS256' | 'ES256';
  require_pkce: boolean;
  created_at: Date;
  updated_at: Date;
  legacy_passwords: Generated<'off' | 'imported' | 'asked'>;
  legacy_password_uri: Generated<string | null>;
  event_uri: Generated<string | null>;
  revision: Generated<number>;
  secret_made_at: Generated<Date | null>;
  second_secret_hash: Generated<string | null>;
  second_secret_made_at: Generated<Date | null>;
  key_colour: Generated<string | null>;
  support_contact_ja: Generated<string>;
  support_contact_en: Generated<string>;
  domains: Generated<string[]>;
  session_idle_minutes: Generated<number | null>;
  session_absolute_minutes: Generated<number | null>;
  sign_in_max_age_minutes: Generated<number | null>;
  traced_until: Generated<Date | null>;
  check_url: Generated<string | null>;
  check_user_id: Generated<string | null>;
  api_scopes: Generated<string[]>;
};
export type ConsoleRow = Selectable<ConsoleTable>;

type MigrationPlanTable = {
  console_id: string;
  revision: Generated<number>;
  link_at: Date | null;
  announce_at: Date | null;
  cut_over_at: Date | null;
  updated_at: Date;
  cut_over_set_at: Generated<Date | null>;
  closed_at: Generated<Date | null>;
};

type PlanChangeTable = {
  console_id: string;
  revision: number;
  at: Date;
  actor: string;
  action: 'link-time-set' | 'announced' | 'cut-over-set' | 'postponed' | 'rolled-back' | 'closed';
  link_at: Date | null;
  announce_at: Date | null;
  cut_over_at: Date | null;
  closed_at: Date | null;
  notice_id: Generated<string | null>;
  note: Generated<string>;
};
export type PlanChangeRow = Selectable<PlanChangeTable>;

type NoticeTable = {
  id: string;
  console_id: string;
  kind: 'announcement' | 'reminder' | 'correction' | 'completion' | 'domains';
  days_before: number | null;
  cut_over_at: Date | null;
  texts: Json;
  send_at: Date;
  created_at: Date;
  created_by: string;
  ended_at: Generated<Date | null>;
  cancelled_at: Generated<Date | null>;
};
export type NoticeRow = Selectable<NoticeTable>;

type NoticeWordsTable = {
  console_id: string;
  kind: 'announcement' | 'reminder' | 'postponed' | 'withdrawn' | 'completion';
  texts: Json;
  revision: number;
  changed_at: Date;
  changed_by: string;
};
export type NoticeWordsRow = Selectable<NoticeWordsTable>;

type NoticeRecipientTable = {
  notice_id: string;
  account_id: string;
  message_id: Generated<string | null>;
  recipient: Generated<string | null>;
  state: Generated<'waiting' | 'queued' | 'accepted' | 'refused' | 'bounced' | 'dropped'>;
  smtp_response: Generated<string | null>;
  verdict_at: Generated<Date | null>;
  drop_reason: Generated<'left-audience' | 'moved' | 'cancelled' | null>;
  delayed_at: Generated<Date | null>;
  settlement: Generated<'new-address' | 'told-otherwise' | 'api-only' | null>;
  settlement_note: Generated<string | null>;
  settled_at: Generated<Date | null>;
  settled_by: Generated<string | null>;
};
export type NoticeRecipientRow = Selectable<NoticeRecipientTable>;

/** What an operator may do; each role includes those before it. */
export type OperatorRole = 'viewer' | 'support' | 'administrator';

type ConsoleLinkTable = {
  console_id: string;
  console_user_id: string;
  account_id: string;
  created_at: Date;
  last_unified_sign_in_at: Date | null;
  api_only: Generated<boolean>;
  deactivated_at: Generated<Date | null>;
  suspended_account: Generated<boolean>;
};

type ProvisionedUserTable = {
  console_id: string;
  console_user_id: string;
  /** Null: the console itself said it. */
  directory_id: string | null;
  external_id: string | null;
  user_name: string;
  user_key: string;
  company: string | null;
  profile: Json;
  joined: boolean;
  created_at: Date;
  updated_at: Date;
};

type VerificationRequestTable = {
  id: string;
  purpose: 'set-password' | 'change-login-id';
  email_address: string;
  email_key: string;
  account_id: string | null;
  browser_hash: string | null;
  console_id: string | null;
  target_link_uri: string | null;
  locale: 'ja' | 'en';
  failed_tries: Generated<number>;
  created_at: Date;
  last_sent_at: Date | null;
  ended_at: Date | null;
};
export type VerificationRequestRow = Selectable<VerificationRequestTable>;

type LoginIdChangeTable = {
  id: string;
  request_id: string;
  account_id: string;
  /** Null when an operator began it. */
  console_id: string | null;
  console_user_id: string | null;
  old_address: string;
  new_address: string;
  new_key: string;
  keep_sid: string | null;
  requested_at: Date;
  confirmed_at: Date | null;
  superseded_at: Date | null;
  idempotency_key: Generated<string | null>;
  idempotency_content: Generated<string | null>;
  base_version: Generated<number | null>;
  version: Generated<number | null>;
  old_key: Generated<string | null>;
  password_set_at: Generated<Date | null>;
  undo_hash: Generated<string | null>;
  undo_until: Generated<Date | null>;
  undo_closed_at: Generated<Date | null>;
  undone_at: Generated<Date | null>;
  operator: Generated<string | null>;
  reason: Generated<string | null>;
};
export type LoginIdChangeRow = Selectable<LoginIdChangeTable>;

type LoginIdDriftTable = {
  id: string;
  console_id: string;
  console_user_id: string;
  account_id: string;
  kind: 'console-changed' | 'address-of-another' | 'address-malformed' | 'console-ahead';
  console_address: string;
  console_version: number | null;
  account_version: number;
  state: Generated<'open' | 'asked' | 'told' | 'dismissed'>;
  note: Generated<string>;
  settled_by: Generated<string | null>;
  round: string;
  first_seen_at: Date;
  last_seen_at: Date;
};
export type LoginIdDriftRow = Selectable<LoginIdDriftTable>;

type HealthTable = {
  console_id: string;
  failures: Generated<number>;
  failing_since: Generated<Date | null>;
  next_probe_at: Generated<Date | null>;
  last_error: Generated<string | null>;
  last_failure_at: Generated<Date | null>;
  last_success_at: Generated<Date | null>;
};

/** `disabled`: nothing is sent, and nothing kept for later. */
export type StreamStatus = 'enabled' | 'paused' | 'disabled';

type EventStreamTable = {
  id: string;
  console_id: string;
  method: 'push' | 'poll';
  endpoint_url: string | null;
  sealed_authorization: Generated<string | null>;
  events_requested: Generated<string[] | null>;
  description: Generated<string | null>;
  status: Generated<StreamStatus>;
  status_reason: Generated<string | null>;
  status_by: Generated<'console' | 'operator'>;
  verified_at: Generated<Date | null>;
  created_at: Date;
  updated_at: Date;
};
export type EventStreamRow = Selectable<EventStreamTable>;

type EventDeliveryTable = {
  id: string;
  number: Generated<string>;
  console_id: string;
  stream_id: string;
  event_id: string | null;
  account_id: string | null;
  type: string;
  event: Json;
  state: Generated<'waiting' | 'delivered' | 'failed'>;
  tries: Generated<number>;
  next_try_at: Date | null;
  last_status: Generated<number | null>;
  last_error: Generated<string | null>;
  created_at: Date;
  ended_at: Generated<Date | null>;
  claim: Generated<number>;
  claimed_until: Generated<Date | null>;
  give_up_at: Generated<Date | null>;
};

type LogoutDeliveryTable = {
  id: string;
  single_logout_id: string;
  console_id: string;
  account_id: string;
  sid: string | null;
  state: Generated<'waiting' | 'delivered' | 'failed'>;
  tries: Generated<number>;
  next_try_at: Date | null;
  last_status: number | null;
  last_error: string | null;
  created_at: Date;
  ended_at: Date | null;
  claim: Generated<number>;
  claimed_until: Generated<Date | null>;
  give_up_at: Generated<Date | null>;
  list_number: Generated<string | null>;
  told_by: Generated<'push' | 'pull' | null>;
};

type MessageTable = {
  id: string;
  template: string;
  recipient: string;
  locale: 'ja' | 'en';
  params: Json;
  account_id: string | null;
  state: Generated<'queued' | 'accepted' | 'refused' | 'dropped'>;
  tries: Generated<number>;
  smtp_response: string | null;
  created_at: Date;
  ended_at: Date | null;
  handed_over_at: Generated<Date | null>;
  unconfirmed: Generated<number>;
  bulk: Generated<boolean>;
};
export type MessageRow = Selectable<MessageTable>;

type LegacyProofTable = {
  id: string;
  account_id: string;
  console_id: string;
  browser_hash: string;
  pending_hash: string | null;
  created_at: Date;
  expires_at: Date;
  used_at: Generated<Date | null>;
};
export type LegacyProofRow = Selectable<LegacyProofTable>;

type AuditBatchTable = {
  number: string;
  sealed_at: Date;
  event_ids: string[];
  previous_hash: Buffer;
  hash: Buffer;
  mac: Buffer;
};

type AuditSealTable = {
  event_id: string;
  batch: string;
  hash: Buffer;
  salt: Buffer | null;
  erased: ColumnType<Record<string, { salt: string } | { leaf: string }> | null, string | null>;
  erased_mac: Buffer | null;
};

/** One row. */
type AuditChainTable = {
  backlog_from: string;
  backlog_to: string;
  removed_to: string;
  removed_hash: Buffer | null;
  removed_events: string;
  removed_at: Date | null;
  removed_mac: Buffer | null;
};

type ImportRunTable = {
  id: string;
  console_id: string;
  file_name: string;
  file_hash: string;
  started_at: Date;
  ended_at: Date | null;
  last_line: Generated<number>;
  rows_read: Generated<number>;
  created: Generated<number>;
  linked: Generated<number>;
  filled: Generated<number>;
  unchanged: Generated<number>;
  refused: Generated<number>;
  legacy_passwords: Generated<number>;
  legacy_passwords_refused: Generated<number>;
  actor: Generated<string | null>;
  outcome: Generated<'cancelled' | 'failed' | 'replaced' | null>;
  uploaded: Generated<boolean>;
};
export type ImportRunRow = Selectable<ImportRunTable>;

type ImportUploadTable = {
  id: string;
  console_id: string;
  file_name: string;
  actor: string;
  state:
    | 'receiving'
    | 'checking'
    | 'checked'
    | 'importing'
    | 'imported'
    | 'unusable'
    | 'cancelled'
    | 'failed'
    | 'expired';
  created_at: Date;
  /** In bytes, as text: PostgreSQL's bigint. */
  size: Generated<string | null>;
  started_at: Generated<Date | null>;
  started_by: Generated<string | null>;
  ended_at: Generated<Date | null>;
  stage: Generated<'checking' | 'importing'>;
  bytes_read: Generated<string>;
  counts: NullableJson;
  layout: NullableJson;
  refusal: NullableJson;
  starts: Generated<number>;
};
export type ImportUploadRow = Selectable<ImportUploadTable>;

type IdempotencyKeyTable = {
  caller: string;
  key_hash: string;
  content_hash: string;
  attempt: string;
  held_until: Date;
  created_at: Date;
  acted: Generated<boolean>;
  status: Generated<number | null>;
  answer: Generated<string | null>;
};
