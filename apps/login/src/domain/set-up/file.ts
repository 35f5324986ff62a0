import { isMap, isPair, isScalar, LineCounter, parseDocument, visit, type Document } from 'yaml';
import { z } from 'zod';
import { SETTING_KEYS } from '#domain/settings/table.ts';
import type { Locale } from '#support/primitives/locale.ts';
import { texts } from './texts.ts';

/** Where in a file something stands: keys and places in lists. */
export type FilePath = readonly (string | number)[];

/** What is wrong with a file, and in which line (the first is 1). */
export type FileFault = { line: number; path: string; message: string };

/** A file that was read, with the line of every place in it. */
export type SetUpFile = { setUp: SetUp; lineOf(path: FilePath): number };

const TEXT = z.string().max(10_000);
const ADDRESS = TEXT.nullable();
const MINUTES = z.number().int().nullable();
const NAME = z.strictObject({ ja: TEXT, en: TEXT });
/** `env:NAME` or `file:PATH`; never the secret itself. */
const SECRET_REFERENCE = z.string().max(1_000);

const CONSOLE = z.strictObject({
  clientId: TEXT,
  clientSecret: SECRET_REFERENCE.optional(),
  name: NAME.partial().optional(),
  homeUrl: TEXT.optional(),
  initiateLoginUri: ADDRESS.optional(),
  redirectUris: z.array(TEXT).max(100).optional(),
  postLogoutRedirectUris: z.array(TEXT).max(100).optional(),
  backchannelLogoutUri: ADDRESS.optional(),
  eventUri: ADDRESS.optional(),
  legacyLoginUrl: ADDRESS.optional(),
  domains: z.array(TEXT).max(200).optional(),
  idTokenAlg: z.enum(['RS256', 'ES256']).optional(),
  requirePkce: z.boolean().optional(),
  keyColour: TEXT.nullable().optional(),
  supportContact: NAME.partial().optional(),
  sessionIdleMinutes: MINUTES.optional(),
  sessionAbsoluteMinutes: MINUTES.optional(),
  signInMaxAgeMinutes: MINUTES.optional(),
  checkUrl: ADDRESS.optional(),
  checkUserId: TEXT.nullable().optional(),
  apiScopes: z.array(TEXT).max(100).optional(),
});
const OPERATOR = z.strictObject({ loginId: TEXT, role: z.enum(['viewer', 'support', 'administrator']) });
const FILE = z.strictObject({
  version: z.literal(1),
  settings: z.partialRecord(z.enum(SETTING_KEYS), z.union([z.string(), z.number(), z.null()])).optional(),
  consoles: z.array(CONSOLE).max(1_000).optional(),
  operators: z.array(OPERATOR).max(10_000).optional(),
});

export type SetUp = z.infer<typeof FILE>;
export type DescribedConsole = z.infer<typeof CONSOLE>;

/** Longer ones are not read. */
const LONGEST_FILE = 1024 * 1024;

/** Reads a file that describes a set-up. Every fault is named at once, with its line, in the reader's language. */
export function readSetUp(
  text: string,
  locale: Locale,
): { ok: true; file: SetUpFile } | { ok: false; faults: readonly FileFault[] } {
  const t = texts[locale];
  if (text.length > LONGEST_FILE) return { ok: false, faults: [{ line: 1, path: '', message: t.tooLong }] };
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  const lineOf = (path: FilePath): number => lineIn(document, lines, path);
  if (document.errors.length > 0)
    return {
      ok: false,
      faults: document.errors.map((error) => ({
        line: lines.linePos(error.pos[0]).line,
        path: '',
        message: `${t.notYaml} (${error.message})`,
      })),
    };
  const aliases = aliasLines(document, lines);
  if (aliases.length > 0)
    return { ok: false, faults: aliases.map((line) => ({ line, path: '', message: t.alias })) };
  const content: unknown = document.toJS();
  const { localeError } = z.locales[locale]();
  const read = FILE.safeParse(content, { error: localeError });
  const faults: FileFault[] = (read.error?.issues ?? []).flatMap((issue) => {
    const path = issue.path.filter((step) => typeof step !== 'symbol');
    const places = issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...path, key]) : [path];
    return places.map((place) => ({ line: lineOf(place), path: place.join('.'), message: issue.message }));
  });
  if (!read.success) return { ok: false, faults };
  const twice = [...doubles(read.data)].map(({ path, name }) => ({
    line: lineOf(path),
    path: path.join('.'),
    message: t.twice(name),
  }));
  const inline = (read.data.consoles ?? []).flatMap(({ clientSecret }, i) =>
    clientSecret === undefined || /^(env:[A-Za-z_][A-Za-z0-9_]*|file:.+)$/.test(clientSecret)
      ? []
      : [
          {
            line: lineOf(['consoles', i, 'clientSecret']),
            path: `consoles.${i}.clientSecret`,
            message: t.secretInline,
          },
        ],
  );
  const all = [...twice, ...inline].sort((a, b) => a.line - b.line);
  return all.length > 0 ? { ok: false, faults: all } : { ok: true, file: { setUp: read.data, lineOf } };
}

/** The line of a place, or of the nearest one around it that stands in the file. */
function lineIn(document: Document.Parsed, lines: LineCounter, path: FilePath): number {
  for (let length = path.length; length > 0; length--) {
    const around = document.getIn(path.slice(0, length - 1), true) ?? document.contents;
    const step = path[length - 1];
    const pair = isMap(around)
      ? around.items.find((one) => isPair(one) && isScalar(one.key) && one.key.value === step)
      : undefined;
    const node = (pair?.key ?? document.getIn(path.slice(0, length), true)) as
      { range?: readonly number[] | null } | undefined;
    const start = node?.range?.[0];
    if (start !== undefined) return lines.linePos(start).line;
  }
  return 1;
}

/** The lines in which something is said by pointing elsewhere: that could make a small file a large one. */
function aliasLines(document: Document.Parsed, lines: LineCounter): number[] {
  const found: number[] = [];
  visit(document, {
    Alias: (_key, alias) => void found.push(lines.linePos(alias.range?.[0] ?? 0).line),
  });
  return found;
}

/** What is described a second time. */
function* doubles({ consoles = [], operators = [] }: SetUp): Generator<{ path: FilePath; name: string }> {
  const seen = new Set<string>();
  for (const [i, { clientId }] of consoles.entries()) {
    if (seen.has(clientId)) yield { path: ['consoles', i, 'clientId'], name: clientId };
    seen.add(clientId);
  }
  const people = new Set<string>();
  for (const [i, { loginId }] of operators.entries()) {
    const key = loginId.trim().toLowerCase();
    if (people.has(key)) yield { path: ['operators', i, 'loginId'], name: loginId };
    people.add(key);
  }
}
