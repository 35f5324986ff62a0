import type {
  Clock,
  EndedSessionsStore,
  LegacySignIn,
  LegacySignInStore,
  LogoutTokenStore,
  PlanStore,
} from '../options.ts';
import type { Plan } from '../plan/plan.ts';
import { memoryReceivedEventStore } from '../events/account-event.ts';
import type { SessionBinding, SessionBindings } from '../session-bindings.ts';
import type { KitStores } from './postgres-stores.ts';

/** A store of used logout tokens for development and tests: one process, forgotten at restart. */
export function memoryLogoutTokenStore(clock: Clock): LogoutTokenStore {
  const used = new Map<string, Date>();
  return {
    async firstUse(jti, expiresAt) {
      for (const [old, end] of used) if (end < clock()) used.delete(old);
      if (used.has(jti)) return false;
      used.set(jti, expiresAt);
      return true;
    },
  };
}

/** A plan store for development and tests: one process, forgotten at restart. */
export function memoryPlanStore(plan: Plan | null = null): PlanStore {
  let kept = plan;
  return {
    load: async () => kept,
    save: async (next) => {
      kept = next;
    },
  };
}

/** A place in the list of ended sessions in memory: one process, and after a start from a day back. */
export function memoryEndedSessionsStore(): EndedSessionsStore {
  let kept: string | null = null;
  return {
    load: async () => kept,
    save: async (place) => {
      kept = place;
    },
  };
}

/** An outbox of legacy sign-ins for development and tests: one process, forgotten at restart. */
export function memoryLegacySignInStore(): LegacySignInStore {
  const kept = new Map<string, LegacySignIn>();
  return {
    add: async (signIn) => void kept.set(signIn.id, signIn),
    oldest: async (limit) => [...kept.values()].slice(0, limit),
    remove: async (ids) => ids.forEach((id) => kept.delete(id)),
  };
}

/** Session bindings for development and tests: one process, forgotten at restart. */
export function memorySessionBindings(clock: Clock): SessionBindings {
  const kept = new Map<string, SessionBinding>();
  const end = (matches: (one: SessionBinding) => boolean, startedBefore: Date): number => {
    const hit = [...kept].filter(
      ([, one]) => one.endedAt === null && matches(one) && one.startedAt < startedBefore,
    );
    for (const [id, one] of hit) kept.set(id, { ...one, endedAt: clock() });
    return hit.length;
  };
  return {
    endBySid: async (sid, { startedBefore }) => end((one) => one.sid === sid, startedBefore),
    endBySub: async (sub, { startedBefore }) => end((one) => one.sub === sub, startedBefore),
    bind: async (sessionId, { sub, sid, consoleUserId, idToken, startedAt }) =>
      void kept.set(sessionId, { sub, sid, consoleUserId, idToken, startedAt, endedAt: null }),
    find: async (sessionId) => kept.get(sessionId) ?? null,
    release: async (sessionId) => {
      const binding = kept.get(sessionId) ?? null;
      kept.delete(sessionId);
      return binding;
    },
  };
}

/** All of the kit's stores but the login IDs, for development and tests: one process, forgotten at restart. */
export function memoryStores(clock: Clock): KitStores {
  return {
    sessions: memorySessionBindings(clock),
    logoutTokens: memoryLogoutTokenStore(clock),
    plan: memoryPlanStore(),
    endedSessions: memoryEndedSessionsStore(),
    legacySignIns: memoryLegacySignInStore(),
    receivedEvents: memoryReceivedEventStore(),
  };
}
