import type { Machine } from '../machine.ts';
import { brokenInvariants } from '../invariants.ts';
import { MASTER_SECRET } from '../master-secret.ts';
import { duration, grouped, type Report, type Table } from '../report.ts';
import { japanText, type CutoverDrill } from './drill.ts';

/** What a migration left behind, from the drill's own counts, the two databases and the receiving mail server. */
export async function findings(
  drill: CutoverDrill,
  machine: Machine,
): Promise<Pick<Report, 'tables' | 'zeros'>> {
  const { tally, world } = drill;
  const several = (list: readonly string[]) => ({ count: list.length, samples: list.slice(0, 5) });
  return {
    tables: [steps(drill), await mails(drill), signIns(drill, machine)],
    zeros: [
      { what: 'failed requests of people', count: world.traffic.failed, samples: world.traffic.samples },
      { what: 'walks of people that did not end where they should', ...several(tally.broken) },
      { what: 'lost sessions', ...several(tally.lostSessions) },
      { what: 'failed calls of the machine API', count: machine.failures, samples: machine.samples },
      { what: 'legacy sign-ins taken after a cut-over, or refused before', ...several(tally.wrongLegacy) },
      { what: 'legacy sessions that began after a cut-over', count: await lateLegacySessions(drill) },
      { what: 'people who got a notice twice', count: await doubled(drill) },
      { what: 'decisions of the system that were not as they must', ...several(tally.wrongDecisions) },
      ...(await brokenInvariants(world.login.database, {
        masterSecret: MASTER_SECRET,
        now: world.clock.now(),
      })),
    ],
  };
}

function steps({ diary }: CutoverDrill): Table {
  return {
    title: 'Steps (Japan time)',
    head: ['when', 'step', 'found', 'took'],
    rows: diary.map(({ at, what, found, seconds }) => [japanText(at), what, found, duration(seconds)]),
  };
}

async function mails({ world }: CutoverDrill): Promise<Table> {
  const { rows } = await world.login.database.pool.query<{ kind: string; state: string; n: number }>(
    `select n.kind || coalesce(', ' || n.days_before || ' days', '') as kind, r.state, count(*)::int as n
       from notice n join notice_recipient r on r.notice_id = n.id group by 1, 2
     union all
     select template, state, count(*)::int from message where template not like 'notice%' group by 1, 2`,
  );
  const kinds = [...new Set(rows.map(({ kind }) => kind))].sort();
  const verdicts = ['accepted', 'refused', 'bounced', 'dropped'];
  const count = (kind: string, state: string): number =>
    rows.filter((row) => row.kind === kind && row.state === state).reduce((sum, row) => sum + row.n, 0);
  return {
    title: 'Mails by kind and verdict',
    head: ['kind', ...verdicts],
    rows: kinds.map((kind) => [kind, ...verdicts.map((state) => grouped(count(kind, state)))]),
    note: `The receiving mail server took ${grouped(world.mail.taken.length)} mails. Dropped: the person had moved, or had left the audience, when the mail was to be sent.`,
  };
}

function signIns({ tally, world }: CutoverDrill, machine: Machine): Table {
  return {
    title: 'People and programs',
    head: ['what', 'count'],
    rows: [
      ['legacy sign-ins', grouped(tally.legacySignIns)],
      ['first sign-ins with a mailed code', grouped(tally.firstSignIns)],
      ['unified sign-ins with a password', grouped(tally.unifiedSignIns)],
      ['legacy sign-ins refused on the server', grouped(tally.legacyRefused)],
      ['sessions watched over a change of phase', grouped(tally.sessionsWatched)],
      ['HTTP requests of people', grouped(world.traffic.requests)],
      ['calls of the machine API', grouped(machine.calls)],
      ['slowest call of the machine API (ms)', grouped(Math.round(machine.slowest))],
    ],
  };
}

async function lateLegacySessions({ world, unified }: CutoverDrill): Promise<number> {
  let late = 0;
  for (const { from, to } of unified) {
    const within = world.console.db
      .selectFrom('console_session')
      .select((eb) => eb.fn.countAll<string>().as('n'))
      .where('kind', '=', 'legacy')
      .where('started_at', '>=', from);
    const { n } = await (
      to === null ? within : within.where('started_at', '<', to)
    ).executeTakeFirstOrThrow();
    late += Number(n);
  }
  return late;
}

/** By what the receiving server took: a notice is one mail a person, unless it was sent again to a new address. */
async function doubled({ world }: CutoverDrill): Promise<number> {
  const { rows } = await world.login.database.pool.query<{ id: string; notice: string }>(
    `select id, params->>'noticeId' as notice from message where template = 'notice'`,
  );
  const noticeOf = new Map(rows.map((row) => [row.id, row.notice]));
  const seen = new Set<string>();
  let twice = 0;
  for (const { to, messageId } of world.mail.taken) {
    const notice = noticeOf.get(messageId);
    if (notice === undefined) continue;
    if (seen.has(`${notice} ${to}`)) twice += 1;
    seen.add(`${notice} ${to}`);
  }
  return twice;
}
