-- What the unified login says of its accounts (R24). `standing_sequence` is that of the newest event that was acted on.
alter table person
  add column standing text not null default 'active' check (standing in ('active', 'suspended', 'closed')),
  add column standing_sequence bigint not null default 0,
  add column standing_at timestamptz,
  add column unified_password_changed_at timestamptz;

create table received_event (
  jti text primary key,
  expires_at timestamptz not null
);

alter table console_session
  drop constraint console_session_end_reason_check,
  add constraint console_session_end_reason_check check
    (end_reason in ('signed-out', 'logged-out-elsewhere', 'replaced', 'password-changed', 'suspended'));
