-- R29: from a company's draft to the phone. A campaign is one sending to one or many; a message is one text to one number.
alter table person add column role text not null default 'administrator' check (role in ('administrator', 'sender', 'viewer'));

create table campaign (
  id text primary key,
  company_id bigint not null references company,
  created_by bigint references person on delete set null,
  name text not null,
  kind text not null check (kind in ('composed', 'csv', 'api')),
  state text not null check (state in ('preparing', 'held', 'scheduled', 'sending', 'paused', 'cancelled', 'finished')),
  body text not null,
  send_at timestamptz,
  created_at timestamptz not null,
  confirmed_at timestamptz,
  finished_at timestamptz
);
create index campaign_of_company on campaign (company_id, id);

-- lane: 0 codes, 1 single messages and those of programs, 2 campaigns. due_at: not before. expires_at: not after.
alter table message
  add column campaign_id text references campaign,
  add column created_by bigint references person on delete set null,
  add column lane smallint not null default 1,
  add column encoding text check (encoding in ('gsm7', 'ucs2')),
  add column parts smallint,
  add column due_at timestamptz,
  add column expires_at timestamptz,
  add column gateway text,
  add column tries smallint not null default 0,
  add column fault text,
  add column submitted_at timestamptz,
  add column settled_at timestamptz,
  drop constraint message_state_check,
  add constraint message_state_check check
    (state in ('held', 'queued', 'sending', 'sent', 'delivered', 'undelivered', 'expired', 'failed', 'cancelled'));
update message set due_at = accepted_at where due_at is null;
create index message_to_send on message (lane, due_at, id) where state = 'queued';
create index message_of_campaign on message (campaign_id, id) where campaign_id is not null;
