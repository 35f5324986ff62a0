import { consoleName } from '#domain/consoles/consoles.ts';
import type { ConsoleRow } from '#support/db/schema.ts';
import { LOCALES } from '#support/primitives/locale.ts';

/** Whether somebody typed the console's name, in either language: width, case and spaces are not what it is about. */
export function isNameOf(console: ConsoleRow, typed: string): boolean {
  const plain = (text: string): string => text.normalize('NFKC').replaceAll(/\s+/g, '').toLowerCase();
  return (
    plain(typed) !== '' && LOCALES.some((locale) => plain(consoleName(console, locale)) === plain(typed))
  );
}
