import type { ConsoleRow } from '#support/db/schema.ts';
import { domainOf, type Directory } from './directory-tokens.ts';

/** Who tells us of people: the console itself, or a directory that was registered for it. */
export type Provider = {
  console: ConsoleRow;
  /** Null: the console itself. */
  directory: Directory | null;
};

/** The provider as the audit log and changes of login IDs name it. */
export function actorOf({ console, directory }: Provider): string {
  return directory ? `directory:${directory.id}` : `console:${console.client_id}`;
}

/** Whether `externalId` is the console's own user id; if not, we make up the user id. */
export function namesConsoleUsers({ directory }: Provider): boolean {
  return directory === null || directory.consoleIds;
}

/** Whether a directory may speak of an address, whoever has it. */
export function mayName({ directory }: Provider, emailKey: string): boolean {
  return !directory || directory.domains.length === 0 || directory.domains.includes(domainOf(emailKey));
}
