-- Tokens of the operator API end, and may belong to an operator. Owned by domain/operators.
-- The default gives a year to tokens that are there, and to those that a node of the previous release still makes; this release names the moment itself.
alter table operator_token
  add column account_id text references account,
  add column expires_at timestamptz not null default now() + interval '1 year';
