import type { ClaimedMessage } from './claim.ts';
import type { Gateway } from './gateway.ts';

/** One claim's way of sharing its messages out among the gateways that can take some. */
export type Share = {
  choose(message: ClaimedMessage): Gateway;
  /** Uses a place of the gateway; false when it has none left. */
  take(gateway: Gateway, isCode: boolean): boolean;
};

/**
 * Shares messages out by weight, smoothly: 3 to 1 is A A B A, not A A A B. Gateways of weight 0 get something only when no other is
 * able, and a gateway without a free place only when none has one. What is begun at a gateway stays there.
 */
export function createSharing(): (able: readonly Gateway[]) => Share {
  const credit = new Map<string, number>();
  return (able) => {
    const used = new Map<Gateway, number>();
    const room = new Map(able.map((gateway) => [gateway, gateway.room()]));
    const left = (gateway: Gateway, kind: 'codes' | 'others'): number =>
      (room.get(gateway)?.[kind] ?? 0) - (used.get(gateway) ?? 0);

    function next(kind: 'codes' | 'others'): Gateway {
      const free = able.filter((gateway) => left(gateway, kind) > 0);
      const some = free.length > 0 ? free : able;
      const weighed = some.some(({ settings }) => settings.weight > 0)
        ? some.filter(({ settings }) => settings.weight > 0)
        : some;
      let total = 0;
      let best = weighed[0];
      for (const gateway of weighed) {
        const weight = Math.max(1, gateway.settings.weight);
        total += weight;
        const has = (credit.get(gateway.settings.name) ?? 0) + weight;
        credit.set(gateway.settings.name, has);
        if (best === undefined || has > (credit.get(best.settings.name) ?? 0)) best = gateway;
      }
      if (best === undefined) throw new Error('messages were claimed without a gateway for them');
      credit.set(best.settings.name, (credit.get(best.settings.name) ?? 0) - total);
      return best;
    }

    return {
      choose(message) {
        const begun = able.find(({ settings }) => settings.name === message.gateway);
        return begun ?? next(message.lane === 0 ? 'codes' : 'others');
      },
      take(gateway, isCode) {
        if (left(gateway, isCode ? 'codes' : 'others') <= 0) return false;
        used.set(gateway, (used.get(gateway) ?? 0) + 1);
        return true;
      },
    };
  };
}
