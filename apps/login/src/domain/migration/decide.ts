import type { NoticeKind, NoticeTexts } from '#domain/notices/kinds.ts';
import { noticeTextProblem, type NoticeTextProblem } from '#domain/notices/letter.ts';
import type { Db } from '#support/db/database.ts';
import type { StoredPlan } from './change.ts';
import { decideCutOver, dutyOf, monthAfter, type CutOverRefusal, type Duty } from './duty.ts';
import { phaseAt } from './phase.ts';

/** The operator's words have a placeholder that this notice has no value for. */
type TextRefusal = { ok: false; reason: 'text-unfit'; problem: NoticeTextProblem };
type Texts = NoticeTexts | undefined;

export type LinkTimeRefusal = {
  ok: false;
  /** `after-cut-over`: a cut-over is set for an earlier moment. */
  reason: 'after-cut-over' | 'closed';
};

/** Whether the link time may be moved; undefined where it may. */
export function refuseLinkTime(plan: StoredPlan, linkAt: Date | null): LinkTimeRefusal | undefined {
  if (plan.closedAt) return { ok: false, reason: 'closed' };
  if (plan.cutOverAt && (!linkAt || linkAt > plan.cutOverAt)) return { ok: false, reason: 'after-cut-over' };
  return undefined;
}

export type AnnounceRefusal =
  | {
      ok: false;
      reason:
        | 'closed'
        | 'already-unified'
        /** A cut-over is set, and people know it: postponing tells them by itself, and the same date need not be told again. */
        | 'cut-over-stands'
        | 'send-time-past'
        | 'in-the-past'
        | 'before-link-time'
        /** Less than a calendar month after the sending begins: it could never be set. */
        | 'too-soon';
      /** The earliest cut-over that an announcement sent then may name. */
      earliestCutOverAt: Date;
    }
  | TextRefusal;

/** Whether this cut-over may be announced by mails that begin to go out at `sendAt`; undefined where it may. */
export async function refuseAnnouncement(
  db: Db,
  plan: StoredPlan,
  { cutOverAt, sendAt, texts }: { cutOverAt: Date; sendAt: Date; texts?: Texts },
  now: Date,
): Promise<AnnounceRefusal | undefined> {
  const month = await monthAfter(db, sendAt > now ? sendAt : now);
  const earliestCutOverAt = plan.linkAt && plan.linkAt > month ? plan.linkAt : month;
  const refuse = (reason: Exclude<AnnounceRefusal['reason'], 'text-unfit'>): AnnounceRefusal => ({
    ok: false,
    reason,
    earliestCutOverAt,
  });
  if (plan.closedAt) return refuse('closed');
  if (phaseAt(plan, now) === 'unified') return refuse('already-unified');
  if (plan.cutOverAt && cutOverAt >= plan.cutOverAt) {
    const { told } = await dutyOf(db, plan);
    if (told || cutOverAt > plan.cutOverAt) return refuse('cut-over-stands');
  }
  if (sendAt < now) return refuse('send-time-past');
  if (cutOverAt <= now) return refuse('in-the-past');
  if (plan.linkAt && cutOverAt < plan.linkAt) return refuse('before-link-time');
  if (cutOverAt < month) return refuse('too-soon');
  return unfitTexts('announcement', cutOverAt, texts);
}

export type SetCutOverRefusal = ({ ok: false } & CutOverRefusal) | TextRefusal;

/** Whether the cut-over may be set or postponed to a moment; undefined where it may. The duty of R14 is decided by `decideCutOver`. */
export function refuseCutOver(
  plan: StoredPlan,
  duty: Duty,
  { cutOverAt, texts }: { cutOverAt: Date; texts?: Texts },
  now: Date,
): SetCutOverRefusal | undefined {
  const refusal = decideCutOver(plan, duty, cutOverAt, now);
  return refusal ? { ok: false, ...refusal } : unfitTexts('correction', cutOverAt, texts);
}

/** Whether a cut-over comes no earlier than the one that stands. */
export function postpones(plan: StoredPlan, cutOverAt: Date): boolean {
  return plan.cutOverAt !== null && cutOverAt >= plan.cutOverAt;
}

/** Whether this is the date that people were told last: then nobody needs a correction. */
export function isKnown({ told }: Duty, cutOverAt: Date): boolean {
  return told?.cutOverAt.getTime() === cutOverAt.getTime();
}

export type RollBackRefusal = { ok: false; reason: 'closed' | 'nothing-to-take-back' } | TextRefusal;

/** Whether there is a cut-over, or an announcement of one, to take back; undefined where there is. */
export function refuseRollBack(plan: StoredPlan, { texts }: { texts?: Texts }): RollBackRefusal | undefined {
  if (plan.closedAt) return { ok: false, reason: 'closed' };
  if (!plan.cutOverAt && !plan.announceAt) return { ok: false, reason: 'nothing-to-take-back' };
  return unfitTexts('correction', null, texts);
}

export type ClosingRefusal = { ok: false; reason: 'closed' | 'not-unified' } | TextRefusal;

/** Whether the plan may be closed; undefined where it may. */
export function refuseClosing(
  plan: StoredPlan,
  { texts }: { texts?: Texts },
  now: Date,
): ClosingRefusal | undefined {
  if (plan.closedAt) return { ok: false, reason: 'closed' };
  if (phaseAt(plan, now) !== 'unified') return { ok: false, reason: 'not-unified' };
  return unfitTexts('completion', plan.cutOverAt, texts);
}

function unfitTexts(kind: NoticeKind, cutOverAt: Date | null, texts: Texts): TextRefusal | undefined {
  const problem = texts && noticeTextProblem({ kind, cutOverAt }, texts);
  return problem && { ok: false, reason: 'text-unfit', problem };
}
