-- What may become of a migration plan, and what became of it. Owned by domain/migration.

alter table migration_plan
  -- When the present cut-over was set: reminders that would have been due before are not sent.
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
  -- The notice that went out with it: what people were told last. (No foreign key: notices are a matter of their own.)
  notice_id   text,
  note        text not null default '',
  primary key (console_id, revision)
);

create function plan_change_is_append_only() returns trigger language plpgsql as $$
begin
  raise exception 'plan_change is append-only';
end $$;
create trigger plan_change_append_only before update or delete or truncate on plan_change
  execute function plan_change_is_append_only();
