import { ENTERPRISE_SCHEMA, LOGIN_SCHEMA, USER_SCHEMA } from './schema.ts';
import { isObject, type UserResource } from './user-body.ts';

export type Projection = { attributes?: readonly string[]; excluded?: readonly string[] };

/** Reads `attributes` and `excludedAttributes` (RFC 7644 §3.9); undefined where both are given, which contradict each other. */
export function readProjection(
  attributes: string | readonly string[] | undefined,
  excluded: string | readonly string[] | undefined,
): Projection | undefined {
  if (attributes !== undefined && excluded !== undefined) return undefined;
  return {
    ...(attributes === undefined ? {} : { attributes: listOf(attributes) }),
    ...(excluded === undefined ? {} : { excluded: listOf(excluded) }),
  };
}

/** A user with what was asked for; `schemas` and `id` are always there (RFC 7643 §2.4). */
export function project(user: UserResource, { attributes, excluded }: Projection): Record<string, unknown> {
  if (!attributes && !excluded) return user;
  return Object.fromEntries(
    Object.entries(user).flatMap(([key, value]) => {
      if (key === 'schemas' || key === 'id') return [[key, value]];
      const kept = part(key.toLowerCase(), value);
      return kept === undefined ? [] : [[key, kept]];
    }),
  );

  function part(path: string, value: unknown): unknown {
    if (attributes?.includes(path)) return value;
    if (excluded?.includes(path)) return undefined;
    if (Array.isArray(value)) {
      const parts = value.map((one) => part(path, one)).filter((one) => one !== undefined);
      return parts.length === 0 ? undefined : parts;
    }
    if (!isObject(value)) return attributes ? undefined : value;
    const parts = Object.entries(value).flatMap(([key, one]) => {
      const sub = part(`${path}.${key.toLowerCase()}`, one);
      return sub === undefined ? [] : [[key, sub] as const];
    });
    return parts.length === 0 ? undefined : Object.fromEntries(parts);
  }
}

/** Names in lower case, of the core schema without its URN, of an extension with a dot behind its URN. */
function listOf(given: string | readonly string[]): string[] {
  return [given]
    .flat()
    .flatMap((text) => text.split(','))
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '')
    .map((name) => {
      for (const schema of [ENTERPRISE_SCHEMA, LOGIN_SCHEMA].map((one) => one.toLowerCase()))
        if (name.startsWith(`${schema}:`)) return `${schema}.${name.slice(schema.length + 1)}`;
      const core = `${USER_SCHEMA.toLowerCase()}:`;
      return name.startsWith(core) ? name.slice(core.length) : name;
    });
}
