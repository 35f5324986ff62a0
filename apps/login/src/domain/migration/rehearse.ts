import { sql, type RawBuilder } from 'kysely';
import type { Db } from '#support/db/database.ts';
import { dutyOf } from './duty.ts';
import { planOf } from './plans.ts';
import { peopleOf, unreachableOf } from './progress-people.ts';

/** Cannot get in after the cut-over: neither sign in nor set a password by a mailed code. The strongest reason first. */
export const LOCKED_OUT = [
  /** Uses the legacy login, and nobody has imported them. */
  'unknown-user',
  /** Their row was refused in the last import, because another user of the console has the same address. */
  'address-shared',
  /** Their row was refused in the last import for another reason. */
  'import-refused',
  'account-closed',
  'account-suspended',
  /** The console knows them by another address than the one that is their login ID, and they have no password. */
  'address-differs',
  /** Their mail does not arrive, and they have no password. */
  'mail-unreachable',
] as const;

/** Would get in, but R14's month is not kept for them. */
export const TOLD_LATE = ['not-settled', 'not-told', 'told-late'] as const;

/** Would get in after setting a password. */
export const MUST_SET_PASSWORD = ['no-password'] as const;

/** Not found: they get in as they are, or nobody expects them. */
type NothingToDo = 'fine' | 'api-only' | 'inactive';

export const FINDING_CLASSES = [...LOCKED_OUT, ...TOLD_LATE, ...MUST_SET_PASSWORD] as const;
export type FindingClass = (typeof FINDING_CLASSES)[number];
export type FindingGroup = 'locked-out' | 'told-late' | 'must-set-password';

/** One person in the strongest class that holds. Of a row of a file that cannot be read, only where it stands is known. */
export type Finding = {
  class: FindingClass;
  group: FindingGroup;
  consoleUserId: string | null;
  accountId: string | null;
  emailAddress: string | null;
  name: string | null;
  company: string | null;
  lastLegacyAt: Date | null;
  /** When an announcement of this date was accepted for them. */
  toldAt: Date | null;
  /** What the mail server said of the mail that did not arrive. */
  smtpResponse: string | null;
  /** Where the last import refused them; `detail` holds what an import's refusal of this reason has. */
  refusal: {
    fileName: string;
    line: number;
    lastLine: number;
    reason: string;
    detail: Record<string, unknown>;
  } | null;
};

export type Rehearsal = {
  at: Date;
  /** Everybody whom the console is known to have. */
  people: number;
  lockedOut: number;
  toldLate: number;
  mustSetPassword: number;
  /** Would get in at once. */
  fine: number;
  /** Nobody expects them: only the API; suspended or closed and never seen at the legacy login. */
  apart: { apiOnly: number; inactive: number };
  classes: { readonly [C in FindingClass]: number };
};

/** The moment to rehearse when none is given: the cut-over that is set; otherwise the one that people were told; otherwise now. */
export async function momentToRehearse(db: Db, consoleId: string, now: Date): Promise<Date> {
  const plan = await planOf(db, consoleId);
  if (plan.cutOverAt) return plan.cutOverAt;
  const { told, announcement } = await dutyOf(db, plan);
  return told?.cutOverAt ?? announcement?.announcedCutOverAt ?? now;
}

/**
 * Who would be locked out if the cut-over were at `at`, as things stand `now`: the figures.
 * @param at the moment of the cut-over; also counts R14's month
 */
export async function rehearse(db: Db, consoleId: string, at: Date, now: Date): Promise<Rehearsal> {
  const { rows } = await sql<{ class: FindingClass | NothingToDo; n: number }>`
    with ${findings(consoleId, at, now)}
    select class, count(*)::int as n from finding group by class`.execute(db);
  const count = (name: (typeof rows)[number]['class']): number =>
    rows.find((row) => row.class === name)?.n ?? 0;
  const sum = (names: readonly (typeof rows)[number]['class'][]): number =>
    names.reduce((total, name) => total + count(name), 0);
  return {
    at,
    people: rows.reduce((total, row) => total + row.n, 0),
    lockedOut: sum(LOCKED_OUT),
    toldLate: sum(TOLD_LATE),
    mustSetPassword: sum(MUST_SET_PASSWORD),
    fine: count('fine'),
    apart: { apiOnly: count('api-only'), inactive: count('inactive') },
    classes: Object.fromEntries(FINDING_CLASSES.map((name) => [name, count(name)])) as Rehearsal['classes'],
  };
}

/**
 * One page of the people found, the strongest class first.
 * @param wanted.cursor `next` of the page before
 */
export async function rehearsalFindings(
  db: Db,
  consoleId: string,
  at: Date,
  wanted: { group?: FindingGroup | undefined; cursor?: string | undefined; limit: number },
  now: Date,
): Promise<{ findings: Finding[]; next: string | null }> {
  const { group, cursor, limit } = wanted;
  const classes: readonly FindingClass[] =
    group === undefined ? FINDING_CLASSES : FINDING_CLASSES.filter((one) => groupOf(one) === group);
  const { rows } = await sql<FindingRow>`
    with ${findings(consoleId, at, now)}, placed as (
      select *, lpad(array_position(${[...FINDING_CLASSES]}::text[], class)::text, 2, '0') || key collate "C" as place
      from finding where class = any(${[...classes]}::text[])
    )
    select * from placed ${cursor === undefined ? sql`` : sql`where place > ${cursor}`}
    order by place limit ${limit + 1}`.execute(db);
  return {
    findings: rows.slice(0, limit).map(findingIn),
    next: rows.length > limit ? (rows[limit - 1]?.place ?? null) : null,
  };
}

/** Everybody found, some thousands at a time. */
export async function* allRehearsalFindings(
  db: Db,
  consoleId: string,
  at: Date,
  wanted: { group?: FindingGroup | undefined },
  now: Date,
): AsyncGenerator<Finding> {
  let cursor: string | undefined;
  do {
    const page: { findings: Finding[]; next: string | null } = await rehearsalFindings(
      db,
      consoleId,
      at,
      { ...wanted, cursor, limit: 5_000 },
      now,
    );
    yield* page.findings;
    cursor = page.next ?? undefined;
  } while (cursor !== undefined);
}

/** Which of the three lists a class belongs to. */
function groupOf(name: FindingClass): FindingGroup {
  const within = (list: readonly FindingClass[]): boolean => list.includes(name);
  if (within(LOCKED_OUT)) return 'locked-out';
  return within(TOLD_LATE) ? 'told-late' : 'must-set-password';
}

/** Everybody, each once: linked people, users of the legacy login and rows of the last import that have no link. */
function findings(consoleId: string, at: Date, now: Date): RawBuilder<unknown> {
  return sql`${unreachableOf(consoleId)},
  last_run as (
    select id, file_name from import_run where console_id = ${consoleId} order by started_at desc, id desc limit 1
  ), refused as (
    select distinct on (key) key, user_id, line, last_line, reason, detail, file_name
    from (
      select coalesce('u' || (r.detail ->> 'id'), 'l' || lpad(r.line::text, 10, '0')) as key, r.detail ->> 'id' as user_id,
        r.line, r.last_line, r.reason, r.detail, last_run.file_name
      from last_run join import_refusal r on r.run_id = last_run.id
    ) rows
    order by key, (reason in ${SHARED}) desc, line, reason
  ), told as materialized (
    select r.account_id,
      min(r.verdict_at) filter (where r.state = 'accepted') as told_at,
      bool_or(r.settled_at is not null) as settled,
      bool_or(r.state in ('refused', 'bounced', 'dropped')) as unreached
    from notice n join notice_recipient r on r.notice_id = n.id
    where n.console_id = ${consoleId} and n.kind in ('announcement', 'correction') and n.cancelled_at is null
      -- Who was told of a later date has not been told of this one; what was told before a rollback holds no more.
      and n.cut_over_at <= ${at}
      and n.created_at > coalesce(
        (select max(c.at) from plan_change c where c.console_id = ${consoleId} and c.action = 'rolled-back'), '-infinity')
    group by r.account_id
  ), person as materialized (${peopleOf(consoleId, now, true)}),
  accepting as (select exists (select 1 from console where legacy_passwords <> 'off') as any_accepts),
  linked as (
    select p.*, t.told_at, coalesce(t.settled, false) as settled, coalesce(t.unreached, false) as unreached, u.smtp_response,
      p.password_set_at is not null or p.password_set_at is null and (select any_accepts from accepting) and exists (
        -- R21: the console's own setting counts, and where it accepts none any other console's of the person.
        select 1 from console_link x join console k on k.id = x.console_id
        left join legacy_credential h on h.console_id = x.console_id and h.account_id = x.account_id
        where x.account_id = p.account_id and (k.id = c.id or c.legacy_passwords = 'off')
          and (k.legacy_passwords = 'asked' and k.legacy_password_uri is not null
            or k.legacy_passwords = 'imported' and h.account_id is not null)) as has_password,
      d.line, d.last_line, d.reason, d.detail, d.file_name
    from person p
    join console c on c.id = ${consoleId}
    left join told t on t.account_id = p.account_id
    left join unreachable u on u.account_id = p.account_id
    left join refused d on d.user_id = p.console_user_id and d.reason = 'address-differs'
      and lower(d.detail ->> 'value') not in (p.email_key, lower(p.email_address))
  ), finding as (
    select
      case
        when account_state <> 'active' and last_legacy_at is null then 'inactive'
        when account_state <> 'active' then 'account-' || account_state
        when api_only and not still_legacy then 'api-only'
        when password_set_at is null and line is not null then 'address-differs'
        when mail_unreachable and not has_password then 'mail-unreachable'
        when settled then case when has_password then 'fine' else 'no-password' end
        when told_at is null and unreached then 'not-settled'
        when told_at is null then 'not-told'
        when (told_at at time zone 'Asia/Tokyo' + interval '1 month') at time zone 'Asia/Tokyo' > ${at} then 'told-late'
        when has_password then 'fine'
        else 'no-password'
      end as class,
      'u' || console_user_id as key, console_user_id, account_id, email_address, name, company, last_legacy_at, told_at, smtp_response,
      line, last_line, reason, detail, file_name
    from linked
    union all
    select
      case when r.reason in ${SHARED} then 'address-shared' when r.key is not null then 'import-refused' else 'unknown-user' end,
      coalesce(r.key, 'u' || w.console_user_id), coalesce(r.user_id, w.console_user_id), null, r.detail ->> 'value', null, null, w.last_at, null, null,
      r.line, r.last_line, r.reason, r.detail, r.file_name
    from (select console_user_id, last_at from unknown_console_user where console_id = ${consoleId}) w
    full join refused r on r.user_id = w.console_user_id
    where not exists (
      select 1 from console_link l where l.console_id = ${consoleId} and l.console_user_id = coalesce(r.user_id, w.console_user_id))
  )`;
}

const SHARED = sql`('address-repeated', 'address-of-another-user')`;

type FindingRow = {
  class: FindingClass;
  place: string;
  console_user_id: string | null;
  account_id: string | null;
  email_address: string | null;
  name: string | null;
  company: string | null;
  last_legacy_at: Date | null;
  told_at: Date | null;
  smtp_response: string | null;
  line: number | null;
  last_line: number | null;
  reason: string | null;
  detail: Record<string, unknown> | null;
  file_name: string | null;
};

function findingIn(row: FindingRow): Finding {
  const { line, reason } = row;
  return {
    class: row.class,
    group: groupOf(row.class),
    consoleUserId: row.console_user_id,
    accountId: row.account_id,
    emailAddress: row.email_address,
    name: row.name,
    company: row.company,
    lastLegacyAt: row.last_legacy_at,
    toldAt: row.told_at,
    smtpResponse: row.class === 'mail-unreachable' ? row.smtp_response : null,
    refusal:
      line === null || reason === null
        ? null
        : {
            fileName: row.file_name ?? '',
            line,
            lastLine: row.last_line ?? line,
            reason,
            detail: row.detail ?? {},
          },
  };
}
