import type { Clock, LogoutTokenStore, PlanStore } from './options.ts';
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
