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
create index notice_unfinished on notice (send_at) where ended_at is null;
create unique index notice_reminder_once on notice (console_id, cut_over_at, days_before) where kind = 'reminder';

-- One row a person and notice: nobody gets one twice. The verdict is copied from the message, which is forgotten after 90 days.
create table notice_recipient (
  notice_id       text not null references notice on delete cascade,
  account_id      text not null references account,
  message_id      text unique,
  -- The address that it was handed to; null while it waits.
  recipient       text,
  state           text not null default 'waiting' check (state in ('waiting', 'queued', 'accepted', 'refused', 'bounced', 'dropped')),
  -- Why nothing was sent: the person had left the audience, had moved since (reminders), or the notice was cancelled.
  drop_reason     text check (drop_reason in ('left-audience', 'moved', 'cancelled')),
  -- What the mail server said; of a bounced mail, what the delivery status notification says.
  smtp_response   text,
  verdict_at      timestamptz,
  -- A delivery status notification said that it is late (RFC 3464 action "delayed").
  delayed_at      timestamptz,
  -- How an operator settled somebody whom the mail did not reach (R14).
  settlement      text check (settlement in ('new-address', 'told-otherwise', 'api-only')),
  settlement_note text,
  settled_at      timestamptz,
  settled_by      text,
  primary key (notice_id, account_id),
  check ((settlement is null) = (settled_at is null))
);
create index notice_recipient_unfinished on notice_recipient (notice_id, account_id) where state in ('waiting', 'queued');
create index notice_recipient_verdict on notice_recipient (notice_id, verdict_at);
create index notice_recipient_unreached on notice_recipient (notice_id, account_id) where state in ('refused', 'bounced', 'dropped') and settled_at is null;
create index notice_recipient_account on notice_recipient (account_id);

alter table message
  -- Set before a mail is handed to the mail server, cleared with its verdict: a process that died in between leaves it.
  add column handed_over_at timestamptz,
  -- How often nobody knows whether the mail server took it (cut after DATA, process killed): a mail goes out twice at most.
  add column unconfirmed integer not null default 0,
  -- One of many of the same: sent at the installation's pace.
  add column bulk boolean not null default false;
create index message_queued on message (id) where state = 'queued';
create index message_fresh on message (id) where state = 'queued' and bulk and tries = 0;

-- When the next bulk mail of the whole installation may be handed over. Owned by support/mail.
create table mail_pace (
  next_at timestamptz not null
);
create unique index mail_pace_is_one_row on mail_pace ((true));
insert into mail_pace values (now());

-- Delivery status notifications that were read, by SHA-256 of the mail, so that each counts once (RFC 3464).
create table delivery_notification (
  digest  text primary key,
  read_at timestamptz not null,
  result  text not null
);
