-- R29: messages leave over SMPP. A program that sends is alive until alive_until; what a dead one had claimed is looked after by the others.
create table delivery_worker (
  id text primary key,
  alive_until timestamptz not null
);

-- claimed_by: the worker that sends it now. doubts: how often it was written to a gateway without an answer.
alter table message
  add column claimed_by text,
  add column doubts smallint not null default 0;
create index message_to_claim on message (lane, company_id, due_at, id) where state = 'queued';
drop index message_to_send;
create index message_under_way on message (id) where state = 'sending';
create index message_to_expire on message (expires_at) where state in ('queued', 'sent') and settled_at is null;

-- One submit_sm. writing: committed before it is written to the socket, so what is writing without an answer is in doubt; waiting: known not to be with the gateway.
-- carrier: whose message ids these are; gateways of one carrier share them. carrier_id: as it stands in receipts.
create table message_part (
  message_id text not null references message on delete cascade,
  number smallint not null,
  gateway text not null,
  carrier text not null,
  state text not null check
    (state in ('waiting', 'writing', 'taken', 'refused', 'unknown', 'delivered', 'undelivered', 'expired')),
  carrier_id text,
  fault text,
  written_at timestamptz,
  answered_at timestamptz,
  settled_at timestamptz,
  primary key (message_id, number)
);
create index message_part_by_carrier_id on message_part (carrier, carrier_id) where carrier_id is not null;

-- Receipts whose message is not known (yet): the gateway was quicker than its own answer.
create table early_receipt (
  carrier text not null,
  carrier_id text not null,
  state text not null,
  fault text,
  at timestamptz not null,
  primary key (carrier, carrier_id)
);

-- What webhooks tell: one row for each state that a message comes to, written with it. Kept for seven days.
create table message_event (
  id bigint generated always as identity primary key,
  message_id text not null,
  company_id bigint not null,
  state text not null,
  fault text,
  at timestamptz not null
);
create index message_event_at on message_event (at);

-- How each worker's bind to each gateway stands, written with its sign of life.
create table gateway_state (
  gateway text not null,
  worker_id text not null,
  state text not null,
  since timestamptz not null,
  last_error text,
  last_error_at timestamptz,
  in_flight integer not null,
  per_second real not null,
  seen_at timestamptz not null,
  primary key (gateway, worker_id)
);
