-- The indexes of migration 0013, on a table that may hold millions of deliveries. Owned by domain/logout.

-- outside a transaction:
create index concurrently logout_delivery_unlisted on logout_delivery (console_id, created_at, id) where list_number is null;
-- Listed, and not known to the console.
create index concurrently logout_delivery_untold on logout_delivery (console_id, list_number) where state <> 'delivered' and list_number is not null;
-- Counted wherever the health of consoles is shown.
create index concurrently logout_delivery_failed on logout_delivery (console_id) where state = 'failed';
create unique index concurrently logout_delivery_listed on logout_delivery (console_id, list_number) where list_number is not null;
