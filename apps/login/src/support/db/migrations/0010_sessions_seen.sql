-- What a person is shown of a signed-in browser (R11). Owned by domain/sessions.
alter table sso_session
  add column client_ip  text,
  add column user_agent text,
  add column seen_at    timestamptz;
