-- What a console's credentials may ask of the login server (R26): a closed list that domain/consoles has. Owned by domain/consoles. Consoles that are there keep all that they may; a node of the
-- previous release knows of no limits, and one that it registers may do everything.
alter table console add column api_scopes text[] not null
  default '{plan.read,sign-ins.report,sessions.read,login-ids.change,login-ids.compare,users.read,users.write,events.receive}';
