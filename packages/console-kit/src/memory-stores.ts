import type {
  Clock,
  EndedSessionsStore,
  LegacySignIn,
  LegacySignInStore,
  LogoutTokenStore,
  PlanStore,
} from './options.ts';
import type { Plan } from './plan/plan.ts';

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
