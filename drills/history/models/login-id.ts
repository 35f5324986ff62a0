import type { Model } from '../operation.ts';

/** The login IDs of a few accounts that want the same addresses (R18). */
export type LoginIdInput =
  /** @param key its Idempotency-Key: sent again, the same change is answered */
  | { do: 'begin'; account: string; address: string; key: string }
  | { do: 'confirm'; change: string }
  | { do: 'look'; change: string }
  /** Signs in with an address and the password that only this account has. */
  | { do: 'sign-in'; account: string; address: string };
export type LoginIdOutput =
  | { is: 'begun'; change: string }
  | { is: 'unchanged' }
  | { is: 'confirmed'; version: number; previous: string }
  | { is: 'change-ended' | 'changed-meanwhile' | 'address-taken' | 'address-reserved' }
  | { is: 'stands'; state: 'pending' | 'confirmed' | 'ended'; version: number | null }
  | { is: 'signed-in' }
  | { is: 'refused' };

type Change = {
  /** What it is called; null until somebody was told. */
  id: string | null;
  account: string;
  address: string;
  /** The version of the login ID that it was asked for. */
  base: number;
  is: 'open' | 'superseded' | 'confirmed';
  version: number | null;
};
/** @property former addresses that are kept for those who had them. @property changes by their Idempotency-Keys */
export type LoginIdState = {
  accounts: Readonly<Record<string, { address: string; version: number }>>;
  former: Readonly<Record<string, string>>;
  changes: Readonly<Record<string, Change>>;
};

/** @param addresses the login ID of each account at first */
export function loginIds(
  addresses: Readonly<Record<string, string>>,
): Model<LoginIdState, LoginIdInput, LoginIdOutput> {
  return {
    initial: {
      accounts: Object.fromEntries(
        Object.entries(addresses).map(([account, address]) => [account, { address, version: 0 }]),
      ),
      former: {},
      changes: {},
    },
    step(state, { input, output }) {
      switch (input.do) {
        case 'begin':
          return begun(state, input, output);
        case 'confirm':
          return confirmed(state, input.change, output);
        case 'look':
          return output === undefined || looksLike(state, input.change, output) ? [state] : [];
        case 'sign-in': {
          const fits = state.accounts[input.account]?.address === input.address;
          return output === undefined || (output.is === 'signed-in') === fits ? [state] : [];
        }
      }
    },
  };
}

function begun(
  state: LoginIdState,
  { account, address, key }: Extract<LoginIdInput, { do: 'begin' }>,
  output: LoginIdOutput | undefined,
): readonly LoginIdState[] {
  const known = state.changes[key];
  if (output?.is === 'unchanged')
    return !known && state.accounts[account]?.address === address ? [state] : [];
  const id = output?.is === 'begun' ? output.change : null;
  // The key has come before: its change is named, and nothing happens.
  if (known)
    return known.id === null || id === null || known.id === id
      ? [{ ...state, changes: { ...state.changes, [key]: { ...known, id: known.id ?? id } } }]
      : [];
  const holder = state.accounts[account];
  if (!holder || holder.address === address) return [];
  const changes = Object.entries(state.changes).map(([one, change]): [string, Change] => [
    one,
    change.account === account && change.is === 'open' ? { ...change, is: 'superseded' } : change,
  ]);
  const fresh: Change = { id, account, address, base: holder.version, is: 'open', version: null };
  return [{ ...state, changes: sorted([...changes, [key, fresh]]) }];
}

function confirmed(
  state: LoginIdState,
  id: string,
  output: LoginIdOutput | undefined,
): readonly LoginIdState[] {
  const [key, change] = Object.entries(state.changes).find(([, one]) => one.id === id) ?? [];
  const holder = change && state.accounts[change.account];
  if (key === undefined || !change || !holder) return [];
  const why = refusal(state, change, holder.version);
  if (output !== undefined && output.is !== 'confirmed') return output.is === why ? [state] : [];
  const version = holder.version + 1;
  if (why || (output && (output.version !== version || output.previous !== holder.address))) return [];
  const { account, address } = change;
  // Whoever takes an address back that was theirs has it, and keeps the one they leave.
  const former = Object.entries(state.former).filter(([one]) => one !== address);
  return [
    {
      accounts: { ...state.accounts, [account]: { address, version } },
      former: sorted([...former, [holder.address, account]]),
      changes: { ...state.changes, [key]: { ...change, is: 'confirmed', version } },
    },
  ];
}

function refusal(
  { accounts, former }: LoginIdState,
  { account, address, base, is }: Change,
  version: number,
): LoginIdOutput['is'] | undefined {
  if (is !== 'open') return 'change-ended';
  if (base !== version) return 'changed-meanwhile';
  if (Object.values(accounts).some((one) => one.address === address)) return 'address-taken';
  return former[address] !== undefined && former[address] !== account ? 'address-reserved' : undefined;
}

function looksLike(state: LoginIdState, id: string, output: LoginIdOutput): boolean {
  const change = Object.values(state.changes).find((one) => one.id === id);
  const version = change && state.accounts[change.account]?.version;
  if (!change || output.is !== 'stands') return false;
  const open = change.is === 'open' && change.base === version ? 'pending' : 'ended';
  return (
    output.state === (change.is === 'confirmed' ? 'confirmed' : open) && output.version === change.version
  );
}

function sorted<T>(entries: readonly (readonly [string, T])[]): Readonly<Record<string, T>> {
  return Object.fromEntries(entries.toSorted(([one], [other]) => (one < other ? -1 : 1)));
}
