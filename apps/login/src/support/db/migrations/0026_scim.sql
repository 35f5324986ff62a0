-- SCIM 2.0 (R26): customers' directories, and what they and the consoles say of their people. Owned by domain/provisioning; whether a link lets in, by domain/suspension.

alter table console_link
  -- Since when the person does not enter this console, though they enter others.
  add column deactivated_at timestamptz,
  -- It was the last link that let the person in anywhere: with it the account was suspended, and comes back with it.
  add column suspended_account boolean not null default false;

-- The directory of a customer (or of the company itself): whose people it looks after, and where.
create table directory (
  id          text primary key,
  console_id  text not null references console,
  name        text not null,
  -- Null: all people of the console.
  company     text,
  -- Empty: addresses of every domain.
  domains     text[] not null default '{}',
  -- Whether externalId is the console's own user id. If not, it is the directory's, and we make up the user id.
  console_ids boolean not null default false,
  created_at  timestamptz not null,
  created_by  text not null
);

create table directory_token (
  id           text primary key,
  directory_id text not null references directory,
  token_hash   text not null unique,
  created_at   timestamptz not null,
  created_by   text not null,
  expires_at   timestamptz not null,
  last_used_at timestamptz,
  revoked_at   timestamptz
);
create index directory_token_directory on directory_token (directory_id);

-- What somebody said of a person by SCIM. People who came by a file have no row.
create table provisioned_user (
  console_id      text not null,
  console_user_id text not null,
  -- Null: the console itself.
  directory_id    text references directory,
  external_id     text,
  user_name       text not null,
  user_key        text not null,
  company         text,
  profile         jsonb not null,
  -- The account was there before: until its person has entered this console, the console learns nothing new of it and cannot move its login ID.
  joined          boolean not null,
  created_at      timestamptz not null,
  updated_at      timestamptz not null,
  primary key (console_id, console_user_id),
  foreign key (console_id, console_user_id) references console_link on delete cascade
);
create unique index provisioned_user_external on provisioned_user (directory_id, external_id) where external_id is not null;
create index provisioned_user_name on provisioned_user (console_id, user_key);
create index provisioned_user_company on provisioned_user (console_id, company, console_user_id) where company is not null;
