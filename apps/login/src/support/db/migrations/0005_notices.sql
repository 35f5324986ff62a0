-- Notices of a migration and whom they reached. Owned by domain/notices; the columns of message by support/mail, api_only by domain/consoles.

alter table console_link
  -- Uses this console only through its machine API: gets no notice and is not counted as someone to move (R14).
  add column api_only boolean not null default false;

create table notice (
  id           text primary key,
  console_id   text not null references console,
  kind         text not null check (kind in ('announcement', 'reminder', 'correction', 'completion')),
  -- Of a reminder: 30, 7 or 1.
  days_before  integer,
  -- The cut-over that the notice names; null in a correction: there is none any more.
  cut_over_at  timestamptz,
  -- The operator's own words by language, with placeholders; empty: those of the brand.
  texts        jsonb not null default '{}',
  send_at      timestamptz not null,
  created_at   timestamptz not null,
  created_by   text not null,
  ended_at     timestamptz,
  cancelled_at timestamptz,
  check ((kind = 'reminder') = (days_before is not null))
);
create index notice_console on notice (console_id, created_at desc);
create index notice_unfinished on notice (send_at) where ended_at is null and cancelled_at is null;
create unique index notice_reminder_once on notice (console_id, cut_over_at, days_before) where kind = 'reminder';

-- One row a person and notice: nobody gets one twice. The verdict is copied from the message, which is forgotten after 90 days.
create table notice_recipient (
  notice_id       text not null references notice on delete cascade,
  account_id      text not null references account,
  message_id      text unique,
  -- The address that it was handed to; null while it waits.
  recipient       text,
  state           text not null default 'waiting' check (state in ('waiting', 'queued', 'accepted', 'refused', 'bounced', 'dropped')),
  smtp_response   text,
  verdict_at      timestamptz,
  -- How an operator settled somebody whom the mail did not reach (R14).
  settlement      text check (settlement in ('new-address', 'told-otherwise', 'api-only')),
  settlement_note text,
  settled_at      timestamptz,
  settled_by      text,
  primary key (notice_id, account_id),
  check ((settlement is null) = (settled_at is null))
);
create index notice_recipient_waiting on notice_recipient (notice_id) where state = 'waiting';
create index notice_recipient_unreached on notice_recipient (notice_id, account_id) where state in ('refused', 'bounced');
create index notice_recipient_account on notice_recipient (account_id);

alter table message
  -- Set before a mail is handed to the mail server, cleared with its verdict: a process that died in between leaves it.
  add column handed_over_at timestamptz,
  -- How often nobody knows whether the mail server took it (cut after DATA, process killed): a mail goes out twice at most.
  add column unconfirmed integer not null default 0;
