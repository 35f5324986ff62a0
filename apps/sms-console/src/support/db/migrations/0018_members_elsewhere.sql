-- R11: whom a company added although a person of another company has the address. Its administrators see them as they see anybody (C4); nobody
-- signs in as them, and the mailbox is told once. Their ids are of one kind with those of people.
create table member_elsewhere (
  id bigint primary key default nextval(pg_get_serial_sequence('person', 'id')::regclass),
  company_id bigint not null references company,
  email_address text not null,
  name text not null,
  locale text not null check (locale in ('ja', 'en')),
  role text not null check (role in ('administrator', 'sender', 'viewer')),
  active boolean not null default true,
  state text not null check (state in ('waiting', 'done')),
  tries smallint not null default 0,
  next_try_at timestamptz not null,
  created_at timestamptz not null
);
create unique index member_elsewhere_address on member_elsewhere (company_id, lower(email_address));
create index member_elsewhere_waiting on member_elsewhere (next_try_at) where state = 'waiting';
