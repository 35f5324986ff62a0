-- Tokens with which programs of operators call the operator API. Owned by domain/operators.
create table operator_token (
  id           text primary key,
  name         text not null,
  role         text not null check (role in ('viewer', 'support', 'administrator')),
  token_hash   text not null unique,
  created_at   timestamptz not null,
  created_by   text not null,
  last_used_at timestamptz,
  revoked_at   timestamptz
);
