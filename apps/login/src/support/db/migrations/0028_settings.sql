-- What operators change without a deploy: one row, each value under its name; what is not in it has its default. Owned by domain/settings.
-- A node of the previous release knows nothing of it and goes on with its environment.
create table installation_settings (
  id boolean primary key default true check (id),
  revision integer not null default 1,
  given jsonb not null default '{}',
  changed_at timestamptz,
  changed_by text
);
insert into installation_settings default values;
