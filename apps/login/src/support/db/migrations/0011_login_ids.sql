-- The login ID that follows the console, in order and with a way back (R18). Owned by domain/login-id.

-- Grows with every change of the address; consoles take in only what is newer than what they have.
alter table account add column login_id_version integer not null default 0;

alter table login_id_change
  -- Null when an operator began it.
  alter column console_id drop not null,
  alter column console_user_id drop not null,
  add column idempotency_key text,
  -- What came with the key: the same key with other content is refused.
  add column idempotency_content text,
  -- The version of the login ID when the change was asked for; null where a node of an earlier release wrote it.
  add column base_version integer,
  -- The version that the confirmation made.
  add column version integer,
  -- The former address as accounts are looked up; until undo_until it is kept for its owner. Null until the confirmation.
  add column old_key text,
  -- When the password that stood then was set; null when there was none. What was set later is void with an undo.
  add column password_set_at timestamptz,
  add column undo_hash text,
  add column undo_until timestamptz,
  -- The way back was found closed: it stays so, whatever the clock does.
  add column undo_closed_at timestamptz,
  add column undone_at timestamptz,
  -- Who of the operators began it, and why; both or neither.
  add column operator text,
  add column reason text;
create unique index login_id_change_key on login_id_change (console_id, idempotency_key) where idempotency_key is not null;
create unique index login_id_change_undo on login_id_change (undo_hash) where undo_hash is not null;
create index login_id_change_reserved on login_id_change (old_key) where undo_until is not null and undone_at is null;

-- Where a console's address of a person is not the login ID and only people can say which is right. One row a person of a console, gone when a comparison finds no difference.
create table login_id_drift (
  id              text primary key,
  console_id      text not null references console,
  console_user_id text not null,
  account_id      text not null references account,
  kind            text not null,
  console_address text not null,
  console_version integer,
  account_version integer not null,
  state           text not null default 'open',
  note            text not null default '',
  settled_by      text,
  -- The comparison that saw it last.
  round           text not null,
  first_seen_at   timestamptz not null,
  last_seen_at    timestamptz not null,
  unique (console_id, console_user_id)
);
