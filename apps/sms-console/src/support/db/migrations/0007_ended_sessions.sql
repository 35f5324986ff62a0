-- Up to where this console knows which of its sessions have ended at the unified login.
create table ended_sessions_place (
  only_row boolean primary key default true check (only_row),
  place text not null,
  saved_at timestamptz not null
);
