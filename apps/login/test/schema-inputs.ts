import fc from 'fast-check';
import { sampleOf, type JsonSchema } from '#web/api/openapi/samples.ts';

type Schemas = Readonly<Record<string, JsonSchema>>;

/** Values that lead somewhere, by the name of a property; drawn as often as values that the schema alone would allow. */
export type Pool = Readonly<Record<string, readonly unknown[]>>;

/** Values of all that a schema allows, with values of the pool where a property has such a name. */
export function allowed(
  schema: JsonSchema,
  known: Schemas,
  pool: Pool,
  name = '',
  depth = 0,
): fc.Arbitrary<unknown> {
  const of = (one: JsonSchema, as = name): fc.Arbitrary<unknown> => allowed(one, known, pool, as, depth + 1);
  const drawn = fromSchema(schema, known, of, depth);
  const some = pool[name];
  return some
    ? fc.oneof({ weight: 2, arbitrary: fc.constantFrom(...some) }, { weight: 1, arbitrary: drawn })
    : drawn;
}

function fromSchema(
  schema: JsonSchema,
  known: Schemas,
  of: (one: JsonSchema, as?: string) => fc.Arbitrary<unknown>,
  depth: number,
): fc.Arbitrary<unknown> {
  if (schema.$ref !== undefined) return of(known[schema.$ref.split('/').at(-1) ?? ''] ?? {});
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return fc.oneof(...choices.map((one) => of(one)));
  const type = Array.isArray(schema.type) ? (schema.type as string[])[0] : schema.type;
  switch (type) {
    case 'object':
      return objectOf(schema, of);
    case 'array':
      return fc.array(of(schema.items ?? {}), {
        minLength: schema.minItems ?? 0,
        maxLength: Math.min(schema.maxItems ?? 3, 3),
      });
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'integer':
    case 'number':
      return fc.integer({
        min: Math.max(schema.minimum ?? -1_000, -(2 ** 31)),
        max: Math.min(schema.maximum ?? 1_000, 2 ** 31 - 1),
      });
    case 'string':
      return stringOf(schema);
    case undefined:
    default:
      return depth > 4 ? fc.constant(null) : fc.jsonValue({ maxDepth: 2 });
  }
}

function objectOf(
  schema: JsonSchema,
  of: (one: JsonSchema, as?: string) => fc.Arbitrary<unknown>,
): fc.Arbitrary<unknown> {
  const properties = Object.fromEntries(
    Object.entries(schema.properties ?? {}).map(([key, one]) => [key, of(one, key)]),
  );
  return fc.record(properties, { requiredKeys: [...(schema.required ?? [])] });
}

function stringOf(schema: JsonSchema): fc.Arbitrary<string> {
  const { minLength = 0, maxLength = 40, format } = schema;
  if (format === 'date-time')
    return fc
      .date({
        min: new Date('2020-01-01T00:00:00Z'),
        max: new Date('2030-12-31T00:00:00Z'),
        noInvalidDate: true,
      })
      .map((date) => date.toISOString());
  if (format === 'date')
    return fc
      .date({
        min: new Date('2020-01-01T00:00:00Z'),
        max: new Date('2030-12-31T00:00:00Z'),
        noInvalidDate: true,
      })
      .map((date) => date.toISOString().slice(0, 10));
  if (format === 'uuid') return fc.uuid();
  if (schema.pattern !== undefined)
    return fc
      .stringMatching(new RegExp(schema.pattern, 'u'), { maxLength: Math.min(maxLength, 60) })
      .filter((text) => text.length >= minLength && text.length <= maxLength);
  return fc
    .string({ unit: 'grapheme', minLength, maxLength: Math.min(maxLength, 40) })
    .filter((text) => text.length <= maxLength);
}

/** One value that a schema does not allow, and which of its constraints it breaks. */
export type Broken = { breaks: string; value: unknown };

/**
 * The sample of a schema with one of its constraints broken at a time: types, missing and additional fields, lengths, ranges, choices and patterns; and at the texts what
 * schemas do not say: NUL, half a character, very long.
 */
export function broken(schema: JsonSchema, known: Schemas): { refused: Broken[]; odd: Broken[] } {
  const whole = sampleOf(schema, known);
  const refused: Broken[] = [];
  const odd: Broken[] = [];
  visit(schema, whole, '', (value) => value);
  return { refused, odd };

  function visit(given: JsonSchema, sample: unknown, path: string, put: (value: unknown) => unknown): void {
    const one = given.$ref === undefined ? given : (known[given.$ref.split('/').at(-1) ?? ''] ?? {});
    const add = (breaks: string, value: unknown) =>
      refused.push({ breaks: `${path || '/'} ${breaks}`, value: put(value) });
    const choices = one.anyOf ?? one.oneOf;
    if (choices) {
      const chosen = choices.find((choice) => choice.type !== 'null');
      // What another choice allows is no break.
      if (
        chosen &&
        choices.filter((choice) => choice.type !== 'null').length === 1 &&
        Object.keys(chosen).length > 0
      )
        visit(chosen, sample, path, put);
      return;
    }
    if (one.enum) return void add('is no choice', 'no-such-choice');
    if (one.const !== undefined) return;
    const type = Array.isArray(one.type) ? undefined : one.type;
    if (type === undefined) return;
    const wrong = {
      object: 'text',
      array: { a: 1 },
      string: 7,
      boolean: 'yes',
      integer: 1.5,
      number: 'seven',
    };
    add('is of another type', wrong[type as keyof typeof wrong] ?? 'text');
    if (type === 'string') {
      if (one.maxLength !== undefined) add('is too long', 'x'.repeat(one.maxLength + 1));
      if ((one.minLength ?? 0) > 0) add('is too short', '');
      if (one.pattern !== undefined && !new RegExp(one.pattern, 'u').test('\n')) add('does not match', '\n');
      for (const [words, text] of [
        ['NUL', 'a\0b'],
        ['half a character', '\ud800'],
        ['right to left', '\u202e見本'],
        ['huge', '長'.repeat(10_000)],
        ['SQL', "'; drop table account; --"],
      ] as const)
        odd.push({ breaks: `${path || '/'} ${words}`, value: put(text) });
    }
    if (type === 'integer' || type === 'number') {
      if (one.maximum !== undefined) add('is too large', one.maximum + 1);
      if (one.minimum !== undefined) add('is too small', one.minimum - 1);
      odd.push(
        { breaks: `${path || '/'} huge`, value: put(2 ** 53) },
        { breaks: `${path} tiny`, value: put(-(2 ** 53)) },
      );
    }
    if (type === 'array' && Array.isArray(sample)) {
      const first: unknown = sample[0];
      if (one.maxItems !== undefined)
        add(
          'has too many',
          Array.from({ length: one.maxItems + 1 }, () => first),
        );
      if ((one.minItems ?? 0) > 0) add('has too few', []);
      if (one.items) visit(one.items, first, `${path}/0`, (value) => put([value]));
    }
    if (type === 'object' && typeof sample === 'object' && sample !== null) {
      const fields = sample as Record<string, unknown>;
      for (const name of one.required ?? [])
        add(`lacks ${name}`, Object.fromEntries(Object.entries(fields).filter(([key]) => key !== name)));
      for (const extra of FIELDS_OF_TABLES) {
        if (one.properties && extra in one.properties) continue;
        const value = put({ ...fields, [extra]: 'administrator' });
        (one.additionalProperties === false ? refused : odd).push({
          breaks: `${path || '/'} has ${extra}`,
          value,
        });
      }
      for (const [name, property] of Object.entries(one.properties ?? {}))
        visit(property, fields[name], `${path}/${name}`, (value) => put({ ...fields, [name]: value }));
    }
  }
}

/** Columns that a caller would like to set (A1). */
const FIELDS_OF_TABLES = [
  'isAdministrator',
  'account_id',
  'token_hash',
  'password_hash',
  'state_',
  '__proto__x',
];
