-- The audit log: sealing, search, retention. Owned by support/audit (docs/decisions/0029).
-- Nodes of the previous release insert rows as ever: the trigger puts them into the queue of what is to be sealed.

-- What is not sealed yet: a row comes with its event and goes with its seal.
create table audit_unsealed (event_id bigint primary key)
  with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);

-- One link of the chain: some events, in the order of their ids.
create table audit_batch (
  number        bigint primary key check (number > 0),
  sealed_at     timestamptz not null,
  event_ids     bigint[] not null,
  previous_hash bytea not null,
  hash          bytea not null,
  mac           bytea not null
);

-- The seal of one event. Erasing personal data takes the salt away; what stays is in `erased`.
create table audit_seal (
  event_id   bigint primary key,
  batch      bigint not null,
  hash       bytea not null,
  salt       bytea,
  erased     jsonb,
  erased_mac bytea
);

create function audit_event_to_be_sealed() returns trigger language plpgsql as $$
begin
  insert into audit_unsealed (event_id) values (new.id);
  return null;
end $$;
create trigger audit_event_to_be_sealed after insert on audit_event
  for each row execute function audit_event_to_be_sealed();

-- One row: which events are older than the queue and still to be sealed, and what retention has removed.
create table audit_chain (
  only_row       boolean primary key default true check (only_row),
  backlog_from   bigint not null default 0,
  -- The trigger's lock has waited for everybody who was inserting, so nothing below can come later.
  backlog_to     bigint not null,
  removed_to     bigint not null default 0,
  removed_hash   bytea,
  removed_events bigint not null default 0,
  removed_at     timestamptz,
  removed_mac    bytea
);
insert into audit_chain (backlog_to) select coalesce(max(id), 0) from audit_event;

-- outside a transaction:
-- Whatever a search names comes first, then the event: what is asked for stands together, the newest first, however rare it is.
create index concurrently audit_event_by_action on audit_event (action, at desc, id desc);
create index concurrently audit_event_by_actor on audit_event (actor, action, at desc, id desc);
create index concurrently audit_event_by_subject on audit_event (account_id, action, at desc, id desc) where account_id is not null;
create index concurrently audit_event_by_console on audit_event (console_id, action, at desc, id desc) where console_id is not null;
