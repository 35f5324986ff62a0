import fc from 'fast-check';

/** One request as nobody should send it: parts of a good one are replaced, doubled or added. */
export type Draw = {
  /** Stands in the path instead of what is there. */
  readonly parameter: string | undefined;
  readonly query: readonly (readonly [string, string])[];
  /** Fields of the page's form that get another value, by their place. */
  readonly replaced: readonly (readonly [number, string])[];
  readonly added: readonly (readonly [string, string])[];
  readonly shape: 'form' | 'json' | 'nested' | 'arrays' | 'text' | 'cut off';
};

const SIZES = { text: 200, long: 60_000 };

const HOSTILE = fc.oneof(
  fc.constantFrom(
    ...[
      '',
      ' ',
      '\0',
      'a\0b',
      '\uffff',
      '\ud800',
      '\r\nset-cookie: x=1',
      '../../etc/passwd',
      '${7*7}',
      "' or 1=1 --",
    ],
    ...[
      '<script>alert(1)</script>',
      '%00',
      '%ff',
      '[]',
      '{}',
      'null',
      'undefined',
      'NaN',
      '-1',
      '0',
      '1e309',
      '٣',
    ],
    ...[
      '9'.repeat(40),
      '2026-02-30',
      '0000-00-00',
      '+010000-01-01T00:00:00Z',
      '24:60',
      'http://[',
      'javascript:x',
    ],
    ...['//evil.example', '\u202e', 'x@\0', '🐟'.repeat(30), '__proto__', 'acc_none', 'on', 'true'],
  ),
  fc.integer({ min: 500, max: SIZES.long }).map((length) => 'x'.repeat(length)),
  fc.string({ unit: 'binary', maxLength: SIZES.text }),
  fc.string({ maxLength: 30 }),
);

/** @param names of parameters and fields that the program knows */
export function draws(names: readonly string[]): fc.Arbitrary<Draw> {
  const pair = fc.tuple(fc.constantFrom(...names, '__proto__', 'constructor', 'x[]', ''), HOSTILE);
  return fc.record({
    parameter: fc.option(
      HOSTILE.map((text) => text.slice(0, 300)),
      { nil: undefined, freq: 3 },
    ),
    query: fc.array(pair, { maxLength: 4 }),
    replaced: fc.array(fc.tuple(fc.nat({ max: 20 }), HOSTILE), { maxLength: 3 }),
    added: fc.array(pair, { maxLength: 2 }),
    shape: fc.constantFrom('form', 'form', 'form', 'form', 'json', 'nested', 'arrays', 'text', 'cut off'),
  });
}

/** The path with its parameters filled in, and the query. */
export function addressOf(path: string, known: (name: string) => string, draw: Draw): string {
  const filled = path
    .replace(
      /\*$/,
      draw.parameter === undefined ? '' : `/${encodeURIComponent(draw.parameter.toWellFormed())}`,
    )
    .replace(/:(\w+)/g, (_, name: string) =>
      // None, and those that browsers resolve, would be another path.
      encodeURIComponent(
        /^\.{0,2}$/.test(draw.parameter ?? '') ? known(name) : (draw.parameter ?? '').toWellFormed(),
      ),
    );
  const query = encoded(draw.query).slice(0, 14_000);
  return `${filled}${query === '' ? '' : `?${query}`}`;
}

/** What is sent, made of the fields that the page's own form would send. */
export function bodyOf(
  fields: readonly (readonly [string, string])[],
  draw: Draw,
): { type: string; text: string } {
  const sent = fields.map(([name, value], at): readonly [string, string] => [
    name,
    draw.replaced.find(([place]) => place % Math.max(1, fields.length) === at && name !== '_csrf')?.[1] ??
      value,
  ]);
  const all = [...sent, ...draw.added];
  const form = 'application/x-www-form-urlencoded';
  switch (draw.shape) {
    case 'form':
      return { type: form, text: encoded(all) };
    case 'arrays':
      return { type: form, text: encoded([...all, ...all]) };
    case 'json':
      return { type: 'application/json', text: JSON.stringify(Object.fromEntries(all)) };
    case 'nested':
      return {
        type: 'application/json',
        text: JSON.stringify(
          Object.fromEntries(all.map(([name, value]) => [name, { [name]: [value, null, 1e308] }])),
        ),
      };
    case 'text':
      return { type: 'multipart/form-data; boundary=x', text: encoded(all) };
    case 'cut off':
      return { type: 'application/json', text: JSON.stringify(Object.fromEntries(all)).slice(0, -1) };
  }
}

/** Names and values of what a page's forms would send, by where they lead. */
export function formsIn(html: string): Map<string, [string, string][]> {
  const forms = new Map<string, [string, string][]>();
  for (const [form] of html.matchAll(/<form\b[^>]*>[^]*?<\/form>/g)) {
    const action = plain(/action="([^"]*)"/.exec(form)?.[1] ?? '').split('?')[0] ?? '';
    const fields: [string, string][] = [];
    for (const [tag] of form.matchAll(/<(?:input|select|textarea|button)\b[^>]*>/g)) {
      const name = /\bname="([^"]*)"/.exec(tag)?.[1];
      if (name !== undefined) fields.push([plain(name), plain(/\bvalue="([^"]*)"/.exec(tag)?.[1] ?? '')]);
    }
    forms.set(action, [...(forms.get(action) ?? []), ...fields]);
  }
  return forms;
}

function plain(text: string): string {
  return text
    .replaceAll('&quot;', '"')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}

function encoded(fields: readonly (readonly [string, string])[]): string {
  return fields
    .map(
      ([name, value]) =>
        `${encodeURIComponent(name)}=${/^%(ff|00)$/.test(value) ? value : encodeURIComponent(value.toWellFormed())}`,
    )
    .join('&');
}
