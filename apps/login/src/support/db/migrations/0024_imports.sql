-- Files of people that are handed in by page or API (R20, R25). Owned by domain/consoles/import.

create table import_upload (
  -- Also the id of the run that takes the file in.
  id          text primary key,
  console_id  text not null references console,
  file_name   text not null,
  actor       text not null,
  state       text not null check (state in ('receiving', 'checking', 'checked', 'importing', 'imported', 'unusable', 'cancelled', 'failed', 'expired')),
  created_at  timestamptz not null,
  -- In bytes; null until all of it has arrived.
  size        bigint,
  -- When the real import was asked for, and by whom.
  started_at  timestamptz,
  started_by  text,
  ended_at    timestamptz,
  -- What the work has come to, for those who watch.
  stage       text not null default 'checking' check (stage in ('checking', 'importing')),
  bytes_read  bigint not null default 0,
  -- Of the dry run.
  counts      jsonb,
  -- What the file was taken for: encoding, separator, columns.
  layout      jsonb,
  -- Why the file cannot be read at all.
  refusal     jsonb,
  -- How often its work was begun: a file that kills the process each time is given up.
  starts      integer not null default 0
);
create index import_upload_history on import_upload (created_at desc, id desc);
create index import_upload_open on import_upload (created_at) where state in ('receiving', 'checking', 'checked', 'importing');

-- The file itself in bounded pieces, so that any node can read it; gone as soon as the upload has ended.
create table import_piece (
  upload_id text not null references import_upload on delete cascade,
  number    integer not null,
  bytes     bytea not null,
  primary key (upload_id, number)
);

-- What a dry run found wrong; as import_refusal is of a real one.
create table import_check_refusal (
  upload_id text not null references import_upload on delete cascade,
  line      integer not null,
  reason    text not null,
  last_line integer not null,
  detail    jsonb not null default '{}',
  primary key (upload_id, line, reason)
);

alter table import_run
  -- Who has it done; null for a run of an earlier release.
  add column actor text,
  -- How it ended, where it did not come to the end of its file.
  add column outcome text check (outcome in ('cancelled', 'failed', 'replaced')),
  -- It takes in the upload of the same id.
  add column uploaded boolean not null default false;
create index import_run_history on import_run (started_at desc, id desc) where not uploaded;
create index import_run_ended on import_run (ended_at);
