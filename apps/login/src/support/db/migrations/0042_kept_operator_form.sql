-- Forms of the operator pages that came after the sign-in was too old, until their operator is back. Owned by domain/operators.
create table kept_operator_form (
  token_hash  text primary key,
  -- Whose form it is; no reference: a row is worth nothing without its account and goes within the hour.
  account_id  text not null,
  -- The page of the form.
  path        text not null,
  fields      jsonb not null,
  expires_at  timestamptz not null
);
create index kept_operator_form_account on kept_operator_form (account_id, expires_at);
create index kept_operator_form_expires on kept_operator_form (expires_at);
