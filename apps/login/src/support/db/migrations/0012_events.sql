-- What consoles are told of accounts (R24). Owned by domain/events.

create table account_event (
  id         text primary key,
  -- Grows with each event, in the order of their commits per account.
  number     bigint generated always as identity unique,
  kind       text not null,
  account_id text not null references account,
  -- The console from which it came and which therefore knows it; null for all others.
  from_console_id text references console,
  detail     jsonb not null,
  at         timestamptz not null
);
create index account_event_account on account_event (account_id, number);
