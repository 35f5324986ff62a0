import { operatorSince } from '#domain/operators/operators.ts';
import type { Db } from '#support/db/database.ts';

/** Why a change is not made: the account is an operator's, and only administrators move its login ID (A1). */
export type Kept = 'kept-by-administrators';

/**
 * Whoever moves an operator's login ID can become that operator by a new password. So no console does, whoever controls it; and since whoever gave the role knew the account by its address, nothing
 * that was asked for before the role was given moves it either. Ask with the account locked: roles are given to locked accounts (`addOperator`).
 * @param asked the moment in which the change was asked for; null where a console asks
 */
export async function isKept(db: Db, accountId: string, asked: Date | null): Promise<boolean> {
  const since = await operatorSince(db, accountId);
  return since !== undefined && (asked === null || asked <= since);
}
