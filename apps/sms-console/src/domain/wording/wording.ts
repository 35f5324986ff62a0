import { lineBreaksAsSent } from '#domain/message-text/message-text.ts';
import { readText, type TextFault } from '#domain/messages/text.ts';

const PLACEHOLDER = /\{([^{}\n]{1,40})\}/gu;
/** Names under which people ask for the name of whoever gets the message. */
const NAMES = ['名前', '氏名', 'お名前', 'name'];

/** The placeholders of a text such as {名前}, each once, in the order in which they come. */
export function placeholdersIn(text: string): readonly string[] {
  return [...new Set([...text.matchAll(PLACEHOLDER)].map(([, name]) => (name ?? '').trim()))];
}

/** Which of a text's placeholders none of these columns can fill. */
export function unknownPlaceholders(text: string, columns: readonly string[]): readonly string[] {
  const known = Object.fromEntries(columns.map((column) => [column, column]));
  return placeholdersIn(text).filter((name) => valueFor(name, known) === undefined);
}

/** Puts the values into the text. `unfilled` are the placeholders for which there is no value or an empty one. */
export function fillIn(
  text: string,
  fields: Readonly<Record<string, string>>,
): { text: string; unfilled: readonly string[] } {
  const unfilled = new Set<string>();
  const filled = text.replace(PLACEHOLDER, (whole, name: string) => {
    const value = valueFor(name.trim(), fields)?.trim() ?? '';
    if (value === '') unfilled.add(name.trim());
    return value === '' ? whole : value;
  });
  return { text: filled, unfilled: [...unfilled] };
}

/** A text as it goes out: line breaks as phones want them, nothing at its ends. */
export function asSent(typed: string): string {
  return lineBreaksAsSent(typed).trim();
}

/** What keeps a text from being sent by a company with this rule. */
export function textFault(text: string, { longMessages }: { longMessages: boolean }): TextFault | null {
  const read = readText(text);
  if (!read.ok) return read.reason;
  return !longMessages && read.parts > 1 ? 'text-too-long' : null;
}

function valueFor(name: string, fields: Readonly<Record<string, string>>): string | undefined {
  if (Object.hasOwn(fields, name)) return fields[name];
  const plain = plainName(name);
  const same = Object.keys(fields).find((key) => plainName(key) === plain);
  if (same !== undefined) return fields[same];
  if (!NAMES.includes(plain)) return undefined;
  const other = Object.keys(fields).find((key) => NAMES.includes(plainName(key)));
  return other === undefined ? undefined : fields[other];
}

function plainName(name: string): string {
  return name.normalize('NFKC').toLowerCase().replace(/\s/g, '');
}
