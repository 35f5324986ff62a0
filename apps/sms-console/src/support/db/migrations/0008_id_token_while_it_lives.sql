-- The ID token is kept for the sign-out of a session that lives; one that ended gives it away. A previous release that
-- still serves keeps it until its sessions are removed, as before.
alter table console_session
  drop constraint unified_has_identity,
  add constraint unified_has_identity check
    ((kind = 'unified') = (sub is not null and issued_at is not null) and (kind = 'unified' or id_token is null));
update console_session set id_token = null where ended_at is not null;
