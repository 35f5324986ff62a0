-- Accounts, consoles and what ties them together. Owned by domain/accounts, domain/consoles, domain/migration.

create table account (
  id            text primary key,
  email_address text not null,
  email_key     text not null constraint account_email_key unique,
  name          text not null default '',
  company       text not null default '',
  locale        text check (locale in ('ja', 'en')),
  state         text not null default 'active' check (state in ('active', 'suspended', 'closed')),
  created_at    timestamptz not null,
  updated_at    timestamptz not null
);

create table console (
  id                        text primary key,
  client_id                 text not null constraint console_client_id unique check (client_id ~ '^[a-z0-9][a-z0-9-]{0,39}$'),
  client_secret_hash        text not null,
  name_ja                   text not null,
  name_en                   text not null,
  home_url                  text not null,
  initiate_login_uri        text,
  legacy_login_url          text,
  redirect_uris             text[] not null,
  post_logout_redirect_uris text[] not null default '{}',
  backchannel_logout_uri    text,
  id_token_alg              text not null default 'RS256' check (id_token_alg in ('RS256', 'ES256')),
  require_pkce              boolean not null default true,
  created_at                timestamptz not null,
  updated_at                timestamptz not null
);

create table migration_plan (
  console_id  text primary key references console,
  revision    integer not null default 1,
  link_at     timestamptz,
  announce_at timestamptz,
  cut_over_at timestamptz,
  updated_at  timestamptz not null,
  check (cut_over_at is null or link_at is null or link_at <= cut_over_at)
);

create table console_link (
  console_id              text not null references console,
  console_user_id         text not null,
  account_id              text not null references account,
  created_at              timestamptz not null,
  last_unified_sign_in_at timestamptz,
  primary key (console_id, console_user_id),
  constraint console_link_account unique (account_id, console_id)
);

-- Credentials and proofs. Owned by domain/credentials and domain/verification.

create table password_credential (
  account_id    text primary key references account on delete cascade,
  password_hash text not null,
  set_at        timestamptz not null
);

create table sign_in_throttle (
  key             text primary key,
  attempts        integer not null,
  last_attempt_at timestamptz not null,
  blocked_until   timestamptz not null
);

create table verification_request (
  id              text primary key,
  purpose         text not null check (purpose in ('set-password', 'change-login-id')),
  email_address   text not null,
  email_key       text not null,
  account_id      text references account,
  browser_hash    text,
  console_id      text references console,
  target_link_uri text,
  locale          text not null check (locale in ('ja', 'en')),
  failed_tries    integer not null default 0,
  created_at      timestamptz not null,
  last_sent_at    timestamptz,
  ended_at        timestamptz
);
create index verification_request_browser on verification_request (browser_hash, email_key) where ended_at is null;
create index verification_request_created on verification_request (created_at);

create table verification_code (
  id          text primary key,
  request_id  text not null references verification_request on delete cascade,
  message_id  text not null unique,
  code_hash   text not null,
  issued_at   timestamptz not null,
  expires_at  timestamptz not null,
  consumed_at timestamptz
);
create index verification_code_request on verification_code (request_id, issued_at desc);

-- One row per code asked for and one per wrong guess; limits count these rows, so asking again never resets anything.
create table verification_attempt (
  id             bigint generated always as identity primary key,
  kind           text not null check (kind in ('send', 'guess')),
  email_key      text not null,
  client_network text not null,
  at             timestamptz not null
);
create index verification_attempt_email on verification_attempt (kind, email_key, at);
create index verification_attempt_network on verification_attempt (kind, client_network, at);

create table login_id_change (
  id              text primary key,
  request_id      text not null unique references verification_request,
  account_id      text not null references account,
  console_id      text not null references console,
  console_user_id text not null,
  old_address     text not null,
  new_address     text not null,
  new_key         text not null,
  keep_sid        text,
  requested_at    timestamptz not null,
  confirmed_at    timestamptz,
  superseded_at   timestamptz
);
create index login_id_change_account on login_id_change (account_id, requested_at desc);
