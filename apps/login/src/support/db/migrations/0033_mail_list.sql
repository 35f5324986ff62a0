-- Lists of mails by address, kind and state, and how many an hour (R25), on a table that may hold millions of them. Owned by support/mail; the last one by domain/notices.

-- outside a transaction:
create index concurrently message_recipient on message (lower(recipient), created_at desc, id desc);
create index concurrently message_kind on message (template, created_at desc, id desc);
create index concurrently message_not_sent on message (state, created_at desc, id desc) where state in ('refused', 'dropped');
create index concurrently message_ended on message (ended_at, state) where ended_at is not null;
create index concurrently notice_recipient_bounced on notice_recipient (message_id) where state = 'bounced';
