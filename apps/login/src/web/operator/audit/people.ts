import type { ConsoleRow } from '#support/db/schema.ts';
import { consoleName } from '#domain/consoles/consoles.ts';
import type { Locale } from '#support/primitives/locale.ts';
import { actorWords } from '../actor.ts';
import { texts } from './text.ts';

/** Names of those whom some events speak of. */
export type People = {
  accounts: ReadonlyMap<string, { emailAddress: string; name: string }>;
  operators: ReadonlyMap<string, string>;
};

/** Who did it, as people read it. */
export function actorText(
  actor: string,
  people: People,
  consoles: readonly ConsoleRow[],
  locale: Locale,
): string {
  const t = texts[locale];
  if (actor === 'anonymous') return t.anonymous;
  if (actor === 'undo-link') return t.undoLink;
  if (actor.startsWith('console:'))
    return (
      nameOfConsole(
        consoles.find((one) => `console:${one.client_id}` === actor),
        locale,
      ) ?? actor
    );
  return people.accounts.get(actor)?.emailAddress ?? actorWords(actor, people.operators, locale);
}

/** Whom it is about. */
export function accountText(accountId: string | null, people: People): string {
  if (accountId === null) return '–';
  return people.accounts.get(accountId)?.emailAddress ?? accountId;
}

export function consoleText(
  consoleId: string | null,
  consoles: readonly ConsoleRow[],
  locale: Locale,
): string {
  if (consoleId === null) return '–';
  return (
    nameOfConsole(
      consoles.find((one) => one.id === consoleId),
      locale,
    ) ?? consoleId
  );
}

function nameOfConsole(console: ConsoleRow | undefined, locale: Locale): string | undefined {
  return console && consoleName(console, locale);
}
