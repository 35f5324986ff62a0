-- Outbox of sign-ins at the legacy login that are still to be reported to the login server.
create table legacy_sign_in (
  number bigint generated always as identity primary key,
  id text not null unique,
  console_user_id text not null,
  at timestamptz not null
);
