-- Consoles as operators handle them (R19). Owned by domain/consoles. A node of the previous release knows nothing of a second secret: it takes the first one only.
alter table console
  -- Grows with every edit, so that two operators do not overwrite each other.
  add column revision integer not null default 1,
  -- Null: with the console itself.
  add column secret_made_at timestamptz,
  add column second_secret_hash text,
  add column second_secret_made_at timestamptz,
  add column key_colour text check (key_colour ~ '^#[0-9a-f]{6}$'),
  add column support_contact_ja text not null default '',
  add column support_contact_en text not null default '',
  -- Host names of the console beside the one of its home page.
  add column domains text[] not null default '{}',
  -- The console's own time-outs, as it says; the login server does not act on them.
  add column session_idle_minutes integer check (session_idle_minutes > 0),
  add column session_absolute_minutes integer check (session_absolute_minutes > 0),
  -- A sign-in that is older is asked for once more; null: as old as the SSO session.
  add column sign_in_max_age_minutes integer check (sign_in_max_age_minutes > 0),
  -- Until then sign-ins of the operators who test are written down.
  add column traced_until timestamptz,
  add constraint console_two_secrets check ((second_secret_hash is null) = (second_secret_made_at is null));

-- When a console last did something, to half a minute: what it authenticated with (`secret:<id>`), what it asked (`plan`).
create table console_use (
  console_id text not null references console,
  what       text not null,
  at         timestamptz not null,
  primary key (console_id, what)
);

-- What the last readiness check of a console found.
create table console_check (
  console_id text primary key references console,
  at         timestamptz not null,
  actor      text not null,
  findings   jsonb not null
);

-- Test sign-ins of operators, gone after a day. No secret is in them.
create table console_trace (
  id         text primary key,
  console_id text not null references console,
  account_id text not null,
  started_at timestamptz not null
);
create index console_trace_last on console_trace (console_id, account_id, started_at desc);
create index console_trace_age on console_trace (started_at);

create table console_trace_step (
  id       bigint generated always as identity primary key,
  trace_id text not null references console_trace on delete cascade,
  at       timestamptz not null,
  step     text not null,
  detail   jsonb not null
);
create index console_trace_step_of on console_trace_step (trace_id, id);
