import type { Locale } from './locale.ts';
import type { LoginIdChange } from './login-ids.ts';

/** The login server did not answer in time, or answered something that it never should. The log has the cause. */
export type Unreachable = { ok: false; reason: 'login-server-unreachable' };

export type StartSignInInput = {
  /** Where to land afterwards: a path of this console. Anything else becomes `/`. */
  returnPath: string;
  /** Login ID to fill in. */
  loginHint?: string;
  locale?: Locale;
  /** `none`: silent; answers `login-required` instead of showing a page. `login`: ask for the password again. */
  prompt?: 'none' | 'login';
};

/** Send the browser to `redirectTo` and keep `pending` (opaque, about 500 bytes) in a cookie named after `state`. */
export type StartSignInResult =
  { ok: true; redirectTo: string; pending: string; state: string } | Unreachable;

export type FinishSignInInput = {
  /** URL of the callback request, absolute or from the path on; only its query is used. */
  callbackUrl: string | URL;
  /** What `startSignIn` returned for this `state`, or nothing if the browser did not bring it. */
  pending: string | null | undefined;
};

/** A person whom the login server has signed in. */
export type SignedIn = {
  ok: true;
  /** The account at the login server; never changes. */
  sub: string;
  /** The SSO session; null only with login servers that send none. */
  sid: string | null;
  /** The console's own immutable user id from the console link; null if the account has no link to this console. */
  consoleUserId: string | null;
  emailAddress: string | null;
  emailVerified: boolean;
  name: string | null;
  /** Keep it on the server with the session: `signOutUrl` wants it. */
  idToken: string;
  /** When the person proved who they are. */
  authTime: Date | null;
  /** When the login server issued this sign-in, whole seconds. Store it with the session; `startedBefore` is compared with it. */
  startedAt: Date;
  returnPath: string;
};

export type SignInFailure =
  /** The browser brought no (readable) pending sign-in: cookies blocked, callback reloaded, other browser. */
  | { ok: false; reason: 'no-pending-sign-in' }
  /** The answer belongs to another sign-in. */
  | { ok: false; reason: 'state-mismatch' }
  /** Started more than 60 minutes ago. */
  | { ok: false; reason: 'expired'; returnPath: string }
  /** A silent sign-in (`prompt: 'none'`) found no session that would do. */
  | { ok: false; reason: 'login-required'; returnPath: string }
  /** The login server answered with an OAuth error, such as `access_denied`. */
  | { ok: false; reason: 'refused-by-login-server'; code: string; returnPath: string }
  | { ok: false; reason: 'login-server-unreachable'; returnPath: string }
  /** The answer or the ID token failed validation. */
  | { ok: false; reason: 'bad-token'; returnPath: string };

export type FinishSignInResult = SignedIn | SignInFailure;

export type InitiateSignInResult =
  | { ok: true; returnPath: string; loginHint?: string }
  /** `iss` is missing, doubled or not the issuer of this kit (OpenID Connect Core §4). */
  | { ok: false; reason: 'issuer-unknown' };

export type SignOutUrlInput = {
  idToken: string;
  locale?: Locale;
  /** Ask to come back to `{consoleUrl}/` instead of the login server's signed-out page. Default false. */
  returnToConsole?: boolean;
  /** With `returnToConsole`: comes back as the parameter `state`, by itself worth nothing (RP-Initiated Logout §2). */
  state?: string;
};

export type SignOutUrlResult = { ok: true; redirectTo: string } | Unreachable;

export type LogoutTokenRefusal =
  | 'malformed-request'
  | 'wrong-type'
  | 'wrong-algorithm'
  | 'bad-signature'
  | 'wrong-issuer'
  | 'wrong-audience'
  | 'wrong-time'
  | 'wrong-claims'
  | 'used-before'
  | 'keys-unreachable'
  | 'logout-failed';

/** What to answer to a back-channel logout request: `status`, `headers` and `body` as they are. */
export type LogoutTokenResult =
  | { status: 200; headers: Record<string, string>; body: ''; ended: number }
  | { status: 400; headers: Record<string, string>; body: string; reason: LogoutTokenRefusal };

export type LegacyPasswordCheckInput = {
  /** The header `Authorization` of the request. */
  authorization: string | undefined;
  /** The body, as it came: the token holds the SHA-256 of its very bytes. */
  body: string;
};

export type LegacyPasswordCheckRefusal =
  /** The console gave no `legacyPasswords`. */
  'not-offered' | 'wrong-body' | 'check-failed' | LogoutTokenRefusal;

/** What to answer to the login server's question: `status`, `headers` and `body` as they are. */
export type LegacyPasswordCheckResult =
  | { status: 200; headers: Record<string, string>; body: string; matches: boolean }
  | {
      status: 400 | 401 | 404 | 503;
      headers: Record<string, string>;
      body: string;
      reason: LegacyPasswordCheckRefusal;
    };

export type ResetUrlInput = { loginHint?: string; locale?: Locale; returnPath?: string };

export type LoginIdChangeRequest = {
  consoleUserId: string;
  newEmailAddress: string;
  locale: Locale;
  /** SSO session of the asker, so that it survives the change. */
  sid?: string;
};

/** The login server refused the call itself: wrong secret (401), unknown error code. For the console's engineers, not for people. */
export type RefusedByLoginServer = { ok: false; reason: 'refused-by-login-server'; code: string };

/**
 * The change stands in the console's outbox. `code-sent`: the code is on its way to the new address. `noted`: the login server could not be reached; it hears of the change as
 * soon as it can be, and mails the code then. Refusals change nothing.
 */
export type LoginIdChangeRequestResult =
  | { ok: true; change: LoginIdChange }
  | {
      ok: false;
      reason: 'user-unknown' | 'address-malformed' | 'address-unchanged' | 'kept-by-administrators';
    }
  | { ok: false; reason: 'too-many'; retryAfterSeconds: number | null };

/** `not-yet`: the login server has not sent a first code yet, or is still to say whether the last one was right. */
type NotNow = { ok: false; reason: 'no-open-change' | 'not-yet' };

export type LoginIdCodeResendResult =
  | { ok: true; change: LoginIdChange }
  | { ok: false; reason: 'too-soon' | 'too-many'; retryAfterSeconds: number | null }
  | {
      ok: false;
      reason: 'change-unknown' | 'change-ended' | 'changed-meanwhile' | 'kept-by-administrators';
    }
  | NotNow
  | RefusedByLoginServer
  | Unreachable;

export type LoginIdChangeConfirmResult =
  | { ok: true; emailAddress: string }
  /** `triesLeft` 0: the codes sent so far are worth nothing any more; null: it was no code, and no try was counted. */
  | { ok: false; reason: 'code-wrong'; triesLeft: number | null }
  /** `code-superseded`: newer codes were sent, use the newest. The others end the change; see `LoginIdChangeReason`. */
  | {
      ok: false;
      reason:
        | 'code-expired'
        | 'code-superseded'
        | 'address-taken'
        | 'address-reserved'
        | 'changed-meanwhile'
        | 'kept-by-administrators'
        | 'address-in-use'
        | 'user-unknown'
        | 'change-unknown'
        | 'change-ended';
    }
  | { ok: false; reason: 'too-many'; retryAfterSeconds: number | null }
  | NotNow
  | RefusedByLoginServer
  /** Whether the change was made is not known yet: the change is `confirming` until the login server could be asked. */
  | Unreachable;

/** `confirming`: it may have been made already; the login server is asked. */
export type LoginIdChangeCancelResult = { ok: true } | { ok: false; reason: 'confirming' };

/** What a comparison of login IDs came to, in people. */
export type LoginIdsCompared =
  | {
      ok: true;
      compared: number;
      /** Addresses that this console took over. */
      taken: number;
      /** Differences that the operators of the login server decide. */
      listed: number;
      /** Users of whom the login server knows nothing. */
      unknown: number;
      /** Addresses that another user of this console has. */
      inUse: number;
    }
  | RefusedByLoginServer
  | Unreachable;

export type EventTokenRefusal =
  | 'malformed-request'
  | 'wrong-type'
  | 'wrong-algorithm'
  | 'bad-signature'
  | 'wrong-issuer'
  | 'wrong-audience'
  | 'wrong-time'
  | 'wrong-claims'
  /** The key is not known yet; the login server tries again. */
  | 'key-unknown'
  | 'keys-unreachable'
  /** A store or a handler of the console threw; the login server tries again. */
  | 'handling-failed';

/** What to answer a security event token; 404 without the option `accountEvents`. */
export type EventTokenResult =
  | {
      status: 202;
      headers: Record<string, string>;
      body: '';
      kind: string;
      /** It had been taken before. */
      repeated: boolean;
    }
  | { status: 400 | 503; headers: Record<string, string>; body: string; reason: EventTokenRefusal }
  | { status: 404; headers: Record<string, string>; body: '' };
