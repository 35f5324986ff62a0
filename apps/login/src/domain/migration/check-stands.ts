import { lastCheck, type ConsoleCheck } from '#domain/consoles/check.ts';
import { isRequired, type CheckName } from '#domain/consoles/findings.ts';
import { recordEvent } from '#support/audit/record.ts';
import type { Db } from '#support/db/database.ts';
import type { By, StoredPlan } from './change.ts';
import { postpones } from './decide.ts';

/** A required part of the console's last check failed (R19): the phase does not advance until it passes, or an administrator says why it shall all the same. */
export type CheckRefusal = {
  ok: false;
  reason: 'check-failed';
  checkedAt: Date;
  /** What failed. */
  failed: readonly CheckName[];
};

/** What would bring the next phase, or bring it sooner; all else is always allowed, postponing and taking back above all. */
export type Advance =
  { act: 'link-time'; linkAt: Date | null } | { act: 'announce' } | { act: 'cut-over'; cutOverAt: Date };

/**
 * Whether the last check stands in the way; undefined where it does not. A console that was never checked does not fail: it is told wherever somebody decides, and refused nowhere (decision 45).
 */
export async function refuseByCheck(
  db: Db,
  plan: StoredPlan,
  advance: Advance,
  by: Pick<By, 'overrideCheck'>,
): Promise<CheckRefusal | undefined> {
  if (!advances(plan, advance) || (by.overrideCheck ?? '').trim() !== '') return undefined;
  return failingCheck(db, plan.consoleId);
}

/** What of the last check of a console fails and is required; undefined where nothing does. */
export async function failingCheck(db: Db, consoleId: string): Promise<CheckRefusal | undefined> {
  const check = await lastCheck(db, consoleId);
  return check && check.required > 0
    ? { ok: false, reason: 'check-failed', checkedAt: check.at, failed: failedIn(check) }
    : undefined;
}

/** Writes down who let the plan go on though the check fails, and why; nothing where it does not, or nothing advances. */
export async function noteOverride(trx: Db, plan: StoredPlan, advance: Advance, by: By): Promise<void> {
  const reason = (by.overrideCheck ?? '').trim();
  if (reason === '' || !advances(plan, advance)) return;
  const failing = await failingCheck(trx, plan.consoleId);
  if (!failing) return;
  await recordEvent(trx, {
    at: by.now,
    action: 'plan.check-overruled',
    actor: by.actor,
    consoleId: plan.consoleId,
    detail: {
      act: advance.act,
      reason,
      checkedAt: failing.checkedAt.toISOString(),
      failed: [...failing.failed],
    },
  });
}

function advances(plan: StoredPlan, advance: Advance): boolean {
  switch (advance.act) {
    case 'link-time':
      return advance.linkAt !== null && (plan.linkAt === null || advance.linkAt < plan.linkAt);
    case 'announce':
      return true;
    case 'cut-over':
      return !postpones(plan, advance.cutOverAt);
  }
}

function failedIn({ findings }: ConsoleCheck): readonly CheckName[] {
  const failed = findings.filter((one) => one.result === 'fault' && isRequired(one.check));
  return [...new Set(failed.map((one) => one.check))];
}
