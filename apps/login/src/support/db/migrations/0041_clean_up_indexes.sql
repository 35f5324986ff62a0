-- What is too old is deleted in batches, each of which finds its rows without reading the table.
-- outside a transaction:
create index concurrently logout_delivery_created on logout_delivery (created_at);
create index concurrently single_logout_at on single_logout (at);
create index concurrently verification_attempt_at on verification_attempt (at);
