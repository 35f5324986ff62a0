-- What consoles are told of accounts (R24). Owned by domain/events, but the registered address and the streams: those are domain/consoles'.

-- Where the console takes events; null: nowhere. A stream that pushes may only lead to the origin of this address.
alter table console add column event_uri text;

create table event_stream (
  id                   text primary key,
  console_id           text not null unique references console,
  method               text not null check (method in ('push', 'poll')),
  -- Where a push leads; null for poll.
  endpoint_url         text check ((endpoint_url is null) = (method = 'poll')),
  -- The value of the Authorization header of each push, encrypted.
  sealed_authorization text,
  -- Null: every event that there is.
  events_requested     text[],
  description          text,
  status               text not null default 'enabled' check (status in ('enabled', 'paused', 'disabled')),
  status_reason        text,
  -- What an operator has stopped the console cannot start again.
  status_by            text not null default 'console' check (status_by in ('console', 'operator')),
  verified_at          timestamptz,
  created_at           timestamptz not null,
  updated_at           timestamptz not null
);

-- People of whom a console has said that it wants no events.
create table event_unwanted (
  stream_id  text not null references event_stream on delete cascade,
  account_id text not null references account,
  primary key (stream_id, account_id)
);

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
create index account_event_at on account_event (at);

-- One console told (or not yet told) of one event. The id is the jti of its security event token, of every try.
create table event_delivery (
  id            text primary key,
  -- The order in which an account's events are told.
  number        bigint generated always as identity unique,
  console_id    text not null references console,
  stream_id     text not null,
  event_id      text references account_event,
  -- Null for what is told of the stream itself.
  account_id    text,
  type          text not null,
  event         jsonb not null,
  state         text not null default 'waiting' check (state in ('waiting', 'delivered', 'failed')),
  tries         integer not null default 0,
  -- Null: not pushed by itself, because an earlier one of the account waits, the stream rests or the console polls.
  next_try_at   timestamptz,
  last_status   integer,
  last_error    text,
  created_at    timestamptz not null,
  ended_at      timestamptz,
  claim         integer not null default 0,
  claimed_until timestamptz,
  give_up_at    timestamptz,
  unique (event_id, console_id)
);
create index event_delivery_order on event_delivery (console_id, account_id, number) where state = 'waiting';
-- What waits without a time; of consoles that push, that is looked through every quarter of a minute.
create index event_delivery_resting on event_delivery (console_id, number) where state = 'waiting' and next_try_at is null;
create index event_delivery_failed on event_delivery (console_id) where state = 'failed';
create index event_delivery_due on event_delivery (next_try_at) where state = 'waiting';
create index event_delivery_ledger on event_delivery (console_id, created_at desc, id desc);
create index event_delivery_account on event_delivery (account_id, created_at desc, id desc);
create index event_delivery_created on event_delivery (created_at);

-- What each try brought; append-only.
create table event_try (
  delivery_id text not null references event_delivery on delete cascade,
  number      integer not null,
  at          timestamptz not null,
  -- A probe asks whether a console that does not answer is back; a poll is the console's own.
  kind        text not null check (kind in ('timetable', 'probe', 'poll')),
  status      integer,
  error       text,
  took_ms     integer not null,
  primary key (delivery_id, number)
);

create table event_delivery_health (
  console_id      text primary key references console,
  failures        integer not null default 0,
  failing_since   timestamptz,
  next_probe_at   timestamptz,
  last_error      text,
  last_failure_at timestamptz,
  last_success_at timestamptz
);
