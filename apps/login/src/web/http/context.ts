import type { LoginServerDoor } from '#domain/readiness/check-browser.ts';
import type { ConsoleDirectory } from '#domain/consoles/consoles.ts';
import type { ConsoleUses } from '#domain/consoles/uses.ts';
import type { LegacyPasswords } from '#domain/credentials/legacy-passwords.ts';
import type { PasswordHasher } from '#domain/credentials/password-hash.ts';
import type { PasswordRules } from '#domain/credentials/password-rules.ts';
import type { SignInLimits } from '#domain/credentials/sign-in-throttle.ts';
import type { EventWatch } from '#domain/events/poll-watch.ts';
import type { PlanWatch } from '#domain/migration/watch.ts';
import type { LiveSettings } from '#domain/settings/live.ts';
import type { EnvironmentSettings } from '#domain/settings/table.ts';
import type { Db } from '#support/db/database.ts';
import type { Jobs } from '#support/jobs/jobs.ts';
import type { LiveSigningKeys } from '#support/keys/signing-keys.ts';
import type { SecretKeys } from '#support/primitives/secrets.ts';
import type { Brand } from '#support/primitives/brand.ts';
import type { Outbound } from '#support/primitives/outbound.ts';

/** What every route needs; made once by the composition root. Its parts are what domain functions take. */
export type WebContext = {
  /** What consoles know this server by; programs call it here. */
  readonly issuer: string;
  /** What people open; the same as the issuer unless pages and API have a host each. */
  readonly pagesUrl: string;
  readonly secure: boolean;
  /** Whether customers are at work here: operators see it on every page. */
  readonly production: boolean;
  /** Brand, rules, limits and pause are settings: they may be others at the next reading. */
  readonly brand: Brand;
  readonly passwordRules: PasswordRules;
  readonly signInLimits: SignInLimits;
  /** Milliseconds between two codes for one address. */
  readonly sendPause: number;
  readonly settings: LiveSettings;
  /** What holds for settings that were not given. */
  readonly environmentSettings: EnvironmentSettings;
  /** Host names on internal addresses that this server may call. */
  readonly allowedInternalHosts: readonly string[];
  readonly db: Db;
  readonly jobs: Jobs;
  readonly hasher: PasswordHasher;
  readonly legacyPasswords: LegacyPasswords;
  readonly consoles: ConsoleDirectory;
  /** When consoles last did what. */
  readonly uses: ConsoleUses;
  /** The way to registered addresses. */
  readonly outbound: Outbound;
  /** The login server as the browser of a check finds it; there once the server is. */
  readonly door: LoginServerDoor;
  /** Requests of consoles that wait for their plan to change. */
  readonly planWatch: PlanWatch;
  /** Requests of consoles that wait for events. */
  readonly eventWatch: EventWatch;
  /** Signs what consoles fetch. */
  readonly keys: LiveSigningKeys;
  /** The master keys at hand; what is stored sealed is sealed and opened with them. */
  readonly secrets: SecretKeys;
  /** Key that seals the audit log. */
  readonly sealKey: Buffer;
  /** Key of the hashes of verification codes. */
  readonly codeKey: Buffer;
  /** Key of the links that undo a change of a login ID. */
  readonly undoKey: Buffer;
  /** The server's part of the key that kept answers of the API are encrypted with. */
  readonly answerKey: Buffer;
  /** Key of the hashes by which browsers are known again. */
  readonly knownBrowserKey: Buffer;
  /** Encrypts the cookies of consoles behind nginx's `auth_request`. */
  readonly forwardAuthKey: Buffer;
  /** Keys of signed cookies. */
  readonly cookieKey: Buffer;
  readonly clock: () => Date;
  /** Waiting is handed in too, so that tests need not. */
  readonly pause: (milliseconds: number) => Promise<void>;
};
