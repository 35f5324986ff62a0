/** What a notice can say about its reader and its occasion; written `{name}` in subject and body. */
export const PLACEHOLDERS = [
  'name',
  'company',
  'loginId',
  'console',
  'service',
  'cutOverDate',
  'cutOverTime',
  'oldCutOverDate',
  'daysBefore',
  'signInUrl',
  'firstSignInUrl',
  'sender',
  'senderDomain',
  'support',
] as const;
export type Placeholder = (typeof PLACEHOLDERS)[number];
export type PlaceholderValues = { readonly [P in Placeholder]?: string };

export type PlaceholderProblem = {
  /** `placeholder-without-value`: this notice has no such thing, such as a cut-over date when the cut-over was taken back. */
  reason: 'placeholder-unknown' | 'placeholder-unclosed' | 'placeholder-without-value';
  /** What stands between the braces, as far as there is any. */
  name: string;
};

/**
 * Puts the values in. Values are never read for placeholders again, and are one line each, whatever an import brought.
 * A line that held only placeholders and is empty now is left out.
 */
export function fillPlaceholders(
  text: string,
  values: PlaceholderValues,
): { ok: true; text: string } | ({ ok: false } & PlaceholderProblem) {
  const lines: string[] = [];
  for (const line of text.split(/\r\n|\r|\n/)) {
    const filled = fillLine(line, values);
    if (!filled.ok) return filled;
    if (filled.text.trim() !== '' || line.trim() === '') lines.push(filled.text);
  }
  return { ok: true, text: lines.join('\n') };
}

function fillLine(line: string, values: PlaceholderValues): ReturnType<typeof fillPlaceholders> {
  let text = '';
  for (const [part] of line.matchAll(/\{[^{}]*\}?|\}|[^{}]+/g)) {
    if (part === '}') return { ok: false, reason: 'placeholder-unclosed', name: '}' };
    if (!part.startsWith('{')) text += part;
    else {
      const name = part.replace(/^\{|\}$/g, '').slice(0, 40);
      if (!part.endsWith('}')) return { ok: false, reason: 'placeholder-unclosed', name };
      if (!isPlaceholder(name)) return { ok: false, reason: 'placeholder-unknown', name };
      const value = values[name];
      if (value === undefined) return { ok: false, reason: 'placeholder-without-value', name };
      text += oneLine(value);
    }
  }
  return { ok: true, text };
}

/** Without control characters and line ends, so that no value can begin a line, a paragraph or a header of its own. */
export function oneLine(value: string): string {
  return value.replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]+/gu, ' ').trim();
}

function isPlaceholder(name: string): name is Placeholder {
  return (PLACEHOLDERS as readonly string[]).includes(name);
}
