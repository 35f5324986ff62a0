-- Texts of codes are wiped as soon as they are not needed any more.
create index message_code_text on message (expires_at) where lane = 0 and body <> '';

-- Events that webhooks have not told yet. Only those of companies with an endpoint are ever marked.
alter table message_event add column told_at timestamptz;
create index message_event_untold on message_event (company_id, id) where told_at is null;
create index message_event_of_message on message_event (message_id, id);
