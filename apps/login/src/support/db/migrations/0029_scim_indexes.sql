-- Lists of people by SCIM, in tables that may hold millions: those of one company, and those who are not active. Owned by domain/provisioning.

-- outside a transaction:
create index concurrently account_company on account (company) where company <> '';
create index concurrently account_inactive on account (id) where state <> 'active';
create index concurrently console_link_deactivated on console_link (console_id, console_user_id) where deactivated_at is not null;
