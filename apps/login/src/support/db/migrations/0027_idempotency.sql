-- What programs were answered under an Idempotency-Key, for a day. Owned by web/api/idempotency.
create table idempotency_key (
  -- operator:<token id> or console:<console id>
  caller       text not null,
  -- The key itself is never kept: it is needed to read the answer.
  key_hash     text not null,
  -- Of method, address and content.
  content_hash text not null,
  -- The request that works at it, or did last; nobody else may finish it or record an act under it.
  attempt      text not null,
  -- Until then nobody else takes it over.
  held_until   timestamptz not null,
  created_at   timestamptz not null,
  -- Set in the transaction of the act, with its audit event.
  acted        boolean not null default false,
  -- Null while it is under way.
  status       integer,
  -- Headers and body, encrypted with a key that only the Idempotency-Key and the server's secret make together.
  answer       text,
  primary key (caller, key_hash)
);
create index idempotency_key_created on idempotency_key (created_at);
