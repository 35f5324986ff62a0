-- Ended sessions that consoles ask for themselves. Owned by domain/logout.
-- A delivery is one place in the list of its console; rows of a node of the previous release get theirs like all others.

alter table logout_delivery
  -- Its place in the list, given when the console asks and the row is committed: null until then.
  add column list_number bigint,
  add column told_by text check (told_by in ('push', 'pull'));
-- Its indexes are made beside those who write, when the columns are there: migration 0020.

create table ended_session_list (
  console_id  text primary key references console,
  last_number bigint not null default 0,
  -- When the console last asked, to five minutes.
  asked_at    timestamptz
);
