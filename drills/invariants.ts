import type pg from 'pg';
import { sealEvents } from '../apps/login/src/support/audit/seal.ts';
import { verifyAudit } from '../apps/login/src/support/audit/verify.ts';
import type { Database } from '../apps/login/src/support/db/database.ts';
import { purposeKeys } from '../apps/login/src/support/keys/purpose-keys.ts';
import { secretKeys } from '../apps/login/src/support/primitives/secrets.ts';
import type { Zero } from './report.ts';

/** Work that is due has been taken up again after this, whatever happened to the process that had it; in seconds. */
const TAKEN_UP_WITHIN = 120;

type Invariant = {
  /** What there must be none of. */
  readonly what: string;
  /** A statement that answers with one `sample` for each that there is; `$1` is the time, `$2` the longest that due work may lie. */
  readonly statement: string;
};

/** What must hold in the login server's database after whatever happened to it. */
export const INVARIANTS: readonly Invariant[] = [
  {
    what: 'requests of which two codes were used',
    statement: `select request_id as sample from verification_code where consumed_at is not null group by request_id having count(*) > 1`,
  },
  {
    what: 'used codes of which the request goes on',
    statement: `select c.id as sample from verification_code c join verification_request r on r.id = c.request_id
      where c.consumed_at is not null and r.ended_at is null`,
  },
  {
    what: 'requests with more wrong tries than there are',
    statement: `select id as sample from verification_request where failed_tries > 5`,
  },
  {
    what: 'live tokens and sign-ins of ended sessions',
    statement: `select a.kind || ' of ' || a.session_uid as sample from oidc_artifact a
      where a.session_uid is not null and a.ended_at is null and a.expires_at > $1::timestamptz
        and a.kind in ('AccessToken', 'AuthorizationCode', 'RefreshToken')
        and exists (select from single_logout l where l.session_uid = a.session_uid)`,
  },
  {
    what: 'sessions that have ended and are there',
    statement: `select s.uid as sample from sso_session s join single_logout l on l.session_uid = s.uid where s.account_id is not null`,
  },
  {
    what: 'sessions of accounts that may not sign in',
    statement: `select s.uid || ' of ' || a.id as sample from sso_session s join account a on a.id = s.account_id where a.state <> 'active'`,
  },
  {
    what: 'logouts of which a console was forgotten',
    // A console that has an address to be told at has a delivery of each session that it is named in.
    statement: `select e.detail ->> 'singleLogoutId' || ' at ' || c.client_id as sample from audit_event e
      join single_logout l on l.id = e.detail ->> 'singleLogoutId'
      cross join lateral jsonb_array_elements_text(e.detail -> 'consoles') as named(client_id)
      join console c on c.client_id = named.client_id and c.backchannel_logout_uri is not null
      where e.action = 'session.ended' and not exists (
        select from logout_delivery d where d.single_logout_id = e.detail ->> 'singleLogoutId' and d.console_id = c.id)`,
  },
  {
    what: 'logout deliveries that are due and that nobody works at',
    statement: lost('logout_delivery', 'logout.deliver', 'deliveryId', 'd.next_try_at'),
  },
  {
    what: 'events that are due and that nobody works at',
    // Of one account a console is told one thing after the other; of a stream that is polled or paused nothing is due.
    statement: `${lost('event_delivery', 'event.deliver', 'deliveryId', 'd.next_try_at')}
      and exists (select from event_stream s where s.id = d.stream_id and s.method = 'push' and s.status = 'enabled')
      and not exists (select from event_delivery first where first.stream_id = d.stream_id and first.account_id = d.account_id
        and first.state = 'waiting' and first.number < d.number)`,
  },
  {
    what: 'mails that wait and that nobody works at',
    statement: `select d.id as sample from message d where d.state = 'queued' and d.created_at < $1::timestamptz - $2::integer * interval '1 second'
      and not exists (select from jobs.job j where j.name in ('mail.send', 'mail.bulk') and j.state < 'completed' and j.data ->> 'messageId' = d.id)`,
  },
  {
    what: 'login IDs that two accounts have',
    statement: `select email_key as sample from account where state <> 'closed' group by email_key having count(*) > 1`,
  },
  {
    what: 'console users with two accounts',
    statement: `select console_id || ' ' || console_user_id as sample from console_link group by console_id, console_user_id having count(*) > 1`,
  },
  {
    what: 'accounts with two users of one console',
    statement: `select console_id || ' ' || account_id as sample from console_link group by console_id, account_id having count(*) > 1`,
  },
  {
    what: 'versions of login IDs that no change made',
    statement: `select c.account_id || ' version ' || c.version as sample from login_id_change c join account a on a.id = c.account_id
      where c.version > a.login_id_version
      union all select account_id || ' version ' || version from login_id_change where version is not null group by account_id, version having count(*) > 1`,
  },
  {
    what: 'plans that their history does not end in',
    statement: `select p.console_id as sample from migration_plan p
      left join lateral (select * from plan_change c where c.console_id = p.console_id order by revision desc limit 1) last on true
      where case when last.revision is null then coalesce(p.link_at, p.announce_at, p.cut_over_at) is not null
        else (last.revision, last.link_at, last.announce_at, last.cut_over_at) is distinct from (p.revision, p.link_at, p.announce_at, p.cut_over_at) end`,
  },
  {
    what: 'algorithms without a signing key in use',
    statement: `select wanted.alg as sample from unnest(array['ES256', 'RS256']) as wanted(alg) where not exists (
      select from signing_key k where k.alg = wanted.alg and k.use_from <= $1::timestamptz and (k.retired_at is null or k.retired_at > $1::timestamptz))`,
  },
];

/**
 * Reads the database after a campaign and says what is not as it must be: nothing used twice, nothing lost, nothing alive that was ended, the audit chain whole.
 * @param of.now the campaign's present
 */
export async function brokenInvariants(
  database: Database,
  of: { masterSecret: string; now: Date },
): Promise<readonly Zero[]> {
  const zeros: Zero[] = [];
  for (const { what, statement } of INVARIANTS) {
    const samples = await brokenIn(database.pool, statement, of.now);
    zeros.push({ what, count: samples.length, samples: samples.slice(0, 5) });
  }
  zeros.push(await auditFaults(database, of));
  return zeros;
}

/** What breaks one invariant; asked inside of a transaction it sees what that one has written. */
export async function brokenIn(
  connection: Pick<pg.ClientBase, 'query'>,
  statement: string,
  now: Date,
): Promise<readonly string[]> {
  const { rows } = await connection.query<{ sample: string }>(
    `select sample from (${statement}) as found, (select $1::timestamptz, $2::integer) as given`,
    [now, TAKEN_UP_WITHIN],
  );
  return rows.map(({ sample }) => sample);
}

async function auditFaults(
  { db }: Database,
  { masterSecret, now }: { masterSecret: string; now: Date },
): Promise<Zero> {
  const { 'audit-seals': key } = await purposeKeys(db, secretKeys(masterSecret), now);
  await sealEvents(db, key, () => now);
  const verdict = await verifyAudit(db, key, { now });
  return {
    what: 'faults of the audit chain',
    count: verdict.ok ? 0 : 1,
    samples: verdict.ok
      ? []
      : [
          JSON.stringify(verdict, (_, value: unknown) =>
            Buffer.isBuffer(value) ? value.toString('hex') : value,
          ),
        ],
  };
}

/** Deliveries whose time has come and that have neither a job nor somebody who holds them. */
function lost(table: string, job: string, id: string, due: string): string {
  return `select d.id as sample from ${table} d where d.state = 'waiting' and ${due} < $1::timestamptz - $2::integer * interval '1 second'
    and coalesce(d.claimed_until, '-infinity') < $1::timestamptz
    and not exists (select from jobs.job j where j.name = '${job}' and j.state < 'completed' and j.data ->> '${id}' = d.id)`;
}
