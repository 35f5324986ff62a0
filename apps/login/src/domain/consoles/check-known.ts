import { sql } from 'kysely';
import type { Db } from '#support/db/database.ts';
import type { ConsoleRow } from '#support/db/schema.ts';
import { after, MINUTE } from '#support/primitives/durations.ts';
import { fault, notApplicable, pass, type CheckName, type Finding } from './findings.ts';
import { PLAN_ASKED } from './uses.ts';

/** Consoles ask every few seconds to every minute; the moment is kept to half a minute and to five. */
const ASKED_LATELY = 10 * MINUTE;
/** A console that is down for a moment has this much waiting. */
const WAITS_LONG = 5 * MINUTE;

/** What the login server knows of a console without asking it: what it asked for lately, and what could not be told to it. */
export async function checkKnown(db: Db, console: ConsoleRow, now: Date): Promise<readonly Finding[]> {
  const { rows } = await sql<{
    plan_at: Date | null;
    ended_at: Date | null;
    failed: number;
    waiting: number;
    differing: number;
  }>`
    select
      (select at from console_use where console_id = ${console.id} and what = ${PLAN_ASKED}) as plan_at,
      (select asked_at from ended_session_list where console_id = ${console.id}) as ended_at,
      ((select count(*) from logout_delivery where console_id = ${console.id} and state = 'failed')
        + (select count(*) from event_delivery where console_id = ${console.id} and state = 'failed'))::int as failed,
      ((select count(*) from logout_delivery where console_id = ${console.id} and state = 'waiting' and created_at < ${after(now, -WAITS_LONG)})
        + (select count(*) from event_delivery where console_id = ${console.id} and state = 'waiting' and created_at < ${after(now, -WAITS_LONG)}))::int as waiting,
      (select count(*) from login_id_drift where console_id = ${console.id} and state = 'open')::int as differing`.execute(
    db,
  );
  const known = rows[0];
  if (!known) throw new Error('A query of sums has one row.');
  return [
    console.legacy_login_url === null ? notApplicable('plan') : asked('plan', known.plan_at),
    console.backchannel_logout_uri === null || known.ended_at
      ? asked('ended-sessions', known.ended_at)
      : notApplicable('ended-sessions'),
    known.failed > 0
      ? fault('deliveries', 'deliveries-failed', '', String(known.failed))
      : known.waiting > 0
        ? fault('deliveries', 'deliveries-waiting', '', String(known.waiting))
        : pass('deliveries'),
    known.differing > 0
      ? fault('login-ids', 'login-ids-differ', '', String(known.differing))
      : pass('login-ids'),
  ];

  function asked(check: CheckName, at: Date | null): Finding {
    if (!at) return fault(check, 'never-asked', '');
    return at > after(now, -ASKED_LATELY)
      ? pass(check)
      : fault(check, 'not-asked-lately', '', at.toISOString());
  }
}
