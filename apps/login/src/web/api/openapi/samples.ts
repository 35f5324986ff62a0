/** What we read of a JSON Schema (draft 2020-12). */
export type JsonSchema = {
  $ref?: string;
  type?: string | readonly string[];
  enum?: readonly unknown[];
  const?: unknown;
  default?: unknown;
  format?: string;
  pattern?: string;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
  items?: JsonSchema;
  minItems?: number;
  maxItems?: number;
  properties?: Readonly<Record<string, JsonSchema>>;
  required?: readonly string[];
  additionalProperties?: boolean | JsonSchema;
  propertyNames?: JsonSchema;
  anyOf?: readonly JsonSchema[];
  oneOf?: readonly JsonSchema[];
  allOf?: readonly JsonSchema[];
  description?: string;
};

/** Values that a reader takes for what they are: samples. */
const BY_NAME: Readonly<Record<string, unknown>> = {
  emailAddress: 'taro@example.co.jp',
  newEmailAddress: 'taro.mihon@example.co.jp',
  reason: 'お電話でご本人を確認',
  note: 'お電話でお伝えした',
  name: '夜間の集計',
  subject: 'ログイン方法が変わります',
  body: '{{name}} 様',
  consoleUserId: 'user-1001',
  clientId: 'sms',
  code: '12345678',
  id: 'b0d7b1de-5b0e-4f57-9d0c-2f6c7f3f8a10',
  round: 'b0d7b1de-5b0e-4f57-9d0c-2f6c7f3f8a10',
  uri: 'https://sms.example.co.jp/auth/legacy-password',
  days: 90,
  revision: 3,
  version: 4,
  stream_id: 'str_sample',
  endpoint_url: 'https://sms.example.co.jp/auth/events',
  authorization_header: 'Bearer sample',
};

/** An example of what a schema describes, with sample values where the name of a property is known. */
export function sampleOf(
  schema: JsonSchema,
  known: Readonly<Record<string, JsonSchema>>,
  name = '',
  depth = 0,
): unknown {
  const of = (one: JsonSchema): unknown => sampleOf(one, known, name, depth + 1);
  if (depth > 8) return null;
  if (schema.$ref !== undefined) return of(known[schema.$ref.split('/').at(-1) ?? ''] ?? {});
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return schema.enum[0];
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return of(choices.find((one) => one.type !== 'null') ?? {});
  if (schema.allOf) return Object.assign({}, ...schema.allOf.map((one) => of(one) as object)) as unknown;
  const type = Array.isArray(schema.type) ? (schema.type as string[])[0] : schema.type;
  if (type === 'object')
    return Object.fromEntries(
      Object.entries(schema.properties ?? {}).map(([key, one]) => [
        key,
        sampleOf(one, known, key, depth + 1),
      ]),
    );
  if (type === 'array') return schema.items ? [of(schema.items)] : [];
  if (type === 'boolean') return schema.default ?? true;
  const byName = BY_NAME[name];
  if (type === 'number' || type === 'integer')
    return typeof byName === 'number' ? byName : (schema.default ?? schema.minimum ?? 1);
  if (type !== 'string') return byName ?? null;
  if (schema.format === 'date-time') return '2027-03-31T22:00:00+09:00';
  if (schema.format === 'date') return '2027-03-31';
  const pattern = new RegExp(schema.pattern ?? '', 'u');
  return (
    [
      byName,
      schema.default,
      '見本',
      'sample',
      '1',
      'b0d7b1de-5b0e-4f57-9d0c-2f6c7f3f8a10',
      'acc_sample',
    ].find(
      (text) =>
        typeof text === 'string' &&
        text.length >= (schema.minLength ?? 0) &&
        text.length <= (schema.maxLength ?? Infinity) &&
        pattern.test(text),
    ) ?? 'x'
  );
}
