-- What the protocol engine stores. Owned by web/oidc (oidc_artifact) and domain/sessions (sso_session).
-- Identifiers that are bearer secrets (codes, tokens, session cookies, pending sign-ins) are stored as SHA-256.

create table sso_session (
  uid        text primary key,
  id_hash    text not null constraint sso_session_id unique,
  account_id text,
  payload    jsonb not null,
  created_at timestamptz not null,
  expires_at timestamptz not null
);
create index sso_session_account on sso_session (account_id) where account_id is not null;
create index sso_session_expiry on sso_session (expires_at);

create table oidc_artifact (
  kind        text not null,
  id_hash     text not null,
  grant_id    text,
  account_id  text,
  client_id   text,
  session_uid text,
  payload     jsonb not null,
  expires_at  timestamptz,
  consumed_at timestamptz,
  ended_at    timestamptz,
  primary key (kind, id_hash)
);
create index oidc_artifact_session on oidc_artifact (session_uid) where session_uid is not null;
create index oidc_artifact_expiry on oidc_artifact (expires_at);

-- Single logout and its deliveries. Owned by domain/logout.

create table single_logout (
  id          text primary key,
  session_uid text not null,
  account_id  text not null,
  cause       text not null,
  at          timestamptz not null
);
create unique index single_logout_session on single_logout (session_uid);

create table logout_delivery (
  id               text primary key,
  single_logout_id text not null references single_logout,
  console_id       text not null references console,
  account_id       text not null,
  sid              text,
  state            text not null default 'waiting' check (state in ('waiting', 'delivered', 'failed')),
  tries            integer not null default 0,
  next_try_at      timestamptz,
  last_status      integer,
  last_error       text,
  created_at       timestamptz not null,
  ended_at         timestamptz
);
create index logout_delivery_logout on logout_delivery (single_logout_id);
create index logout_delivery_due on logout_delivery (next_try_at) where state = 'waiting';

-- Keys, mail and audit. Owned by support/keys, support/mail, support/audit.

create table signing_key (
  kid        text primary key,
  alg        text not null,
  sealed_jwk text not null,
  created_at timestamptz not null,
  use_from   timestamptz not null,
  retired_at timestamptz
);

create table message (
  id            text primary key,
  template      text not null,
  recipient     text not null,
  locale        text not null,
  params        jsonb not null,
  account_id    text,
  state         text not null default 'queued' check (state in ('queued', 'accepted', 'refused', 'dropped')),
  tries         integer not null default 0,
  smtp_response text,
  created_at    timestamptz not null,
  ended_at      timestamptz
);
create index message_account on message (account_id, created_at desc);
create index message_created on message (created_at);

create table audit_event (
  id         bigint generated always as identity primary key,
  at         timestamptz not null,
  action     text not null,
  actor      text not null,
  account_id text,
  console_id text,
  client_ip  text,
  request_id text,
  detail     jsonb not null default '{}'
);
create index audit_event_account on audit_event (account_id, id desc);
create index audit_event_at on audit_event (at);
