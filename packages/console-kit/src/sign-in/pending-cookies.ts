import type { CheckedOptions } from '../checked-options.ts';
import { SECOND } from '../durations.ts';
import { PENDING_LIFETIME } from './pending.ts';

/** Keeps pending sign-ins in cookies, one per sign-in, so that several tabs work at once. Plain header values in and out. */
export type PendingCookies = {
  /** `Set-Cookie` values for a sign-in that was just started; also clears the oldest when there are too many. */
  keep(cookieHeader: string | undefined, started: { state: string; pending: string }): string[];
  /** The pending sign-in that belongs to the `state` of this callback URL, or null. */
  find(cookieHeader: string | undefined, callbackUrl: string | URL): string | null;
  /** `Set-Cookie` values that forget the pending sign-in of this callback URL. */
  forget(callbackUrl: string | URL): string[];
};

/** A person with more sign-ins open at once than this loses the oldest; keeps the request header under 8 KiB. */
const MOST_AT_ONCE = 5;

/**
 * One cookie per pending sign-in, named after its `state`: HttpOnly, SameSite=Lax (the way back from the login server is a
 * cross-site navigation), on https Secure with the `__Host-` prefix, so that no sibling domain can plant one.
 */
export function pendingCookies(options: CheckedOptions): PendingCookies {
  const secure = options.consoleOrigin.startsWith('https:');
  const prefix = secure ? '__Host-hk-signin-' : 'hk-signin-';
  const attributes = `Path=/; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`;

  const set = (name: string, value: string, seconds: number): string =>
    `${name}=${value}; Max-Age=${seconds}; ${attributes}`;
  const nameFor = (callbackUrl: string | URL): string | null => {
    const state = new URL(callbackUrl, options.consoleOrigin).searchParams.get('state');
    return state !== null && /^[\w-]{16,128}$/u.test(state) ? prefix + state : null;
  };

  return {
    keep: (cookieHeader, { state, pending }) => {
      // Browsers send cookies of one path oldest first (RFC 6265 §5.4).
      const names = [...read(cookieHeader).keys()].filter((name) => name.startsWith(prefix));
      const surplus = names.slice(0, Math.max(0, names.length - MOST_AT_ONCE + 1));
      return [
        ...surplus.map((name) => set(name, '', 0)),
        set(prefix + state, pending, PENDING_LIFETIME / SECOND),
      ];
    },
    find: (cookieHeader, callbackUrl) => {
      const name = nameFor(callbackUrl);
      return name === null ? null : (read(cookieHeader).get(name) ?? null);
    },
    forget: (callbackUrl) => {
      const name = nameFor(callbackUrl);
      return name === null ? [] : [set(name, '', 0)];
    },
  };
}

function read(cookieHeader: string | undefined): Map<string, string> {
  const cookies = new Map<string, string>();
  for (const part of (cookieHeader ?? '').split(';')) {
    const at = part.indexOf('=');
    if (at > 0) cookies.set(part.slice(0, at).trim(), part.slice(at + 1).trim());
  }
  return cookies;
}
