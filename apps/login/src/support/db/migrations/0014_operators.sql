-- Staff who run the unified login from its own pages (R25). Owned by domain/operators.
create table operator (
  account_id text primary key references account,
  role       text not null check (role in ('viewer', 'support', 'administrator')),
  created_at timestamptz not null,
  created_by text not null,
  revoked_at timestamptz,
  revoked_by text
);

-- How far a console's people had come a moment ago: the totals and the days of R15, which take a pass over everybody. Owned by domain/migration; may be emptied at any time.
create table progress_summary (
  console_id text primary key references console,
  at         timestamptz not null,
  took_ms    integer not null,
  figures    jsonb not null
);
