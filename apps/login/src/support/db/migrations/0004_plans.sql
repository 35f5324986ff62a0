-- What may become of a migration plan, and what became of it. Owned by domain/migration.

alter table migration_plan
  -- When the present cut-over was first set: reminders that would have been due before are not sent.
  add column cut_over_set_at timestamptz,
  -- A closed plan can no longer be rolled back (R16).
  add column closed_at timestamptz;

-- One row a change: who set what when, and how the plan stood after it. Append-only.
create table plan_change (
  console_id  text not null references console,
  revision    integer not null,
  at          timestamptz not null,
  actor       text not null,
  action      text not null check (action in ('link-time-set', 'announced', 'cut-over-set', 'postponed', 'rolled-back', 'closed')),
  link_at     timestamptz,
  announce_at timestamptz,
  cut_over_at timestamptz,
  closed_at   timestamptz,
  note        text not null default '',
  primary key (console_id, revision)
);
