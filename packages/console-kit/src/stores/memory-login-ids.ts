import type { KnownLoginId, LoginIdChange, LoginIdStore } from '../login-ids.ts';

/** Login IDs and the outbox of their changes for development and tests: one process, forgotten at restart. `people` are the console's users. */
export function memoryLoginIdStore(people: Iterable<KnownLoginId> = []): LoginIdStore & {
  readonly people: Map<string, KnownLoginId>;
  readonly changes: Map<string, LoginIdChange>;
} {
  const users = new Map([...people].map((one) => [one.consoleUserId, one]));
  const changes = new Map<string, LoginIdChange>();
  let nextCompare: Date | null = null;
  const openOf = (consoleUserId: string): LoginIdChange[] =>
    [...changes.values()].filter((one) => one.consoleUserId === consoleUserId && isOpen(one));
  const set = (change: LoginIdChange, fields: Partial<LoginIdChange>): LoginIdChange => {
    const next = { ...change, ...fields, revision: change.revision + 1 };
    changes.set(change.key, next);
    return next;
  };
  const inTheWay = ({ consoleUserId, number }: LoginIdChange, now: Date): boolean =>
    [...changes.values()].some(
      (one) =>
        one.consoleUserId === consoleUserId &&
        one.number < number &&
        (one.state === 'confirming' || isBusy(one, now)),
    );
  return {
    people: users,
    changes,
    apply: async ({ consoleUserId, emailAddress, version, key }) => {
      const user = users.get(consoleUserId);
      if (!user) return 'user-unknown';
      const open = openOf(consoleUserId);
      const own = open.find((one) =>
        key === undefined ? sameAddress(one.newEmailAddress, emailAddress) : one.key === key,
      );
      const isNew = version > (user.version ?? -1);
      const taken = [...users.values()].some(
        (one) => one.consoleUserId !== consoleUserId && sameAddress(one.emailAddress, emailAddress),
      );
      if (isNew && taken) {
        if (own) set(own, { state: 'refused', reason: 'address-in-use', busyUntil: null });
        return 'address-in-use';
      }
      // What is known may have come a second time: only who names the row knows that it is about that one.
      if (own && (isNew || key !== undefined)) set(own, { state: 'applied', busyUntil: null });
      if (!isNew) return 'known';
      users.set(consoleUserId, { consoleUserId, emailAddress, version });
      for (const one of open)
        if (one !== own && (own === undefined || one.number < own.number))
          set(one, { state: 'ended', reason: 'changed-meanwhile', busyUntil: null });
      return 'applied';
    },
    page: async (after, limit) =>
      [...users.values()]
        .filter((one) => after === null || one.consoleUserId > after)
        .sort((one, other) => (one.consoleUserId < other.consoleUserId ? -1 : 1))
        .slice(0, limit),
    add: async (wish, busyUntil) => {
      const all = [...changes.values()].filter((one) => one.consoleUserId === wish.consoleUserId);
      const number = Math.max(0, ...all.map((one) => one.number)) + 1;
      for (const one of all) if (one.state === 'noted') set(one, { state: 'cancelled', reason: 'replaced' });
      const change: LoginIdChange = {
        ...wish,
        number,
        state: 'noted',
        reason: null,
        sent: null,
        tries: 0,
        nextTryAt: wish.notedAt,
        busyUntil: null,
        revision: 1,
      };
      const added = { ...change, busyUntil: inTheWay(change, wish.notedAt) ? null : busyUntil };
      changes.set(added.key, added);
      return added;
    },
    find: async (consoleUserId) => openOf(consoleUserId).sort((a, b) => b.number - a.number)[0] ?? null,
    claim: async ({ now, busyUntil, consoleUserId }) => {
      const due = [...changes.values()]
        .filter((one) =>
          consoleUserId === undefined
            ? isOpen(one) && one.nextTryAt <= now
            : one.consoleUserId === consoleUserId &&
              isAwaited(one) &&
              (one.nextTryAt <= now || one.tries > 0),
        )
        .filter((one) => !isBusy(one, now) && !inTheWay(one, now))
        .sort((a, b) => a.nextTryAt.getTime() - b.nextTryAt.getTime())[0];
      return due ? set(due, { busyUntil }) : null;
    },
    write: async (change, fields) => {
      const stored = changes.get(change.key);
      if (!stored || stored.revision !== change.revision || !isOpen(stored)) return null;
      if (fields.state === 'code-sent')
        for (const one of openOf(change.consoleUserId))
          if (one.number < change.number && one.state !== 'confirming')
            set(one, { state: 'cancelled', reason: 'replaced' });
      return set(stored, fields);
    },
    takeCompareTurn: async ({ now, until }) => {
      if (nextCompare !== null && nextCompare > now) return false;
      nextCompare = until;
      return true;
    },
    setNextCompare: async (at) => void (nextCompare = at),
  };
}

function isOpen({ state }: LoginIdChange): boolean {
  return state === 'noted' || state === 'code-sent' || state === 'confirming';
}

/** It goes on by itself, and a person may wait for it. */
function isAwaited({ state }: LoginIdChange): boolean {
  return state === 'noted' || state === 'confirming';
}

function isBusy({ busyUntil }: LoginIdChange, now: Date): boolean {
  return busyUntil !== null && busyUntil > now;
}

/** Addresses are one person's whatever the case of their letters. */
function sameAddress(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}
