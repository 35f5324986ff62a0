-- Keys of a company's own programs, and the messages that they hand over (R30). requests counts since window_started_at.
create table api_key (
  id text primary key,
  company_id bigint not null references company,
  name text not null,
  secret_hash bytea not null unique,
  hint text not null,
  created_by bigint references person on delete set null,
  created_at timestamptz not null,
  last_used_at timestamptz,
  revoked_at timestamptz,
  window_started_at timestamptz,
  requests integer not null default 0
);
create unique index api_key_name on api_key (company_id, lower(name)) where revoked_at is null;

-- api_key_id is null for a message that no program handed over. recipient is an E.164 number.
create table message (
  id text primary key,
  company_id bigint not null references company,
  api_key_id text references api_key,
  idempotency_key text,
  recipient text not null,
  body text not null,
  state text not null check (state in ('queued', 'cancelled')),
  accepted_at timestamptz not null,
  cancelled_at timestamptz,
  constraint cancelled_has_time check ((state = 'cancelled') = (cancelled_at is not null)),
  unique (company_id, idempotency_key)
);
create index message_of_company on message (company_id, id);
