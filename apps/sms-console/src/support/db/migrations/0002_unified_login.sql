-- What joining the unified login adds.
create table used_logout_token (
  jti text primary key,
  expires_at timestamptz not null
);

create table last_known_plan (
  only_row boolean primary key default true check (only_row),
  plan jsonb not null,
  received_at timestamptz not null
);

create table login_id_change (
  id text primary key,
  person_id bigint not null references person on delete cascade,
  new_address text not null,
  sent_from text not null,
  code_expires_at timestamptz not null,
  resend_at timestamptz not null,
  requested_at timestamptz not null,
  ended_at timestamptz,
  outcome text check (outcome in ('confirmed', 'replaced', 'abandoned', 'ended')),
  constraint ended_has_outcome check ((ended_at is null) = (outcome is null))
);
create unique index login_id_change_open on login_id_change (person_id) where ended_at is null;
