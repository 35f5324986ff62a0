-- Duplicates of a person that became one account (R25). Owned by domain/merge.
create table account_merge (
  absorbed_id text primary key references account,
  kept_id     text not null references account,
  merged_at   timestamptz not null,
  merged_by   text not null,
  check (absorbed_id <> kept_id)
);
create index account_merge_kept on account_merge (kept_id);
