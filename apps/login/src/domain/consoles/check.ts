import { recordEvent } from '#support/audit/record.ts';
import type { Db } from '#support/db/database.ts';
import type { ConsoleRow } from '#support/db/schema.ts';
import type { Outbound } from '#support/primitives/outbound.ts';
import { checkAddresses } from './check-addresses.ts';
import { checkEntrance } from './check-entrance.ts';
import { checkKnown } from './check-known.ts';
import { isRequired, type Finding } from './findings.ts';

export type ConsoleCheck = {
  at: Date;
  actor: string;
  findings: readonly Finding[];
  /** How many of the findings are faults. */
  faults: number;
  /** How many of the faults stand in the way of the next phase. */
  required: number;
};

/**
 * Looks whether a console is ready (R19), without signing in: what can be seen from here today, by requests to its registered addresses alone, in a few seconds. Nothing at the console changes:
 * it is asked with tokens that it must refuse.
 */
export async function lookAtConsole(
  tools: { db: Db; outbound: Outbound; issuer: string; pagesUrl?: string },
  console: ConsoleRow,
  now: Date,
): Promise<readonly Finding[]> {
  const [entrance, addresses, known] = await Promise.all([
    checkEntrance(tools, console, now),
    checkAddresses(tools, console, now),
    checkKnown(tools.db, console, now),
  ]);
  return [...entrance, ...addresses, ...known];
}

/** Keeps what was found as the console's last check. */
export async function keepCheck(
  db: Db,
  consoleId: string,
  findings: readonly Finding[],
  by: { actor: string; now: Date },
): Promise<ConsoleCheck> {
  const row = { at: by.now, actor: by.actor, findings: JSON.stringify({ findings }) };
  await db.transaction().execute(async (trx) => {
    await trx
      .insertInto('console_check')
      .values({ console_id: consoleId, ...row })
      .onConflict((c) => c.column('console_id').doUpdateSet(row))
      .execute();
    await recordEvent(trx, {
      at: by.now,
      action: 'console.checked',
      actor: by.actor,
      consoleId,
      detail: { faults: faultsIn(findings).map(({ check, code }) => `${check}: ${code}`) },
    });
  });
  return checkOf({ ...by, at: by.now, findings: { findings } });
}

/** The last check of a console; undefined when it was never checked. */
export async function lastCheck(db: Db, consoleId: string): Promise<ConsoleCheck | undefined> {
  const row = await db
    .selectFrom('console_check')
    .select(['at', 'actor', 'findings'])
    .where('console_id', '=', consoleId)
    .executeTakeFirst();
  return row && checkOf(row);
}

/** The last checks of all consoles, by the console's id. */
export async function lastChecks(db: Db): Promise<ReadonlyMap<string, ConsoleCheck>> {
  const rows = await db.selectFrom('console_check').selectAll().execute();
  return new Map(rows.map((row) => [row.console_id, checkOf(row)]));
}

function checkOf(row: { at: Date; actor: string; findings: Record<string, unknown> }): ConsoleCheck {
  const findings = row.findings.findings as readonly Finding[];
  const faults = faultsIn(findings);
  return {
    at: row.at,
    actor: row.actor,
    findings,
    faults: faults.length,
    required: faults.filter((one) => isRequired(one.check)).length,
  };
}

function faultsIn(findings: readonly Finding[]) {
  return findings.filter((one) => one.result === 'fault');
}
