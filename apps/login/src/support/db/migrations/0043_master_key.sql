-- Which master key encrypts what is stored encrypted. One row, written by the first server of this release. Owned by support/keys.
create table master_key (
  id           boolean primary key default true check (id),
  fingerprint  text not null,
  -- The master key before it, as long as something may still be encrypted with that.
  leaving      text,
  since        timestamptz not null
);

-- The keys of hashes, signatures and seals, encrypted with the master key: they stay when that one is exchanged. Owned by support/keys.
create table purpose_key (
  purpose     text primary key,
  sealed      text not null,
  created_at  timestamptz not null
);

-- The servers that run, each saying so every few seconds, by the database's clock. Owned by support/nodes.
create table node (
  id              text primary key,
  -- Host and port.
  name            text not null,
  -- Fingerprints of the master keys that it was given, the one that is to encrypt first.
  master_keys     text[] not null,
  -- How far the clock of its machine is ahead of the database's, in milliseconds; null: not compared yet.
  clock_ahead_ms  integer,
  started_at      timestamptz not null,
  seen_at         timestamptz not null
);
