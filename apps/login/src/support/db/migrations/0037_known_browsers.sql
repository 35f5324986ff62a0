-- Browsers in which the person of an account signed in: each has its own counter of failures, so that strangers cannot delay the owner (C3). Owned by domain/credentials.
-- No reference to the account: who signs in would wait for its lock while holding what its holder waits for. A row is worth nothing without its account and goes after 90 days.
create table known_browser (
  account_id      text not null,
  -- Keyed hash of what the browser keeps.
  browser_hash    text not null,
  signed_in_at    timestamptz not null,
  -- Failures in a row in this browser.
  attempts        integer not null default 0,
  blocked_until   timestamptz not null,
  primary key (account_id, browser_hash)
);
create index known_browser_signed_in on known_browser (signed_in_at);
