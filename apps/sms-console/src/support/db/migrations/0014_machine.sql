-- R30: what made a repeated request the same one (null: of the release before), keys that end and that only read.
alter table message add column idempotency_hash text;
alter table api_key
  add column scopes text[] not null default '{send,read}',
  add column expires_at timestamptz;

-- Many messages that a program handed over at once: the campaign that they are, and what a repeated request is answered:
-- for each message its id, or why it was not taken.
create table bulk_request (
  campaign_id text primary key references campaign,
  company_id bigint not null references company,
  api_key_id text not null references api_key,
  idempotency_key text,
  request_hash text not null,
  results jsonb not null,
  unique (company_id, idempotency_key)
);

-- R30: results and lists by key; totals of a month and of a campaign come from the index alone.
create index message_of_company_state on message (company_id, state, id);
create index message_of_company_number on message (company_id, recipient, id);
create index message_counts_of_campaign on message (campaign_id, state) include (parts) where campaign_id is not null;
create index message_counts_of_month on message (company_id, accepted_at, state) include (parts);
create index campaign_of_company_state on campaign (company_id, state, id);

-- Where a company wants to be told what became of its messages. A secret signs (HMAC), so it is kept as it is; the one before stays valid until it ends.
create table webhook_endpoint (
  id text primary key,
  company_id bigint not null references company,
  url text not null,
  secret text not null,
  previous_secret text,
  previous_secret_ends_at timestamptz,
  created_by bigint references person on delete set null,
  created_at timestamptz not null,
  removed_at timestamptz
);
create index webhook_endpoint_of_company on webhook_endpoint (company_id, id) where removed_at is null;

create table webhook_delivery (
  id text primary key,
  endpoint_id text not null references webhook_endpoint,
  message_id text not null,
  kind text not null,
  payload text not null,
  state text not null check (state in ('waiting', 'delivered', 'failed')),
  tries smallint not null default 0,
  next_try_at timestamptz not null,
  last_try_at timestamptz,
  last_answer text,
  created_at timestamptz not null,
  settled_at timestamptz
);
create index webhook_delivery_due on webhook_delivery (next_try_at, id) where state = 'waiting';
create index webhook_delivery_of_endpoint on webhook_delivery (endpoint_id, id);

-- People who are to be registered at the unified login, until it has taken them (R11, R33).
create table registration_outbox (
  person_id bigint primary key references person,
  noted_at timestamptz not null,
  state text not null check (state in ('waiting', 'done', 'refused')),
  reason text,
  tries smallint not null default 0,
  next_try_at timestamptz not null
);
create index registration_waiting on registration_outbox (next_try_at) where state = 'waiting';
create index person_of_company on person (company_id, id);
