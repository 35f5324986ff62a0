const LONGEST = 1_000;

/**
 * One field of a form or query, as text. A field that is missing, doubled or not text is empty; control characters are taken
 * out (PostgreSQL takes no NUL) and so is what exceeds 1,000 characters.
 */
export function field(source: unknown, name: string): string {
  const value = rawField(source, name);

  return value.replace(/[\u0000-\u001f\u007f]/g, '').slice(0, LONGEST);
}

/** A field of several lines, up to `longest` characters: line breaks as LF, tabs kept, other control characters taken out. */
export function linesField(source: unknown, name: string, longest: number): string {
  return rawField(source, name)
    .replace(/\r\n?/g, '\n')
    .replace(/[\u0000-\u0008\u000b-\u001f\u007f]/g, '')
    .slice(0, longest)
    .toWellFormed();
}

/** The values of a field that may come more than once, such as boxes that are ticked; 500 at most. */
export function listField(source: unknown, name: string): readonly string[] {
  if (typeof source !== 'object' || source === null || !Object.hasOwn(source, name)) return [];
  const value: unknown = (source as Record<string, unknown>)[name];
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  return values
    .slice(0, 500)
    .filter((one) => typeof one === 'string')
    .map((one) => field({ one }, 'one'));
}

/** A password field: exactly as typed, up to 1,000 characters. */
export function passwordField(source: unknown, name: string): string {
  return rawField(source, name).slice(0, LONGEST);
}

function rawField(source: unknown, name: string): string {
  if (typeof source !== 'object' || source === null || !Object.hasOwn(source, name)) return '';
  const value: unknown = (source as Record<string, unknown>)[name];
  return typeof value === 'string' ? value : '';
}
