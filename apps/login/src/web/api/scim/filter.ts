import type { Wanted } from '#domain/provisioning/people.ts';
import { Types, USER_SCHEMA } from './schema.ts';
import { booleanOf, consoleUserIdOf, isObject } from './user-body.ts';

const LONGEST_FILTER = 2_000;

/**
 * Reads a filter (RFC 7644 §3.4.2.2): `eq` on id, userName, externalId, emails.value and active, joined by `and`. `refused` for every other one, however right it is; `nobody` where two parts
 * contradict each other.
 */
export function readFilter(text: string | undefined): Wanted | 'nobody' | 'refused' {
  if (text === undefined) return {};
  if (text.length > LONGEST_FILTER || !text.isWellFormed() || text.includes('\0')) return 'refused';
  let alternatives: unknown[];
  try {
    alternatives = [...new Types.Filter(text)];
  } catch {
    return 'refused';
  }
  const [only] = alternatives;
  if (alternatives.length !== 1 || !isObject(only)) return 'refused';
  const wanted: Wanted = {};
  let nobody = false;
  for (const [path, value] of leavesOf(only)) {
    if (typeof value === 'string' && value === REFUSED) return 'refused';
    switch (path) {
      case 'id':
        if (typeof value !== 'string') return 'refused';
        take('id', consoleUserIdOf(value));
        break;
      case 'externalid':
        if (typeof value !== 'string') return 'refused';
        take('externalId', value);
        break;
      case 'username':
      case 'emails.value':
        if (typeof value !== 'string') return 'refused';
        take('userName', value);
        break;
      case 'emails.type':
        // Everybody has one address, of this type.
        if (typeof value !== 'string') return 'refused';
        nobody ||= value.toLowerCase() !== 'work';
        break;
      case 'active': {
        const active = booleanOf(value);
        if (typeof active !== 'boolean') return 'refused';
        take('active', active);
        break;
      }
      default:
        return 'refused';
    }
  }
  if (Object.keys(wanted).length === 0) return nobody ? 'nobody' : 'refused';
  return nobody ? 'nobody' : wanted;

  function take<K extends keyof Wanted>(key: K, value: NonNullable<Wanted[K]>): void {
    if (wanted[key] !== undefined && String(wanted[key]).toLowerCase() !== String(value).toLowerCase())
      nobody = true;
    wanted[key] = value as Wanted[K];
  }
}

/** Stands where a comparison is none of ours; no value looks like it, because values have no NUL. */
const REFUSED = '\0refused';

/** Each comparison of a parsed filter, as its path in lower case and the value that it must equal. */
function leavesOf(node: Record<string, unknown>, before = ''): [string, unknown][] {
  return Object.entries(node).flatMap(([key, value]): [string, unknown][] => {
    const name = key.toLowerCase().replace(`${USER_SCHEMA.toLowerCase()}:`, '');
    const path = before === '' ? name : `${before}.${name}`;
    if (isObject(value)) return leavesOf(value, path);
    if (!Array.isArray(value)) return [[path, REFUSED]];
    const comparisons = value.every(Array.isArray) ? (value as unknown[][]) : [value as unknown[]];
    return comparisons.map((one): [string, unknown] =>
      one.length === 2 && typeof one[0] === 'string' && one[0].toLowerCase() === 'eq'
        ? [path, one[1]]
        : [path, REFUSED],
    );
  });
}
