-- Ended sessions that consoles ask for themselves. Owned by domain/logout.
-- A delivery is one place in the list of its console; rows of a node of the previous release get theirs like all others.

alter table logout_delivery
  -- Its place in the list, given when the console asks and the row is committed: null until then.
  add column list_number bigint,
  add column told_by text check (told_by in ('push', 'pull'));
create unique index logout_delivery_listed on logout_delivery (console_id, list_number) where list_number is not null;
create index logout_delivery_unlisted on logout_delivery (console_id, created_at, id) where list_number is null;
-- Listed, and not known to the console.
create index logout_delivery_untold on logout_delivery (console_id, list_number) where state <> 'delivered' and list_number is not null;
-- Counted wherever the health of consoles is shown.
create index logout_delivery_failed on logout_delivery (console_id) where state = 'failed';

create table ended_session_list (
  console_id  text primary key references console,
  last_number bigint not null default 0,
  -- When the console last asked, to five minutes.
  asked_at    timestamptz
);
