-- Lists by last sign-in that few people of a state are in (R15): without it all of that state are gone through.
-- outside a transaction:
create index concurrently move_standing_seen on move_standing (console_id, state, last_seen_at);
