import type { ProvisionedPerson } from '#domain/provisioning/people.ts';
import type { SaidOfUser } from '#domain/provisioning/said.ts';
import { secretHash } from '#support/primitives/secrets.ts';
import {
  ENTERPRISE_SCHEMA,
  LOGIN_SCHEMA,
  Types,
  User,
  USER_SCHEMA,
  fateOf,
  type ScimUser,
} from './schema.ts';
import type { ScimRefusal } from './refusal.ts';

export type UserResource = Record<string, unknown> & {
  id: string;
  meta: Record<string, string> & { location: string; version: string };
};

/** A person as SCIM shows them (RFC 7643 §4.1, §8). `meta.version` is made of all the rest. */
export function resourceOf(person: ProvisionedPerson, issuer: string): UserResource {
  const id = idOf(person.consoleUserId);
  const shown = {
    schemas: [
      USER_SCHEMA,
      ...(person.company === '' ? [] : [ENTERPRISE_SCHEMA]),
      ...(person.pendingUserName === null ? [] : [LOGIN_SCHEMA]),
    ],
    id,
    ...(person.externalId === null ? {} : { externalId: person.externalId }),
    userName: person.userName,
    ...person.profile,
    active: person.active,
    emails: [{ value: person.userName, type: 'work', primary: true }],
    ...(person.company === '' ? {} : { [ENTERPRISE_SCHEMA]: { organization: person.company } }),
    ...(person.pendingUserName === null
      ? {}
      : { [LOGIN_SCHEMA]: { pendingUserName: person.pendingUserName } }),
  };
  return {
    ...shown,
    meta: {
      resourceType: 'User',
      created: person.createdAt.toISOString(),
      lastModified: person.changedAt.toISOString(),
      location: `${issuer}/scim/v2/Users/${id}`,
      version: `W/"${secretHash(JSON.stringify(shown)).slice(0, 22)}"`,
    },
  };
}

/** The id of a user in URLs: the console's own, in letters that need no escaping. */
export function idOf(consoleUserId: string): string {
  return Buffer.from(consoleUserId).toString('base64url');
}

/** The console's own id that an id means; any text is one, and leads at worst to nobody. */
export function consoleUserIdOf(id: string): string {
  const decoded = Buffer.from(id, 'base64url').toString('utf8');
  return idOf(decoded) === id ? decoded.replaceAll('\0', '') : '';
}

/** The longest text of one attribute, in characters. */
const LONGEST = 200;

/** What a body says of a user (POST, PUT). What the schema does not have is passed over, as RFC 7644 §3.3 wants. */
export function saidIn(body: unknown): { ok: true; said: SaidOfUser } | { ok: false; refusal: ScimRefusal } {
  if (!isObject(body)) return { ok: false, refusal: { reason: 'syntax-invalid' } };
  const schemas = body.schemas;
  if (!Array.isArray(schemas) || !schemas.includes(USER_SCHEMA))
    return {
      ok: false,
      refusal: { reason: 'syntax-invalid', detail: `schemas must include ${USER_SCHEMA}.` },
    };
  try {
    const kept = Object.entries(body).filter(
      ([key]) => fateOf(key) === 'kept' || key.toLowerCase() === ENTERPRISE_SCHEMA.toLowerCase(),
    );
    return saidOf(
      new User(
        { schemas: [USER_SCHEMA], ...Object.fromEntries(kept.map(readableEntry)) } as never,
        'in',
      ) as ScimUser,
    );
  } catch (error) {
    return { ok: false, refusal: refusalOf(error) };
  }
}

/** What a whole user says: the only place that reads a user, whichever way it came. */
export function saidOf(user: ScimUser): { ok: true; said: SaidOfUser } | { ok: false; refusal: ScimRefusal } {
  const { userName, externalId, displayName, name, preferredLanguage, active } = user;
  const organization = user[ENTERPRISE_SCHEMA]?.organization;
  const parts = { formatted: name?.formatted, familyName: name?.familyName, givenName: name?.givenName };
  const texts = { userName, externalId, displayName, preferredLanguage, organization, ...parts };
  for (const [attribute, value] of Object.entries(texts)) {
    if (value === undefined) continue;
    if (value.length > (attribute === 'userName' ? 1_000 : LONGEST))
      return invalid(`${attribute} has more than ${LONGEST} characters.`);
    if (!value.isWellFormed() || /[\u0000-\u001f\u007f-\u009f]/.test(value))
      return invalid(`${attribute} holds characters that are none.`);
  }
  const named = given(parts);
  const profile = {
    ...given({ displayName }),
    ...(Object.keys(named).length === 0 ? {} : { name: named }),
    ...given({ preferredLanguage }),
  };
  return {
    ok: true,
    said: {
      userName,
      externalId: externalId === undefined || externalId === '' ? null : externalId,
      profile,
      company: organization?.trim() ?? '',
      active: active ?? true,
    },
  };
}

/** A person as the schema has them, to be patched. */
export function userOf(person: ProvisionedPerson): object {
  return new User({
    schemas: [USER_SCHEMA, ENTERPRISE_SCHEMA],
    id: idOf(person.consoleUserId),
    ...(person.externalId === null ? {} : { externalId: person.externalId }),
    userName: person.userName,
    ...person.profile,
    active: person.active,
    [ENTERPRISE_SCHEMA]: person.company === '' ? {} : { organization: person.company },
  } as never);
}

/** What an error of the schema says to the caller; whatever else goes wrong with a value is the value's fault. */
export function refusalOf(error: unknown): ScimRefusal {
  if (!(error instanceof Error)) throw error;
  const { scimType } = error as Error & { scimType?: string };
  const detail =
    error instanceof Types.Error || error instanceof TypeError ? plain(error.message) : undefined;
  const reason =
    scimType === 'invalidPath'
      ? 'path-invalid'
      : scimType === 'noTarget'
        ? 'target-missing'
        : scimType === 'invalidSyntax'
          ? 'syntax-invalid'
          : 'value-invalid';
  return { reason, ...(detail === undefined ? {} : { detail }) };
}

/** Attribute names have no case (RFC 7643 §2.1), and some directories write booleans as words. */
export function readableEntry([key, value]: [string, unknown]): [string, unknown] {
  const name = SPELLINGS.get(key.toLowerCase()) ?? key;
  if (name === 'active') return [name, booleanOf(value)];
  if ((name === 'name' || name === ENTERPRISE_SCHEMA) && isObject(value))
    return [
      name,
      Object.fromEntries(
        Object.entries(value)
          .filter(([part]) => isKeptPart(part))
          .map(readableEntry),
      ),
    ];
  return [name, value];
}

export function booleanOf(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  return /^true$/i.test(value) ? true : /^false$/i.test(value) ? false : value;
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Attributes as the schema spells them, by their names without case. */
export const SPELLINGS: ReadonlyMap<string, string> = new Map(
  [
    ...['userName', 'externalId', 'displayName', 'name', 'preferredLanguage', 'active'],
    ...['formatted', 'familyName', 'givenName', 'organization', ENTERPRISE_SCHEMA],
  ].map((name) => [name.toLowerCase(), name]),
);

function isKeptPart(part: string): boolean {
  return ['formatted', 'familyname', 'givenname', 'organization'].includes(part.toLowerCase());
}

/** Without what was not given; an empty text is none. */
function given<T extends Record<string, string | undefined>>(parts: T): { [K in keyof T]?: string } {
  return Object.fromEntries(
    Object.entries(parts).filter(([, value]) => value !== undefined && value !== ''),
  ) as { [K in keyof T]?: string };
}

function invalid(detail: string): { ok: false; refusal: ScimRefusal } {
  return { ok: false, refusal: { reason: 'value-invalid', detail } };
}

/** A message in which somebody's value may stand, short and on one line. */
function plain(message: string): string {
  return message
    .replace(/[\u0000-\u001f\u007f-\u009f]/g, ' ')
    .slice(0, 300)
    .toWellFormed();
}
