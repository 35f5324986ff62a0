-- Imports of a console's people. Owned by domain/consoles/import. A dry run leaves no row here.

create table import_run (
  id         text primary key,
  console_id text not null references console,
  file_name  text not null,
  file_hash  text not null,
  started_at timestamptz not null,
  ended_at   timestamptz,
  -- Everything up to this line of the file is settled; a run that was cut off goes on after it.
  last_line  integer not null default 0,
  rows_read  integer not null default 0,
  created    integer not null default 0,
  linked     integer not null default 0,
  filled     integer not null default 0,
  unchanged  integer not null default 0,
  refused    integer not null default 0
);
create unique index import_run_unfinished on import_run (console_id, file_hash) where ended_at is null;

create table import_refusal (
  run_id    text not null references import_run on delete cascade,
  line      integer not null,
  reason    text not null,
  last_line integer not null,
  detail    jsonb not null default '{}',
  primary key (run_id, line, reason)
);
