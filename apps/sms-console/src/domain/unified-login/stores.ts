import type {
  EndedSessionsStore,
  LegacySignInStore,
  LoginIdStore,
  LogoutTokenStore,
  Plan,
  PlanStore,
  RegistrationStore,
  SessionStore,
} from '@hitokagi/console-kit';
import { endSessionsByLogout } from '#domain/console-sessions/end-session.ts';
import { loginIdStore } from '#domain/login-id-change/store.ts';
import { registrationStore } from '#domain/members/registrations.ts';
import type { Db } from '#support/db/database.ts';

/** What the console kit keeps in this console's database: sessions that single logout ends, used logout tokens, the last known plan, legacy sign-ins to report, which ended sessions it knows of, login IDs, people to register. */
export function kitStores(
  db: Db,
  clock: () => Date,
): {
  sessions: SessionStore;
  logoutTokens: LogoutTokenStore;
  plan: PlanStore;
  legacySignIns: LegacySignInStore;
  endedSessions: EndedSessionsStore;
  loginIds: LoginIdStore;
  registrations: RegistrationStore;
} {
  return {
    sessions: sessionStore(db, clock),
    logoutTokens: logoutTokenStore(db),
    plan: planStore(db, clock),
    legacySignIns: legacySignInStore(db),
    endedSessions: endedSessionsStore(db, clock),
    loginIds: loginIdStore(db, clock),
    registrations: registrationStore(db, clock),
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

function legacySignInStore(db: Db): LegacySignInStore {
  return {
    async add({ id, consoleUserId, at }) {
      await db.insertInto('legacy_sign_in').values({ id, console_user_id: consoleUserId, at }).execute();
    },
    async oldest(limit) {
      const rows = await db
        .selectFrom('legacy_sign_in')
        .select(['id', 'console_user_id', 'at'])
        .orderBy('number')
        .limit(limit)
        .execute();
      return rows.map((row) => ({ id: row.id, consoleUserId: row.console_user_id, at: row.at }));
    },
    async remove(ids) {
      await db
        .deleteFrom('legacy_sign_in')
        .where('id', 'in', [...ids])
        .execute();
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

function endedSessionsStore(db: Db, clock: () => Date): EndedSessionsStore {
  return {
    async load() {
      const row = await db.selectFrom('ended_sessions_place').select('place').executeTakeFirst();
      return row?.place ?? null;
    },
    async save(place) {
      const row = { place, saved_at: clock() };
      await db
        .insertInto('ended_sessions_place')
        .values(row)
        .onConflict((conflict) => conflict.column('only_row').doUpdateSet(row))
        .execute();
    },
  };
}
