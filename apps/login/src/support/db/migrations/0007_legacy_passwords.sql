-- Legacy passwords accepted once (R21), off unless an operator says otherwise. Owned by domain/credentials and domain/consoles.

alter table console
  add column legacy_passwords text not null default 'off' check (legacy_passwords in ('off', 'imported', 'asked')),
  -- Where the console answers whether a legacy password is right, with `asked`.
  add column legacy_password_uri text;

create table legacy_credential (
  console_id    text not null references console,
  account_id    text not null references account on delete cascade,
  password_hash text not null,
  imported_at   timestamptz not null,
  primary key (console_id, account_id)
);
