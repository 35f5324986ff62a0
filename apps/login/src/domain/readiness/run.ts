import type { ConsoleRow } from '#support/db/schema.ts';
import type { Db } from '#support/db/database.ts';
import type { SigningKeys } from '#support/keys/signing-keys.ts';
import type { SecretKeys } from '#support/primitives/secrets.ts';
import type { Outbound } from '#support/primitives/outbound.ts';
import { checkBrowser, type CheckBrowser, type LoginServerDoor } from './check-browser.ts';
import type { CookieJar } from './cookie-jar.ts';
import type { TestAccount } from './test-account.ts';

/** With what a console is checked. */
export type CheckTools = {
  db: Db;
  outbound: Outbound;
  issuer: string;
  /** What browsers are led to; the same unless pages and API have a host each. */
  pagesUrl: string;
  door: LoginServerDoor;
  keys: SigningKeys;
  /** Opens what a console wants said with each push. */
  secrets: SecretKeys;
  clock: () => Date;
};

/** One check that is under way. */
export type CheckRun = {
  tools: CheckTools;
  console: ConsoleRow;
  account: TestAccount;
  /** The cookies of the login server. */
  loginServer: CookieJar;
};

/** A browser that has never been at the console, or one with these cookies. */
export function newBrowser({ tools, console, loginServer }: CheckRun, jar?: CookieJar): CheckBrowser {
  return checkBrowser(tools, console, loginServer, jar);
}

export function isAtLoginServer({ tools }: CheckRun, url: string): boolean {
  return [tools.pagesUrl, tools.issuer].includes(new URL(url).origin);
}
