import { sql, type Selectable } from 'kysely';
import { createNotice } from '#domain/notices/create.ts';
import type { NoticeKind, NoticeTexts } from '#domain/notices/kinds.ts';
import { compiled } from '#support/db/compiled.ts';
import type { Db, Trx } from '#support/db/database.ts';
import type { Schema } from '#support/db/schema.ts';
import { ABOUT_THE_DATE, cancelUnfinished } from './cancel-unfinished.ts';
import {
  changingPlan,
  PLAN_COLUMNS,
  storedPlan,
  type By,
  type LockedPlan,
  type StoredPlan,
} from './change.ts';
import {
  isKnown,
  postpones,
  refuseAnnouncement,
  refuseClosing,
  refuseCutOver,
  refuseLinkTime,
  refuseRollBack,
  type AnnounceRefusal,
  type ClosingRefusal,
  type LinkTimeRefusal,
  type RollBackRefusal,
  type SetCutOverRefusal,
} from './decide.ts';
import { noteOverride, refuseByCheck, type Advance, type CheckRefusal } from './check-stands.ts';
import { dutyOf } from './duty.ts';

/** What may go with a change: the operator's words for its notice, and a remark for the history. */
export type Words = { texts?: NoticeTexts; note?: string };

/** A console's plan. Throws when the console is not registered: every registered console has one. */
export async function planOf(db: Db, consoleId: string): Promise<StoredPlan> {
  const { rows } = await readingPlan(db, consoleId);
  const [row] = rows;
  if (!row) throw new Error(`The console ${consoleId} has no plan.`);
  return storedPlan(row);
}

/** The plans of all consoles. */
export async function allPlans(db: Db): Promise<StoredPlan[]> {
  const rows = await db.selectFrom('migration_plan').select(PLAN_COLUMNS).execute();
  return rows.map(storedPlan);
}

const readingPlan = compiled<string, Selectable<Schema['migration_plan']>>(
  (from) => sql`
    select ${sql.join(PLAN_COLUMNS.map((column) => sql.ref(column)))}
    from migration_plan where console_id = ${from((consoleId) => consoleId)}`,
);

/** The plan is not the one that whoever decided has seen. */
type Overtaken = { ok: false; reason: 'changed-meanwhile' };

export type LinkTimeResult = { ok: true; revision: number } | LinkTimeRefusal | CheckRefusal | Overtaken;

/**
 * Sets the moment at which the legacy page gets its link (R13); null takes it back to undetermined.
 * @returns `after-cut-over` when a cut-over is set for an earlier moment
 */
export async function setLinkTime(
  db: Db,
  consoleId: string,
  linkAt: Date | null,
  by: By,
  note?: string,
): Promise<LinkTimeResult> {
  return deciding(db, consoleId, by, async ({ trx, plan, store }) => {
    const refusal =
      refuseLinkTime(plan, linkAt) ?? (await checked(trx, plan, { act: 'link-time', linkAt }, by));
    if (refusal) return refusal;
    return { ok: true, revision: await store('link-time-set', { linkAt }, { note }) };
  });
}

export type AnnounceResult =
  | { ok: true; revision: number; noticeId: string; recipients: number }
  | AnnounceRefusal
  | CheckRefusal
  | Overtaken;

/**
 * Announces a cut-over (R14): a notice to everybody names the planned date, and counts for one month from the moment that its last mail is accepted. The
 * date itself stays undetermined until `setCutOver`. An older announcement that is still being sent is cancelled.
 * @param wanted.sendAt when sending begins; at once when absent
 */
export async function announce(
  db: Db,
  consoleId: string,
  wanted: { cutOverAt: Date; sendAt?: Date } & Words,
  by: By,
): Promise<AnnounceResult> {
  return deciding(db, consoleId, by, async ({ trx, plan, store }) => {
    const { cutOverAt, texts, note } = wanted;
    const sendAt = wanted.sendAt ?? by.now;
    const refusal =
      (await refuseAnnouncement(trx, plan, { cutOverAt, sendAt, texts }, by.now)) ??
      (await checked(trx, plan, { act: 'announce' }, by));
    if (refusal) return refusal;
    await cancelUnfinished(trx, consoleId, ['announcement', 'correction'], by);
    const notice = await tellEverybody(
      trx,
      { consoleId, kind: 'announcement', cutOverAt, sendAt, texts },
      by,
    );
    const revision = await store('announced', { announceAt: sendAt }, { noticeId: notice.noticeId, note });
    return { ok: true, revision, ...notice };
  });
}

export type SetCutOverResult =
  | {
      ok: true;
      revision: number;
      change: 'cut-over-set' | 'postponed';
      /** The correction that tells everybody, when the date is not the one that they were told last. */
      noticeId: string | null;
    }
  | SetCutOverRefusal
  | CheckRefusal
  | Overtaken;

/**
 * Sets the cut-over, brings it forward, or postpones it. The duty of R14 is decided by `decideCutOver` while this transaction holds the plan, so that nobody gets
 * round it; postponing is always allowed. Where the date is not the one that people were told last, a correction to everybody commits with it.
 */
export async function setCutOver(
  db: Db,
  consoleId: string,
  wanted: { cutOverAt: Date } & Words,
  by: By,
): Promise<SetCutOverResult> {
  return deciding(db, consoleId, by, async ({ trx, plan, store }) => {
    const { cutOverAt, texts, note } = wanted;
    const duty = await dutyOf(trx, plan);
    const refusal =
      refuseCutOver(plan, duty, { cutOverAt, texts }, by.now) ??
      (await checked(trx, plan, { act: 'cut-over', cutOverAt }, by));
    if (refusal) return refusal;
    const change = postpones(plan, cutOverAt) ? 'postponed' : 'cut-over-set';
    const known = isKnown(duty, cutOverAt);
    await cancelUnfinished(trx, consoleId, ABOUT_THE_DATE, by, known ? duty.told?.noticeId : undefined);
    const correction = { consoleId, kind: 'correction', cutOverAt, sendAt: by.now, texts } as const;
    const noticeId =
      known || duty.audience === 0 ? null : (await tellEverybody(trx, correction, by)).noticeId;
    const revision = await store(change, { cutOverAt, cutOverSetAt: by.now }, { noticeId, note });
    return { ok: true, revision, change, noticeId };
  });
}

export type RollBackResult =
  { ok: true; revision: number; noticeId: string | null } | RollBackRefusal | Overtaken;

/**
 * Takes the cut-over back (R16), whether it has passed or not, and an announcement with it: the phase falls back to what it was before, mails about the date that
 * are still under way are cancelled, and another date needs another announcement. Sessions are not touched.
 * @param wanted.correction whether everybody is told that there is no date any more
 */
export async function rollBack(
  db: Db,
  consoleId: string,
  wanted: { correction: boolean } & Words,
  by: By,
): Promise<RollBackResult> {
  return deciding(db, consoleId, by, async ({ trx, plan, store }) => {
    const { texts, note } = wanted;
    const refusal = refuseRollBack(plan, { texts });
    if (refusal) return refusal;
    await cancelUnfinished(trx, consoleId, ABOUT_THE_DATE, by);
    const correction = { consoleId, kind: 'correction', cutOverAt: null, sendAt: by.now, texts } as const;
    const noticeId = wanted.correction ? (await tellEverybody(trx, correction, by)).noticeId : null;
    const taken = { announceAt: null, cutOverAt: null, cutOverSetAt: null };
    return { ok: true, revision: await store('rolled-back', taken, { noticeId, note }), noticeId };
  });
}

export type ClosePlanResult = { ok: true; revision: number; noticeId: string } | ClosingRefusal | Overtaken;

/** Closes the plan after its cut-over: from then on it cannot be taken back (R16), and everybody is told that the move is complete. */
export async function closePlan(db: Db, consoleId: string, wanted: Words, by: By): Promise<ClosePlanResult> {
  return deciding(db, consoleId, by, async ({ trx, plan, store }) => {
    const { texts, note } = wanted;
    const refusal = refuseClosing(plan, { texts }, by.now);
    if (refusal) return refusal;
    await cancelUnfinished(trx, consoleId, ABOUT_THE_DATE, by);
    const completion = {
      consoleId,
      kind: 'completion',
      cutOverAt: plan.cutOverAt,
      sendAt: by.now,
      texts,
    } as const;
    const { noticeId } = await tellEverybody(trx, completion, by);
    return { ok: true, revision: await store('closed', { closedAt: by.now }, { noticeId, note }), noticeId };
  });
}

function tellEverybody(
  trx: Trx,
  {
    texts,
    ...notice
  }: {
    consoleId: string;
    kind: NoticeKind;
    cutOverAt: Date | null;
    sendAt: Date;
    texts: NoticeTexts | undefined;
  },
  by: By,
): Promise<{ noticeId: string; recipients: number }> {
  return createNotice(trx, { ...notice, audience: 'everybody', ...(texts ? { texts } : {}) }, by);
}

/** What the console's last check has against it; an override is written down with the change. */
async function checked(
  trx: Trx,
  plan: StoredPlan,
  advance: Advance,
  by: By,
): Promise<CheckRefusal | undefined> {
  const refusal = await refuseByCheck(trx, plan, advance, by);
  if (!refusal) await noteOverride(trx, plan, advance, by);
  return refusal;
}

/** Decides on the plan that this transaction has locked, unless it is another one than whoever decides has seen. */
async function deciding<T>(
  db: Db,
  consoleId: string,
  by: By,
  decide: (locked: LockedPlan) => Promise<T>,
): Promise<T | Overtaken> {
  return changingPlan(db, consoleId, by, async (locked) =>
    by.revision === undefined || by.revision === locked.plan.revision
      ? decide(locked)
      : { ok: false, reason: 'changed-meanwhile' },
  );
}
