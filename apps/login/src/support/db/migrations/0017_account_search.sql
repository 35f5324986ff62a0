-- Finding people by any part of what is known of them (R25). Owned by domain/person.
--
-- No extension is needed. pg_trgm, which comes with PostgreSQL, drops Japanese letters where the database's locale is C (the embedded one's is), and helps no word of two letters
-- anywhere; Japanese names are words of two.

-- A text as it is searched: full-width is half-width, ASCII letters have no case, there are no spaces. What is searched for goes through the same function.
create function search_word(given text) returns text
  language sql immutable strict parallel safe
  return replace(lower(normalize(given, NFKC) collate "C"), ' ', '');

-- Every two letters that stand beside each other.
create function search_grams(given text) returns text[]
  language plpgsql immutable strict parallel safe as $$
declare
  grams text[] := '{}';
begin
  for i in 1 .. length(given) - 1 loop
    grams[i] := substr(given, i, 2);
  end loop;
  return grams;
end
$$;

-- All that an account is found by; a space stands before each part, and nowhere else. Made from account and console_link a moment after they have changed, so that whoever writes
-- there does not pay for it.
create table account_search (
  account_id text collate "C" primary key,
  state      text not null,
  words      text not null
);
create index account_search_grams on account_search using gin (search_grams(words));
create index account_search_inactive on account_search (account_id) where state <> 'active';

-- Accounts whose words are to be made; one may stand here more than once.
create table account_search_due (
  account_id text not null
);

-- One row: how far the accounts that were there before have been gone through; filled_at once that is done.
create table account_search_filling (
  filled_to text not null default '',
  filled_at timestamptz
);
create unique index account_search_filling_is_one_row on account_search_filling ((true));
insert into account_search_filling default values;

-- Triggers, because the previous release and whoever mends rows by hand must not be missed. One call a statement where an import writes thousands.
create function account_search_due_of_new_accounts() returns trigger language plpgsql as $$
begin
  insert into account_search_due (account_id) select id from changed;
  return null;
end
$$;
create function account_search_due_of_links() returns trigger language plpgsql as $$
begin
  insert into account_search_due (account_id) select account_id from changed;
  return null;
end
$$;
create function account_search_due_of_one() returns trigger language plpgsql as $$
begin
  insert into account_search_due (account_id) values (new.id);
  return null;
end
$$;
create trigger account_search_new after insert on account
  referencing new table as changed for each statement execute function account_search_due_of_new_accounts();
create trigger account_search_changed after update of email_key, name, company, state on account
  for each row when ((old.email_key, old.name, old.company, old.state) is distinct from (new.email_key, new.name, new.company, new.state))
  execute function account_search_due_of_one();
create trigger account_search_linked after insert on console_link
  referencing new table as changed for each statement execute function account_search_due_of_links();
create trigger account_search_unlinked after delete on console_link
  referencing old table as changed for each statement execute function account_search_due_of_links();

-- Requests for codes by the address that they are for, for the page of one person; there are those of two days.
create index verification_request_address on verification_request (email_key, created_at desc);
