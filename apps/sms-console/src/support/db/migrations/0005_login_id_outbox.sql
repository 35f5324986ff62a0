-- The login ID follows the console (R18): versions, the outbox of changes, and what became of addresses here.
-- waiting_address is the one that the unified login has for the person, while another person here has it too.
alter table person
  add column login_id_version integer,
  add column waiting_address text,
  add column waiting_version integer,
  add constraint waiting_has_version check ((waiting_address is null) = (waiting_version is null));
create index person_waiting_address on person (lower(waiting_address)) where waiting_address is not null;

-- A row is a person's wish; it never has a code in it. What the states mean stands in the console kit.
create table login_id_outbox (
  key text primary key,
  person_id bigint not null references person on delete cascade,
  number integer not null,
  new_address text not null,
  locale text not null check (locale in ('ja', 'en')),
  sid text,
  noted_at timestamptz not null,
  state text not null check (state in ('noted', 'code-sent', 'confirming', 'applied', 'refused', 'cancelled', 'ended')),
  reason text,
  change_id text,
  sent_from text,
  code_expires_at timestamptz,
  resend_at timestamptz,
  tries integer not null default 0,
  next_try_at timestamptz not null,
  busy_until timestamptz,
  revision integer not null default 1,
  seen_at timestamptz,
  unique (person_id, number),
  constraint sent_is_whole check ((change_id is null) = (sent_from is null)
    and (change_id is null) = (code_expires_at is null) and (change_id is null) = (resend_at is null)),
  constraint waits_for_a_code_that_was_sent check (state not in ('code-sent', 'confirming') or change_id is not null)
);
create index login_id_outbox_due on login_id_outbox (next_try_at) where state in ('noted', 'code-sent', 'confirming');

create table login_id_history (
  id bigint generated always as identity primary key,
  person_id bigint not null references person on delete cascade,
  previous_address text not null,
  address text not null,
  version integer not null,
  cause text not null check (cause in ('here', 'elsewhere', 'taken-back')),
  at timestamptz not null,
  seen_at timestamptz
);
create index login_id_history_person on login_id_history (person_id, id desc);

create table login_id_compare (
  only_row boolean primary key default true check (only_row),
  next_at timestamptz not null
);

-- Changes that wait for their code go on. The table login_id_change stays for the previous release and goes later.
insert into login_id_outbox
  (key, person_id, number, new_address, locale, noted_at, state, change_id, sent_from, code_expires_at, resend_at, next_try_at)
select 'before-' || change.id, change.person_id, 1, change.new_address, person.locale, change.requested_at, 'code-sent',
  change.id, change.sent_from, change.code_expires_at, change.resend_at, now()
from login_id_change as change join person on person.id = change.person_id
where change.ended_at is null;
