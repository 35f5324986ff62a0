/**
 * The kit's tables for PostgreSQL 13 and later, for the console's own migrations or for `pool.query(postgresSchema)` at start: it may run again. The users stay in the console's table,
 * which gets one more column: `ALTER TABLE users ADD COLUMN login_id_version integer`.
 */
export const postgresSchema = `
CREATE TABLE IF NOT EXISTS hitokagi_used_token (jti text PRIMARY KEY, expires_at timestamptz NOT NULL);
CREATE INDEX IF NOT EXISTS hitokagi_used_token_expires_at ON hitokagi_used_token (expires_at);
CREATE TABLE IF NOT EXISTS hitokagi_received_event (id text PRIMARY KEY, expires_at timestamptz NOT NULL);
CREATE INDEX IF NOT EXISTS hitokagi_received_event_expires_at ON hitokagi_received_event (expires_at);
CREATE TABLE IF NOT EXISTS hitokagi_kept (name text PRIMARY KEY, value text NOT NULL);
CREATE TABLE IF NOT EXISTS hitokagi_legacy_sign_in (
  number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, id text NOT NULL UNIQUE,
  console_user_id text NOT NULL, at timestamptz NOT NULL);
CREATE TABLE IF NOT EXISTS hitokagi_session (
  session_hash text PRIMARY KEY, sub text NOT NULL, sid text, console_user_id text, id_token text NOT NULL,
  started_at timestamptz NOT NULL, ended_at timestamptz);
CREATE INDEX IF NOT EXISTS hitokagi_session_sid ON hitokagi_session (sid) WHERE ended_at IS NULL;
CREATE INDEX IF NOT EXISTS hitokagi_session_sub ON hitokagi_session (sub) WHERE ended_at IS NULL;
CREATE INDEX IF NOT EXISTS hitokagi_session_started_at ON hitokagi_session (started_at);
CREATE TABLE IF NOT EXISTS hitokagi_login_id_change (
  key text PRIMARY KEY, console_user_id text NOT NULL, number integer NOT NULL, new_address text NOT NULL,
  locale text NOT NULL, sid text, noted_at timestamptz NOT NULL, state text NOT NULL, reason text,
  change_id text, sent_from text, code_expires_at timestamptz, resend_at timestamptz,
  tries integer NOT NULL DEFAULT 0, next_try_at timestamptz NOT NULL, busy_until timestamptz,
  revision integer NOT NULL DEFAULT 1, UNIQUE (console_user_id, number));
CREATE INDEX IF NOT EXISTS hitokagi_login_id_change_due ON hitokagi_login_id_change (next_try_at)
  WHERE state IN ('noted', 'code-sent', 'confirming');
CREATE TABLE IF NOT EXISTS hitokagi_login_id_compare (only_row boolean PRIMARY KEY DEFAULT true, next_at timestamptz NOT NULL);
`;
