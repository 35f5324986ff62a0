-- Figures of notices without counting their recipients, lists of recipients by verdict, and each console's own words for its notices (R14, R25). Owned by domain/notices.

-- How many recipients of a notice stand where: the sum of `n` over its rows. Every change adds rows, so that mails that end at the same moment never wait for each other; the schedule adds them up.
-- No foreign key: what goes with a notice is counted off, and sums to nothing.
create table notice_tally (
  id        bigint generated always as identity primary key,
  notice_id text not null,
  -- A state of notice_recipient, or: `unsettled` (not reached and not settled), `deferred` (queued, was tried, is tried again).
  part      text not null,
  n         bigint not null
);
create index notice_tally_notice on notice_tally (notice_id) include (part, n);

-- Counted by the database itself, so that a release that does not know of it counts too.
create function notice_recipient_tallied() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    insert into notice_tally (notice_id, part, n)
    select notice_id, part, sum(n) from (
      select notice_id, state, settled_at is null and (state in ('refused', 'bounced') or state = 'dropped' and drop_reason = 'left-audience') as unsettled, count(*) as n
      from fresh group by 1, 2, 3) g, lateral (values (state), (case when unsettled then 'unsettled' end)) p (part)
    where part is not null group by 1, 2;
  elsif tg_op = 'DELETE' then
    insert into notice_tally (notice_id, part, n)
    select notice_id, part, -sum(n) from (
      select notice_id, state, settled_at is null and (state in ('refused', 'bounced') or state = 'dropped' and drop_reason = 'left-audience') as unsettled, count(*) as n
      from gone group by 1, 2, 3) g, lateral (values (state), (case when unsettled then 'unsettled' end)) p (part)
    where part is not null group by 1, 2;
  else
    insert into notice_tally (notice_id, part, n)
    select notice_id, part, sum(n) from (
      select notice_id, state, settled_at is null and (state in ('refused', 'bounced') or state = 'dropped' and drop_reason = 'left-audience') as unsettled, sum(n) as n
      from (select notice_id, state, drop_reason, settled_at, 1 as n from fresh union all select notice_id, state, drop_reason, settled_at, -1 from gone) d
      group by 1, 2, 3) g, lateral (values (state), (case when unsettled then 'unsettled' end)) p (part)
    where part is not null group by 1, 2 having sum(n) <> 0;
  end if;
  return null;
end $$;

create function notice_mail_tallied() returns trigger language plpgsql as $$
begin
  insert into notice_tally (notice_id, part, n)
  values (new.params ->> 'noticeId', 'deferred', case when new.state = 'queued' and new.tries > 0 then 1 else -1 end);
  return null;
end $$;

-- What is counted here and what the triggers count later is together everything.
lock table message, notice_recipient in share row exclusive mode;
create trigger notice_recipient_added after insert on notice_recipient
  referencing new table as fresh for each statement execute function notice_recipient_tallied();
create trigger notice_recipient_changed after update on notice_recipient
  referencing new table as fresh old table as gone for each statement execute function notice_recipient_tallied();
create trigger notice_recipient_removed after delete on notice_recipient
  referencing old table as gone for each statement execute function notice_recipient_tallied();
create trigger notice_mail_deferred after update of state, tries on message for each row
  when (new.template = 'notice' and (new.state = 'queued' and new.tries > 0) <> (old.state = 'queued' and old.tries > 0))
  execute function notice_mail_tallied();
insert into notice_tally (notice_id, part, n)
select notice_id, part, sum(n) from (
  select notice_id, state, settled_at is null and (state in ('refused', 'bounced') or state = 'dropped' and drop_reason = 'left-audience') as unsettled, count(*) as n
  from notice_recipient group by 1, 2, 3) g, lateral (values (state), (case when unsettled then 'unsettled' end)) p (part)
where part is not null group by 1, 2;
insert into notice_tally (notice_id, part, n)
select params ->> 'noticeId', 'deferred', count(*) from message where template = 'notice' and state = 'queued' and tries > 0 group by 1;

-- The words of a console's notices that take the place of the brand's; a notice keeps those of the moment in which it is made.
create table notice_words (
  console_id text not null references console,
  -- A correction has other words where a date is named and where there is none any more.
  kind       text not null check (kind in ('announcement', 'reminder', 'postponed', 'withdrawn', 'completion')),
  -- By language and part; what is missing is said in the brand's.
  texts      jsonb not null,
  revision   integer not null,
  changed_at timestamptz not null,
  changed_by text not null,
  primary key (console_id, kind)
);

-- outside a transaction:
create index concurrently notice_of_console on notice (console_id, id);
create index concurrently notice_cancelled on notice (id) where cancelled_at is not null;
create index concurrently notice_recipient_state on notice_recipient (notice_id, state, account_id);
create index concurrently notice_recipient_to_settle on notice_recipient (notice_id, account_id)
  where settled_at is null and (state in ('refused', 'bounced') or state = 'dropped' and drop_reason = 'left-audience');
create index concurrently notice_recipient_recent on notice_recipient (notice_id, verdict_at) where state in ('accepted', 'refused');
drop index concurrently if exists notice_recipient_verdict;
