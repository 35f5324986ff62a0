import { deliverEvent } from './events/deliver.ts';
import { receiveEventToken } from './events/receive.ts';
import { browserOrigins } from './browser-origins.ts';
import { checkedOptions } from './checked-options.ts';
import { consoleApi } from './console-api.ts';
import { type EndedSessionsKeeper, endedSessionsKeeper } from './ended-sessions.ts';
import { type LegacySignInReporter, legacySignInReporter, recordLegacySignIn } from './legacy-sign-ins.ts';
import { type KitLoginIds, kitLoginIds } from './kit-login-ids.ts';
import { receiveLegacyPasswordCheck } from './legacy-password-check.ts';
import { loginServerFinder } from './login-server.ts';
import type { ConsoleKitOptions, KitLog } from './options.ts';
import { outboundTo } from './outbound.ts';
import { type PlanKeeper, planKeeper } from './plan/keeper.ts';
import { gateAt, millisecondsToNextChange } from './plan/phase.ts';
import { phaseOnTrial, verifyDryRun } from './plan/dry-run.ts';
import type { Gate, Phase } from './plan/plan.ts';
import { type Registrar, registrar } from './registrations.ts';
import { resetUrl } from './reset-url.ts';
import type * as results from './results.ts';
import { finishSignIn } from './sign-in/finish.ts';
import { initiateSignIn } from './sign-in/initiate.ts';
import { type PendingCookies, pendingCookies } from './sign-in/pending-cookies.ts';
import { pendingSealer } from './sign-in/pending.ts';
import { startSignIn } from './sign-in/start.ts';
import { receiveLogoutToken } from './sign-out/logout-token.ts';
import { signOutUrl } from './sign-out/sign-out-url.ts';

/** Everything a console does with the login server. Failures that people or outages cause are returned, never thrown. */
export type ConsoleKit = {
  /** Begins what goes on in the background: the plan, the question for ended sessions, and the outboxes that the console has. Does not wait for the login server. */
  start(): Promise<void>;
  /** Ends it; resolves when nothing is under way. */
  stop(): Promise<void>;
  /** The console's own origin, as browsers see it. */
  consoleOrigin: string;
  log: KitLog;
  /**
   * R1: begins a sign-in. An ordinary start is also right when the console's own session ran out (R10): while the SSO session
   * lives the person is back without typing, else the sign-in page shows. `prompt: 'none'` is for asking without showing a page.
   */
  startSignIn(input: results.StartSignInInput): Promise<results.StartSignInResult>;
  /** R1: ends a sign-in at the callback. */
  finishSignIn(input: results.FinishSignInInput): Promise<results.FinishSignInResult>;
  /** Checks the query of a sign-in that the login server began at `initiate_login_uri`; then call `startSignIn`. */
  initiateSignIn(query: Record<string, unknown> | URLSearchParams): results.InitiateSignInResult;
  pendingCookies: PendingCookies;
  /** R9: where to send the browser so that everything ends. End the console's own session first. */
  signOutUrl(input: results.SignOutUrlInput): Promise<results.SignOutUrlResult>;
  /** R9: takes a back-channel logout request; `body` is the raw form, or the parsed one. */
  receiveLogoutToken(body: string | Record<string, unknown>): Promise<results.LogoutTokenResult>;
  /** R9: asks once a minute which of the console's sessions have ended, should a logout request not arrive; the Fastify adapter starts and stops it. */
  endedSessions: EndedSessionsKeeper;
  /** R21: answers the login server's question whether a legacy password is right; 404 without the option `legacyPasswords`. */
  receiveLegacyPasswordCheck(
    input: results.LegacyPasswordCheckInput,
  ): Promise<results.LegacyPasswordCheckResult>;
  /** Whether the option `legacyPasswords` was given. */
  answersLegacyPasswords: boolean;
  /** R24: takes a security event token (RFC 8935); `body` is the token. 404 without the option `accountEvents`. */
  receiveEventToken(body: string): Promise<results.EventTokenResult>;
  /** Whether the option `accountEvents` was given. */
  takesAccountEvents: boolean;
  /** R7: password reset and change at the unified login. */
  resetUrl(input?: results.ResetUrlInput): string;
  /** R22: where forms of the console may lead in the end, for `form-action` of its Content-Security-Policy. Never waits; ask at every answer. */
  browserOrigins(): readonly string[];
  plan: PlanKeeper;
  /** R12: the phase at `now` by the last known plan, and what it allows. Ask at every request; it costs nothing. */
  gate(now: Date): Gate;
  /** R19: the phase that a signed header `Hitokagi-Dry-Run` asks a page to be shown in; null for one that is not right. The adapters use it. */
  dryRun(token: string): Promise<Phase | null>;
  /** Until the next change of phase; null if none is set. */
  millisecondsToNextChange(now: Date): number | null;
  /**
   * R15: notes that somebody signed in at the legacy login, where the session is made. Never throws, never takes longer than a second; the outbox is reported
   * in the background (`legacySignIns`).
   */
  recordLegacySignIn(signIn: { consoleUserId: string; at: Date }): Promise<void>;
  legacySignIns: LegacySignInReporter;
  /** R11: people of the console are registered at the login server, from the outbox `registrations`. */
  registrations: Registrar;
  /** R18: changes of the login ID, by the console's own outbox (option `loginIds`). */
  loginIds: KitLoginIds;
};

/** Makes the kit. Throws on an option that cannot be right; makes no request, so a console starts while the login server is down. */
export function createConsoleKit(given: ConsoleKitOptions): ConsoleKit {
  const options = checkedOptions(given);
  const outbound = outboundTo(options);
  const findLoginServer = loginServerFinder(options, outbound);
  const sealer = pendingSealer(options.cookieKey);
  const call = consoleApi(options, outbound);
  const plan = planKeeper(options, call);
  const endedSessions = endedSessionsKeeper(options, call);
  const legacySignIns = legacySignInReporter(options, call);
  const loginIds = kitLoginIds(options, call);
  const registrations = registrar(options, outbound);
  return {
    start: async () => {
      await plan.start();
      endedSessions.start();
      if (options.legacySignIns) legacySignIns.start();
      loginIds.start();
      registrations.start();
    },
    stop: async () => {
      await Promise.all([
        plan.stop(),
        endedSessions.stop(),
        legacySignIns.stop(),
        loginIds.stop(),
        registrations.stop(),
      ]);
    },
    consoleOrigin: options.consoleOrigin,
    log: options.log,
    startSignIn: (input) => startSignIn(options, findLoginServer, sealer, input),
    finishSignIn: (input) => finishSignIn(options, findLoginServer, sealer, input),
    initiateSignIn: (query) => initiateSignIn(options, query),
    pendingCookies: pendingCookies(options),
    signOutUrl: (input) => signOutUrl(options, findLoginServer, input),
    receiveLogoutToken: (body) => receiveLogoutToken(options, findLoginServer, body),
    endedSessions,
    receiveLegacyPasswordCheck: (input) => receiveLegacyPasswordCheck(options, findLoginServer, input),
    answersLegacyPasswords: options.legacyPasswords !== undefined,
    receiveEventToken: (body) =>
      receiveEventToken(options, findLoginServer, (told) => deliverEvent(options, told), body),
    takesAccountEvents: options.accountEvents !== undefined,
    resetUrl: (input = {}) => resetUrl(options, input),
    browserOrigins: () => browserOrigins(options, findLoginServer),
    plan,
    gate: (now) => gateAt(plan.current(), now, phaseOnTrial()),
    dryRun: (token) => verifyDryRun(options, findLoginServer, token),
    millisecondsToNextChange: (now) => millisecondsToNextChange(plan.current(), now),
    recordLegacySignIn: (signIn) => recordLegacySignIn(options, signIn),
    legacySignIns,
    registrations,
    loginIds,
  };
}
