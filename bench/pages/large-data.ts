import { CODE_MAIL } from '../../apps/login/src/domain/verification/requests.ts';
import { NOTICE_MAIL } from '../../apps/login/src/domain/notices/mail.ts';

/** A part of the large world: statements in which `:people` stands for the number of accounts. */
type Part = { what: string; statements: readonly string[] };

export const CONSOLES = 50;

/** The console of whom everybody is; half of all are in the second one, and a fiftieth in each of the others. */
const LINKS = `
  select c.id, 'user-' || i, 'acc_' || lpad(i::text, 26, '0'), now() - interval '400 days', i
  from (select id, row_number() over (order by client_id) as n from console) c,
    generate_series(1, :people::int) i
  where c.n = 1 or c.n = 2 and i % 2 = 0 or c.n > 2 and i % 50 = c.n - 3`;

/** Six in ten have a password; one in a hundred is suspended. No reminder of any cut-over is due while pages are measured. */
export const PEOPLE: Part = {
  what: 'Accounts and links',
  statements: [
    `insert into account (id, email_address, email_key, name, company, state, created_at, updated_at)
     select 'acc_' || lpad(i::text, 26, '0'), e, e,
       (array['佐藤', '鈴木', '高橋', '田中', '伊藤', '渡辺', '山本', '林', '長谷川', '久保田'])[1 + (i * 31 + i / 17) % 10] || ' ' ||
       (array['太郎', '花子', '健一', '美咲', '翔'])[1 + (i * 13 + i / 41) % 5],
       '見本商事' || i % 20000, case when i % 100 = 77 then 'suspended' else 'active' end, now() - interval '400 days', now() - interval '400 days'
     from (select i, 'person' || i || '@kaisha' || i % 20000 || '.example.co.jp' as e from generate_series(1, :people::int) i) x`,
    `insert into password_credential (account_id, password_hash, set_at, first_set_at)
     select id, '$argon2id$v=19$m=19456,t=2,p=1$c2FtcGxlc2FtcGxlc2E$' || repeat('A', 43), at, at
     from (select id, row_number() over () i, now() - random() * interval '180 days' as at from account) a where i % 10 < 6`,
    `insert into console_link (console_id, console_user_id, account_id, created_at, last_unified_sign_in_at)
     select l.console, l.console_user, l.account, l.created, p.set_at
     from (${LINKS}) l (console, console_user, account, created, i) left join password_credential p on p.account_id = l.account and l.i % 7 > 0`,
    `update migration_plan m set link_at = now() - interval '200 days', announce_at = now() - interval '60 days',
       cut_over_at = date_trunc('day', case when n % 3 = 0 then null when n % 3 = 1 then now() + (40 + n) * interval '1 day' else now() - n * interval '1 day' end),
       cut_over_set_at = case when n % 3 = 0 then null else now() - interval '20 days' end, revision = 3
     from (select id, row_number() over (order by client_id) as n from console) c where c.id = m.console_id`,
    'analyze',
  ],
};

/** Half a year of sign-ins: each day one in a hundred; sessions, requests for codes. */
export const USE: Part = {
  what: 'Sign-ins of half a year',
  statements: [
    `insert into sign_in_day (console_id, account_id, kind, day, first_at, last_at)
     select l.console_id, l.account_id, case when d < i % 180 then 'unified' else 'legacy' end, at::date, at, at
     from generate_series(0, 179) d, generate_series(1, :people::int / 100) k,
       lateral (select 1 + (k * 100 + d * 37) % :people::int as i, now() - d * interval '1 day' as at) x
       join console_link l on l.account_id = 'acc_' || lpad(x.i::text, 26, '0')
     on conflict do nothing`,
    `insert into sso_session (uid, id_hash, account_id, payload, created_at, expires_at, client_ip, user_agent, seen_at)
     select 'past-' || i, md5('session' || i), 'acc_' || lpad(i::text, 26, '0'), jsonb_build_object('uid', 'past-' || i, 'accountId', 'acc_' || lpad(i::text, 26, '0')),
       now() - interval '3 hours', now() + interval '8 hours', '192.0.2.' || i % 250, 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36', now()
     from generate_series(1, :people::int / 20) i`,
    `insert into verification_request (id, purpose, email_address, email_key, account_id, console_id, locale, created_at, last_sent_at, ended_at)
     select 'vrq_' || i, 'set-password', email_address, email_key, id, (select id from console limit 1), 'ja', at, at, at + interval '5 minutes'
     from (select *, row_number() over () i, now() - random() * interval '30 days' as at from account limit :people::int / 10) a`,
  ],
};

/** An announcement and reminders to everybody of the first console, and an announcement of each other one. */
export const NOTICES: Part = {
  what: 'Notices',
  statements: [
    `insert into notice (id, console_id, kind, days_before, cut_over_at, send_at, created_at, created_by, ended_at)
     select 'ntc_' || n, id, case when n <= 50 then 'announcement' else 'reminder' end, case when n > 50 then (array[30, 7])[n - 50] end,
       coalesce(m.cut_over_at, now() + interval '100 days'), now() - interval '60 days', now() - interval '60 days', 'system', now() - interval '59 days'
     from (select id, row_number() over (order by client_id) as n from console
       union all select id, 50 + g from console, generate_series(1, 2) g where client_id = 'console-01') c join migration_plan m on m.console_id = c.id`,
    `insert into notice_recipient (notice_id, account_id, recipient, state, smtp_response, verdict_at)
     select n.id, l.account_id, a.email_address,
       (array['accepted', 'bounced', 'refused'])[case when r < 0.97 then 1 when r < 0.99 then 2 else 3 end],
       case when r < 0.97 then '250 2.0.0 OK' else '550 5.1.1 User unknown' end, n.send_at + random() * interval '10 hours'
     from notice n join console_link l on l.console_id = n.console_id join account a on a.id = l.account_id, lateral (select random() + 0 * length(l.account_id) as r) x`,
    'analyze',
  ],
};

/** Mails of the 90 days that they are kept. */
export const MESSAGES: Part = {
  what: 'Mails',
  statements: [
    `insert into message (id, template, recipient, locale, params, account_id, state, tries, smtp_response, created_at, ended_at, handed_over_at, bulk)
     select 'msg_' || row_number() over (), '${NOTICE_MAIL}', recipient, 'ja', jsonb_build_object('noticeId', notice_id), account_id,
       case when state = 'accepted' then 'accepted' else 'refused' end, 1, smtp_response, verdict_at, verdict_at, verdict_at, true
     from notice_recipient where notice_id in ('ntc_1', 'ntc_2')`,
    `insert into message (id, template, recipient, locale, params, account_id, state, tries, smtp_response, created_at, ended_at, handed_over_at)
     select 'msg_code_' || id, '${CODE_MAIL}', email_address, locale, '{}', account_id, 'accepted', 1, '250 2.0.0 OK', created_at, created_at, created_at
     from verification_request`,
  ],
};

/** Logouts and events of a month; one console in ten has not answered for an hour. */
export const DELIVERIES: Part = {
  what: 'Logouts and events',
  statements: [
    `insert into single_logout (id, session_uid, account_id, cause, at)
     select 'slo_' || i, 'ended-' || i, 'acc_' || lpad(i::text, 26, '0'), 'user', now() - random() * interval '30 days' from generate_series(1, :people::int / 5) i`,
    `insert into logout_delivery (id, single_logout_id, console_id, account_id, sid, state, tries, next_try_at, last_status, created_at, ended_at)
     select 'lod_' || s.id || c.n, s.id, c.id, s.account_id, s.session_uid, case when fresh then 'waiting' else 'delivered' end, 1,
       case when fresh then now() + interval '1 day' end, case when fresh then 503 else 200 end, s.at, case when fresh then null else s.at end
     from single_logout s, (select id, row_number() over (order by client_id) as n from console limit 2) c,
       lateral (select c.n = 2 and s.at > now() - interval '1 hour' as fresh) f`,
    `insert into event_stream (id, console_id, method, endpoint_url, created_at, updated_at)
     select 'str_' || client_id, id, 'push', event_uri, now(), now() from console where event_uri is not null on conflict do nothing`,
    `insert into event_delivery (id, console_id, stream_id, account_id, type, event, state, tries, last_status, created_at, ended_at)
     select 'evd_' || i, s.console_id, s.id, 'acc_' || lpad(i::text, 26, '0'), 'https://schemas.openid.net/secevent/risc/event-type/account-disabled', '{}', 'delivered', 1, 202, at, at
     from generate_series(1, :people::int / 10) i, lateral (select now() - random() * interval '30 days' as at, i as once) t, (select * from event_stream order by id limit 1) s`,
  ],
};

/** Files that were taken in, one of them with many rows refused; tokens of programs and of directories. */
export const OFFICE: Part = {
  what: 'Imports and tokens',
  statements: [
    `insert into import_run (id, console_id, file_name, file_hash, started_at, ended_at, rows_read, created, refused, actor)
     select 'imp_' || i, (select id from console where client_id = 'console-01'), 'people-' || i || '.csv', md5(i::text), at, at + interval '1 minute', 20000, 19000, 1000, 'operator:cli'
     from generate_series(1, 500) i, lateral (select now() - i * interval '1 day' as at) t`,
    `insert into import_refusal (run_id, line, reason, last_line, detail)
     select 'imp_1', i, 'address-malformed', i, jsonb_build_object('id', 'user-' || i, 'value', 'nobody' || i) from generate_series(1, :people::int / 50) i`,
    `insert into operator_token (id, name, role, token_hash, created_at, created_by, account_id, expires_at)
     select 'opt_' || i, 'program ' || i, 'viewer', md5('token' || i), now(), 'operator:cli', 'acc_' || lpad((1 + i % 5)::text, 26, '0'), now() + interval '90 days' from generate_series(1, 200) i`,
    `insert into directory (id, console_id, name, company, domains, created_at, created_by)
     select 'dir_' || i, (select id from console where client_id = 'console-01'), 'directory ' || i, '見本商事' || i, array['kaisha' || i || '.example.co.jp'], now(), 'operator:cli'
     from generate_series(1, 50) i`,
    `insert into directory_token (id, directory_id, token_hash, created_at, created_by, expires_at)
     select 'dtk_' || i, 'dir_' || 1 + i % 50, md5('directory' || i), now(), 'operator:cli', now() + interval '180 days' from generate_series(1, 100) i`,
  ],
};

/** A year of the audit log: three events a person. They stand as if sealed elsewhere; sealing is not what is measured. */
export const PAST_YEAR: Part = {
  what: 'A year of the audit log',
  statements: [
    'alter table audit_event disable trigger audit_event_to_be_sealed',
    `insert into audit_event (at, action, actor, account_id, console_id, client_ip, request_id, detail)
     select now() - (3 * :people::bigint - i) * (interval '365 days' / (3 * :people::bigint)), action,
       case when action = 'account.sign-in-refused' then 'anonymous' when action like 'plan%' or action like '%suspended' then 'operator:acc_' || lpad((1 + i % 5)::text, 26, '0') else account end,
       account, c.id, '192.0.2.' || i % 250, 'req-' || i,
       jsonb_build_object('method', 'password', 'userAgent', 'Mozilla/5.0 (Windows NT 10.0; Win64; x64)')
     from generate_series(1, 3 * :people::bigint) i,
       lateral (select 'acc_' || lpad((1 + i * 7919 % :people::bigint)::text, 26, '0') as account,
         case when i % 20000 = 0 then 'plan.changed' when i % 5000 = 0 then 'account.suspended' when i % 100 = 0 then 'password.set' when i % 50 = 0 then 'code.sent'
           when i % 10 = 0 then 'account.sign-in-refused' else 'account.signed-in' end as action) x,
       (select id from console order by client_id limit 1) c`,
    'alter table audit_event enable trigger audit_event_to_be_sealed',
  ],
};
