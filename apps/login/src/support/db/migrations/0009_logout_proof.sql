-- Proof of logout deliveries and how their consoles are doing. Owned by domain/logout.

alter table logout_delivery
  -- Grows with every try: who comes back with an older number has been overtaken and writes nothing.
  add column claim integer not null default 0,
  add column claimed_until timestamptz,
  -- When it is listed as failed; a day after its beginning unless an operator has it tried again.
  add column give_up_at timestamptz;
create index logout_delivery_console on logout_delivery (console_id, created_at, id) where state = 'waiting';
create index logout_delivery_ledger on logout_delivery (console_id, created_at desc, id desc);
create index logout_delivery_account on logout_delivery (account_id, created_at desc, id desc);
create index single_logout_account on single_logout (account_id, at desc);

-- What each try brought; append-only.
create table logout_try (
  delivery_id text not null references logout_delivery on delete cascade,
  number      integer not null,
  at          timestamptz not null,
  -- A probe asks whether a console that does not answer is back; it is not one of the tries of the timetable.
  kind        text not null check (kind in ('timetable', 'probe')),
  status      integer,
  error       text,
  took_ms     integer not null,
  primary key (delivery_id, number)
);

create table console_delivery_health (
  console_id      text primary key references console,
  -- Tries in a row that did not arrive.
  failures        integer not null default 0,
  failing_since   timestamptz,
  next_probe_at   timestamptz,
  last_error      text,
  last_failure_at timestamptz,
  last_success_at timestamptz
);
