-- Legacy passwords accepted once (R21), off unless an operator says otherwise. Owned by domain/credentials and domain/consoles.

alter table console
  add column legacy_passwords text not null default 'off' check (legacy_passwords in ('off', 'imported', 'asked')),
  -- Where the console answers whether a legacy password is right, with `asked`.
  add column legacy_password_uri text;

create table legacy_credential (
  console_id    text not null references console,
  account_id    text not null references account on delete cascade,
  -- In a format of domain/credentials/legacy-formats.ts; gone as soon as the account has a password of its own.
  password_hash text not null,
  -- Format and cost: hashes of one kind take the same work.
  kind          text not null,
  imported_at   timestamptz not null,
  primary key (console_id, account_id)
);
create index legacy_credential_account on legacy_credential (account_id);
create index legacy_credential_kind on legacy_credential (console_id, kind);

-- A legacy password that was right but does not meet our rules: whoever proved it may set a new one, in this browser, in this sign-in, once and soon.
create table legacy_proof (
  id           text primary key,
  account_id   text not null references account on delete cascade,
  console_id   text not null references console,
  browser_hash text not null,
  -- Hash of the pending sign-in's uid; null where there is none.
  pending_hash text,
  created_at   timestamptz not null,
  expires_at   timestamptz not null,
  used_at      timestamptz
);
create index legacy_proof_expiry on legacy_proof (expires_at);
create index legacy_proof_account on legacy_proof (account_id);

alter table import_run
  add column legacy_passwords integer not null default 0,
  add column legacy_passwords_refused integer not null default 0;
