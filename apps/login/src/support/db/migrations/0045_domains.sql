-- The domains and ports that the people of a console must be able to reach (R22), by version. A version is never changed. Owned by domain/domain-lists.
create table domain_list (
  console_id text not null references console,
  version    integer not null check (version > 0),
  -- Host, port (null: a domain that mails come from) and purpose.
  entries    jsonb not null,
  valid_from timestamptz not null,
  made_at    timestamptz not null,
  made_by    text not null,
  -- The notice that told everybody of it.
  notice_id  text references notice,
  primary key (console_id, version)
);

-- A notice may tell of a change of that list. A node of the previous release makes none.
alter table notice drop constraint notice_kind_check;
alter table notice add constraint notice_kind_check
  check (kind in ('announcement', 'reminder', 'correction', 'completion', 'domains')) not valid;
alter table notice validate constraint notice_kind_check;
