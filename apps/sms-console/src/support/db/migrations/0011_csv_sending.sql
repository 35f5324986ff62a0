-- A file of recipients. state: receiving → mapping (waits for its columns and text) → checking → checked → queued; or unusable, cancelled.
-- place: rows read so far; the checking goes on from there after a restart.
create table csv_sending (
  id text primary key,
  company_id bigint not null references company on delete cascade,
  person_id bigint references person on delete set null,
  file_name text not null,
  size bigint,
  state text not null check (state in ('receiving', 'mapping', 'checking', 'checked', 'queued', 'unusable', 'cancelled')),
  fault text,
  layout jsonb,
  wanted jsonb,
  revision integer not null default 1,
  rows_read integer not null default 0,
  counts jsonb,
  created_at timestamptz not null,
  checked_at timestamptz,
  busy_until timestamptz,
  campaign_id text references campaign
);
create index csv_sending_of_company on csv_sending (company_id, id);
create index csv_sending_to_check on csv_sending (id) where state = 'checking';

create table csv_piece (
  csv_id text not null references csv_sending on delete cascade,
  number integer not null,
  bytes bytea not null,
  primary key (csv_id, number)
);

-- A row that can be sent to. The number is unique in a file, so that a second row with it is a duplicate.
create table csv_row (
  csv_id text not null references csv_sending on delete cascade,
  line integer not null,
  number text not null,
  body text not null,
  encoding text not null,
  parts smallint not null,
  primary key (csv_id, number)
);
create index csv_row_in_order on csv_row (csv_id, line);

create table csv_refusal (
  csv_id text not null references csv_sending on delete cascade,
  line integer not null,
  reason text not null,
  value text not null,
  primary key (csv_id, line, reason)
);

create index campaign_paused on campaign (id) where state = 'paused';
create index campaign_cancelled on campaign (finished_at) where state = 'cancelled';
