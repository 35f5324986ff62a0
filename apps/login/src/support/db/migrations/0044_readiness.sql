-- The readiness check signs in (R19). Owned by domain/readiness; the columns of console by domain/consoles.
alter table console
  -- A page of the console that only people who are signed in see; null: the page where a sign-in ends.
  add column check_url text,
  -- The console's own user id of its test user; null: 'hitokagi-check'.
  add column check_user_id text;

-- A check that is under way, with its test account. A row that was left behind is taken over after some minutes.
create table console_check_run (
  console_id    text primary key references console,
  -- No reference: the account goes first.
  account_id    text not null,
  started_at    timestamptz not null,
  -- In which way the next ID token of the test account is wrong; null: it is right.
  altered       text,
  -- Whether such a one has been given out.
  altered_given boolean not null default false,
  -- Whether a code of the test account has been redeemed.
  redeemed      boolean not null default false
);
create index console_check_run_account on console_check_run (account_id);
