import type { ProvisionedPerson } from '#domain/provisioning/people.ts';
import type { SaidOfUser } from '#domain/provisioning/said.ts';
import {
  ENTERPRISE_SCHEMA,
  fateOf,
  LOGIN_SCHEMA,
  Messages,
  PATCH_SCHEMA,
  USER_SCHEMA,
  type ScimUser,
} from './schema.ts';
import type { ScimRefusal } from './refusal.ts';
import { booleanOf, isObject, readableEntry, refusalOf, saidOf, SPELLINGS, userOf } from './user-body.ts';

type Operation = { op: string; path?: string; value?: unknown };
export type ReadPatch = { ok: true; operations: readonly Operation[] } | { ok: false; refusal: ScimRefusal };

const MOST_OPERATIONS = 100;

/**
 * Reads a PATCH (RFC 7644 §3.5.2) as directories send it: operations in any case, without a path, booleans as words, attributes in any case, and attributes that are not kept, which are passed over
 * so that the rest takes effect.
 */
export function readPatch(body: unknown): ReadPatch {
  if (!isObject(body) || !Array.isArray(body.schemas) || !body.schemas.includes(PATCH_SCHEMA))
    return refused('syntax-invalid', `schemas must include ${PATCH_SCHEMA}.`);
  const given = body.Operations ?? body.operations;
  if (!Array.isArray(given) || given.length === 0)
    return refused('syntax-invalid', 'Operations must be a list with at least one operation.');
  if (given.length > MOST_OPERATIONS)
    return refused('syntax-invalid', `One request takes at most ${MOST_OPERATIONS} operations.`);
  const operations: Operation[] = [];
  for (const one of given as unknown[]) {
    if (!isObject(one) || typeof one.op !== 'string')
      return refused('syntax-invalid', 'Each operation needs an op: add, replace or remove.');
    const op = one.op.toLowerCase();
    if (!['add', 'replace', 'remove'].includes(op))
      return refused('syntax-invalid', 'Each operation needs an op: add, replace or remove.');
    if (one.path !== undefined && typeof one.path !== 'string') return refused('path-invalid');
    if (one.path === undefined || one.path === '') {
      if (op === 'remove') return refused('target-missing', 'remove needs a path.');
      if (!isObject(one.value))
        return refused('value-invalid', 'Without a path, value is an object of attributes.');
      const read = readValues(op, one.value);
      if (!read.ok) return read;
      operations.push(...read.operations);
    } else {
      const path = readPath(one.path);
      if (path.fate === 'unknown') return refused('path-invalid');
      if (path.fate === 'forgotten') continue;
      if (op !== 'remove' && one.value === undefined) return refused('value-invalid', 'value is missing.');
      operations.push(operation(op, path.path, one.value));
    }
  }
  return { ok: true, operations };
}

/** What is to be of a person when a PATCH is applied to them. */
export async function patched(
  person: ProvisionedPerson,
  operations: readonly Operation[],
): Promise<{ ok: true; said: SaidOfUser } | { ok: false; refusal: ScimRefusal }> {
  const user = userOf(person);
  if (operations.length === 0) return saidOf(user as ScimUser);
  try {
    const message = new Messages.PatchOp({ schemas: [PATCH_SCHEMA], Operations: operations as never });
    const changed = (await message.apply(user as never)) as ScimUser | undefined;
    return saidOf(changed ?? (user as ScimUser));
  } catch (error) {
    return { ok: false, refusal: refusalOf(error) };
  }
}

/** An operation without a path is one of each attribute that its value names. */
function readValues(op: string, value: Record<string, unknown>): ReadPatch {
  const operations: Operation[] = [];
  for (const [key, one] of Object.entries(value)) {
    const { fate, path } = readPath(key);
    if (fate === 'unknown') return refused('path-invalid');
    if (fate === 'kept') operations.push(operation(op, path, one));
  }
  return { ok: true, operations };
}

function operation(op: string, path: string, value: unknown): Operation {
  if (op === 'remove') return { op, path };
  if (value === null) return { op: 'remove', path };
  const readable = path === 'active' ? booleanOf(value) : readableEntry([path, value])[1];
  return { op, path, value: readable };
}

/** The path as the schema spells it, and whether what it names is kept. */
function readPath(given: string): { fate: ReturnType<typeof fateOf>; path: string } {
  const lower = given.toLowerCase();
  for (const schema of [ENTERPRISE_SCHEMA, LOGIN_SCHEMA])
    if (lower === schema.toLowerCase() || lower.startsWith(`${schema.toLowerCase()}:`)) {
      const part = given.slice(schema.length + 1);
      if (schema === LOGIN_SCHEMA) return { fate: 'forgotten', path: given };
      if (part === '') return { fate: 'kept', path: schema };
      const isCompany = part.toLowerCase() === 'organization';
      return { fate: isCompany ? 'kept' : 'forgotten', path: `${schema}:organization` };
    }
  const bare = lower.startsWith(`${USER_SCHEMA.toLowerCase()}:`)
    ? given.slice(USER_SCHEMA.length + 1)
    : given;
  const root = /^[a-z$_-][\w$-]*/i.exec(bare)?.[0] ?? '';
  const fate = fateOf(root);
  if (fate !== 'kept') return { fate, path: bare };
  const parts = bare.split('.').map((part) => SPELLINGS.get(part.toLowerCase()));
  const [first, second] = parts;
  const isPath =
    (parts.length === 1 && first !== undefined) ||
    (parts.length === 2 && first === 'name' && second !== undefined && second !== 'organization');
  if (isPath) return { fate, path: parts.join('.') };
  // Parts of a name that are not kept: titles, middle names.
  const isPartOfName = /^name\.(middleName|honorificPrefix|honorificSuffix)$/i.test(bare);
  return { fate: isPartOfName ? 'forgotten' : 'unknown', path: bare };
}

function refused(reason: ScimRefusal['reason'], detail?: string): { ok: false; refusal: ScimRefusal } {
  return { ok: false, refusal: { reason, ...(detail === undefined ? {} : { detail }) } };
}
