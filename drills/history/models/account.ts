import type { Model } from '../operation.ts';

/** An account: its password, the requests for a code to set another one (R4), and its sessions (R9). */
export type AccountInput =
  /** Sends the code that was mailed, or a wrong one, with a new password. */
  | { do: 'type'; request: string; code: 'mailed' | 'wrong'; password: string }
  | { do: 'sign-in'; password: string }
  /** Whether a session lives: a page of its own, a console entered with it, or what a console was told. */
  | { do: 'look'; session: string }
  | { do: 'sign-out'; session: string };
export type AccountOutput =
  /** The new password holds; the browser has a session of this name from now on, or none. */
  | { is: 'set'; session: string | null }
  | { is: 'wrong'; left: number }
  | { is: 'too-many-tries' }
  /** The request has ended. */
  | { is: 'ended' }
  | { is: 'signed-in'; session: string }
  | { is: 'refused' }
  | { is: 'live' }
  | { is: 'dead' }
  /** This one ended the session. */
  | { is: 'left' }
  /** There was none any more. */
  | { is: 'gone' };

/** @property requests of each that was guessed at or has ended: the wrong tries, or that it has ended */
export type AccountState = {
  password: string;
  live: readonly string[];
  requests: Readonly<Record<string, number | 'ended'>>;
};

const TRIES = 5;

/** @param password the one that the account has at first */
export function account(password: string): Model<AccountState, AccountInput, AccountOutput> {
  return {
    initial: { password, live: [], requests: {} },
    step(state, { input, output }) {
      switch (input.do) {
        case 'type':
          return typed(state, input, output);
        case 'sign-in': {
          const isRight = input.password === state.password;
          if (output?.is === 'refused') return isRight ? [] : [state];
          if (output?.is !== 'signed-in') return [state];
          return isRight ? [{ ...state, live: [...state.live, output.session].toSorted() }] : [];
        }
        case 'look':
          return output === undefined || (output.is === 'live') === state.live.includes(input.session)
            ? [state]
            : [];
        case 'sign-out': {
          const isLive = state.live.includes(input.session);
          if (output?.is === 'gone') return isLive ? [] : [state];
          return isLive ? [{ ...state, live: state.live.filter((one) => one !== input.session) }] : [];
        }
      }
    },
  };
}

function typed(
  state: AccountState,
  { request, code, password }: Extract<AccountInput, { do: 'type' }>,
  output: AccountOutput | undefined,
): readonly AccountState[] {
  const tries = state.requests[request] ?? 0;
  const noted = (value: number | 'ended'): AccountState['requests'] =>
    Object.fromEntries(
      Object.entries({ ...state.requests, [request]: value }).toSorted(([one], [other]) =>
        one < other ? -1 : 1,
      ),
    );
  const isOpen = tries !== 'ended' && tries < TRIES;
  // All other sessions end with the new password; the one that the browser gets is new.
  const set = (session: string | null): AccountState => ({
    password,
    live: session === null ? [] : [session],
    requests: noted('ended'),
  });
  switch (output?.is) {
    case undefined:
      if (!isOpen) return [];
      return code === 'mailed' ? [set(null)] : [{ ...state, requests: noted(tries + 1) }];
    case 'set':
      return isOpen && code === 'mailed' ? [set(output.session)] : [];
    // A mail that went out twice has two codes, of which the later one is good.
    case 'wrong':
      return isOpen && output.left === TRIES - tries - 1 ? [{ ...state, requests: noted(tries + 1) }] : [];
    case 'too-many-tries':
      return tries === TRIES ? [state] : [];
    case 'ended':
      return tries === 'ended' ? [state] : [];
    case 'signed-in':
    case 'refused':
    case 'live':
    case 'dead':
    case 'left':
    case 'gone':
      return [];
  }
}
