-- R29: what a company writes, whom it writes to, and its rules of sending.

-- A company without a row has the default rules. quiet_from and quiet_until are minutes after midnight in Japan.
create table sending_rules (
  company_id bigint primary key references company on delete cascade,
  quiet_from smallint check (quiet_from between 0 and 1439),
  quiet_until smallint check (quiet_until between 0 and 1439),
  long_messages boolean not null,
  monthly_parts integer check (monthly_parts > 0),
  changed_at timestamptz not null,
  changed_by bigint references person on delete set null,
  constraint quiet_has_both_ends check (coalesce(quiet_from <> quiet_until, quiet_from is null and quiet_until is null))
);

-- Numbers (E.164) that get nothing more of this company: asked when messages are queued and once more when they leave.
create table opt_out (
  company_id bigint not null references company on delete cascade,
  number text not null,
  reason text not null,
  added_at timestamptz not null,
  added_by bigint references person on delete set null,
  primary key (company_id, number)
);

create table template (
  id text primary key,
  company_id bigint not null references company on delete cascade,
  name text not null,
  body text not null,
  changed_at timestamptz not null,
  changed_by bigint references person on delete set null
);
create unique index template_name on template (company_id, lower(name));

create table address_group (
  id text primary key,
  company_id bigint not null references company on delete cascade,
  name text not null,
  columns text[] not null,
  created_at timestamptz not null
);
create unique index address_group_name on address_group (company_id, lower(name));

-- fields: text by the group's columns.
create table address (
  id bigint generated always as identity primary key,
  group_id text not null references address_group on delete cascade,
  number text not null,
  fields jsonb not null,
  added_at timestamptz not null,
  unique (group_id, number)
);
create index address_of_group on address (group_id, id);

-- A message that is being written. The id is made with the empty form, so that a form sent twice makes one draft.
-- revision grows with each change, so that nobody confirms what was changed in another tab. campaign_id: what became of it.
create table draft (
  id text primary key,
  company_id bigint not null references company on delete cascade,
  person_id bigint not null references person on delete cascade,
  content jsonb not null,
  revision integer not null default 1,
  created_at timestamptz not null,
  saved_at timestamptz not null,
  campaign_id text references campaign
);
create index draft_of_person on draft (person_id, saved_at desc) where campaign_id is null;

-- What came in a form after the session had ended: for the person whose form it was, in that browser only.
create table kept_form (
  token_hash bytea primary key,
  person_id bigint not null references person on delete cascade,
  draft_id text not null,
  content jsonb not null,
  expires_at timestamptz not null
);

-- work: what is still to be done with the campaign's messages; whoever does it holds it until busy_until.
alter table campaign
  add column work text check (work in ('queue', 'hold', 'let-go', 'cancel')),
  add column busy_until timestamptz,
  add column csv_id text,
  add column counts jsonb;
create index campaign_with_work on campaign (id) where work is not null;
create index campaign_under_way on campaign (id) where state in ('scheduled', 'sending');
create index message_of_campaign_open on message (campaign_id, id) where campaign_id is not null and state in ('held', 'queued', 'sending');
