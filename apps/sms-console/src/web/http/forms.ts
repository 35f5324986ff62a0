const LONGEST = 1_000;

/**
 * One field of a form or query, as text. A field that is missing, doubled or not text is empty; control characters are taken
 * out (PostgreSQL takes no NUL) and so is what exceeds 1,000 characters.
 */
export function field(source: unknown, name: string): string {
  const value = rawField(source, name);

  return value.replace(/[\u0000-\u001f\u007f]/g, '').slice(0, LONGEST);
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
