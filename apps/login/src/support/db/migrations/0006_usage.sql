-- Who uses which login: the figures of a migration. Owned by domain/migration.

-- One row a person, console, way and day (Japan time); further sign-ins of the day only move last_at of legacy ones. No foreign keys: a sign-in writes here in passing,
-- and must neither wait for nor fail by a change of its account or console. Whatever reads it begins at console_link.
create table sign_in_day (
  console_id text not null,
  account_id text not null,
  kind       text not null check (kind in ('unified', 'legacy')),
  day        date not null,
  first_at   timestamptz not null,
  last_at    timestamptz not null,
  primary key (console_id, account_id, kind, day)
);
create index sign_in_day_series on sign_in_day (console_id, day, kind);

-- Legacy sign-ins that consoles have reported, so that one reported twice counts once; forgotten when a report of them would be refused as too old.
create table legacy_sign_in (
  console_id      text not null references console,
  event_id        text not null,
  console_user_id text not null,
  at              timestamptz not null,
  received_at     timestamptz not null,
  primary key (console_id, event_id)
);
create index legacy_sign_in_received on legacy_sign_in (received_at);
create index legacy_sign_in_user on legacy_sign_in (console_id, console_user_id);

-- People who sign in at a console's legacy login and are not known here: after cut-over they would be locked out.
create table unknown_console_user (
  console_id      text not null references console,
  console_user_id text not null,
  first_at        timestamptz not null,
  last_at         timestamptz not null,
  primary key (console_id, console_user_id)
);

alter table account
  -- When a code to set a password was last mailed; written when the mail is made, so that asking costs the same for everybody.
  add column code_sent_at timestamptz;

alter table password_credential
  -- set_at moves with every new password; the daily series counts the first one.
  add column first_set_at timestamptz;
update password_credential set first_set_at = set_at;

-- Whose mail did not arrive, for progress and rehearsal: also those whom an operator has settled.
create index notice_recipient_refused on notice_recipient (account_id) where state in ('refused', 'bounced');
