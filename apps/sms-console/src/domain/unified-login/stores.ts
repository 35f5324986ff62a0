import type { LogoutTokenStore, Plan, PlanStore, SessionStore } from '@hitokagi/console-kit';
import { endSessionsByLogout } from '#domain/console-sessions/end-session.ts';
import type { Db } from '#support/db/database.ts';

/** What the console kit keeps in this console's database: sessions that single logout ends, used logout tokens, the last known plan. */
export function kitStores(
  db: Db,
  clock: () => Date,
): { sessions: SessionStore; logoutTokens: LogoutTokenStore; plan: PlanStore } {
  return {
    sessions: sessionStore(db, clock),
    logoutTokens: logoutTokenStore(db),
    plan: planStore(db, clock),
  };
}

function sessionStore(db: Db, clock: () => Date): SessionStore {
  return {
    endBySid: (sid, limit) => endSessionsByLogout(db, { sid }, limit, clock()),
    endBySub: (sub, limit) => endSessionsByLogout(db, { sub }, limit, clock()),
  };
}

function logoutTokenStore(db: Db): LogoutTokenStore {
  return {
    async firstUse(jti, expiresAt) {
      const inserted = await db
        .insertInto('used_logout_token')
        .values({ jti, expires_at: expiresAt })
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirst();
      return inserted.numInsertedOrUpdatedRows === 1n;
    },
  };
}

function planStore(db: Db, clock: () => Date): PlanStore {
  return {
    async load() {
      const row = await db.selectFrom('last_known_plan').select('plan').executeTakeFirst();
      return (row?.plan as Plan | undefined) ?? null;
    },
    async save(plan) {
      const row = { plan: JSON.stringify(plan), received_at: clock() };
      await db
        .insertInto('last_known_plan')
        .values(row)
        .onConflict((conflict) => conflict.column('only_row').doUpdateSet(row))
        .execute();
    },
  };
}
