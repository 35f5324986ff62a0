export { createConsoleKit } from './kit.ts';
export type { ConsoleKit } from './kit.ts';
export type {
  Clock,
  ConsoleKitOptions,
  ConsoleSettings,
  EndedSessionsStore,
  KitLog,
  LegacyPasswords,
  LegacySignIn,
  LegacySignInStore,
  LogoutTokenStore,
  PlanStore,
  Registration,
  RegistrationOutcome,
  RegistrationStore,
  SessionStore,
} from './options.ts';
export { memoryReceivedEventStore } from './events/account-event.ts';
export type {
  AccountEvent,
  AccountEventKind,
  AccountEvents,
  ReceivedEventStore,
} from './events/account-event.ts';
export type { EndedSessionsKeeper } from './ended-sessions.ts';
export {
  memoryEndedSessionsStore,
  memoryLegacySignInStore,
  memoryLogoutTokenStore,
  memoryPlanStore,
  memorySessionBindings,
  memoryStores,
} from './stores/memory-stores.ts';
export type { SessionBinding, SessionBindings } from './session-bindings.ts';
export { postgresLoginIdStore } from './stores/postgres-login-ids.ts';
export type { PostgresPool, UserTable } from './stores/postgres-login-ids.ts';
export { postgresSchema } from './stores/postgres-schema.ts';
export { postgresStores } from './stores/postgres-stores.ts';
export type { KitStores, PostgresQuery } from './stores/postgres-stores.ts';
export type { Locale } from './locale.ts';
export type { KitLoginIds } from './kit-login-ids.ts';
export type {
  AppliedLoginId,
  KnownLoginId,
  LoginIdChange,
  LoginIdChangeFields,
  LoginIdChangeReason,
  LoginIdChangeState,
  LoginIdStore,
  LoginIdToApply,
  LoginIdWish,
  SentCode,
} from './login-ids.ts';
export { memoryLoginIdStore } from './stores/memory-login-ids.ts';
export type { LegacySignInReporter } from './legacy-sign-ins.ts';
export type { Registrar, RegistrationsFlushed } from './registrations.ts';
export type { PlanKeeper } from './plan/keeper.ts';
export { gateAt, millisecondsToNextChange, phaseAt } from './plan/phase.ts';
export type { Allowance, Gate, Phase, Plan } from './plan/plan.ts';
export type {
  EventTokenRefusal,
  EventTokenResult,
  FinishSignInInput,
  FinishSignInResult,
  InitiateSignInResult,
  LegacyPasswordCheckInput,
  LegacyPasswordCheckRefusal,
  LegacyPasswordCheckResult,
  LoginIdChangeCancelResult,
  LoginIdChangeConfirmResult,
  LoginIdChangeRequest,
  LoginIdChangeRequestResult,
  LoginIdCodeResendResult,
  LoginIdsCompared,
  LogoutTokenRefusal,
  LogoutTokenResult,
  RefusedByLoginServer,
  ResetUrlInput,
  SignedIn,
  SignInFailure,
  SignOutUrlInput,
  SignOutUrlResult,
  StartSignInInput,
  StartSignInResult,
  Unreachable,
} from './results.ts';
export { safeReturnPath } from './sign-in/return-path.ts';
export type { PendingCookies } from './sign-in/pending-cookies.ts';
