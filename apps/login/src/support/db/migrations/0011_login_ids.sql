-- The login ID that follows the console, in order and with a way back (R18). Owned by domain/login-id.

-- Grows with every change of the address; consoles take in only what is newer than what they have.
alter table account add column login_id_version integer not null default 0;

alter table login_id_change
  -- Null when an operator began it.
  alter column console_id drop not null,
  alter column console_user_id drop not null,
  add column idempotency_key text,
  -- The version that the confirmation made.
  add column version integer,
  add column undo_hash text,
  add column undo_until timestamptz,
  add column undone_at timestamptz;
create unique index login_id_change_key on login_id_change (console_id, idempotency_key) where idempotency_key is not null;
create unique index login_id_change_undo on login_id_change (undo_hash) where undo_hash is not null;
