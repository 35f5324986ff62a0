-- Where each person of a console stood a moment ago (R15), so that a list that is narrowed is read from an index, however many people there are. Owned by domain/migration; may
-- be emptied at any time. What a page shows of a person is read anew: these rows only find them.
create table move_standing (
  console_id   text not null references console,
  account_id   text not null,
  email_key    text not null,
  company_key  text not null,
  state        text not null,
  still_legacy boolean not null,
  -- At either login of this console; null: never.
  last_seen_at timestamptz,
  primary key (console_id, account_id)
);
create index move_standing_all on move_standing (console_id, email_key) include (last_seen_at);
create index move_standing_state on move_standing (console_id, state, email_key) include (last_seen_at);
create index move_standing_not_moved on move_standing (console_id, email_key) include (last_seen_at)
  where state in ('never-seen', 'code-requested', 'unreachable', 'password-set');
create index move_standing_legacy on move_standing (console_id, email_key) include (last_seen_at) where still_legacy;
create index move_standing_never_seen on move_standing (console_id, email_key) include (state) where last_seen_at is null;
create index move_standing_company on move_standing (console_id, company_key, email_key) include (last_seen_at, state);

-- When a console's rows were made, and how many there are; null: not yet.
alter table progress_summary add column standing_at timestamptz, add column standing_people integer;
