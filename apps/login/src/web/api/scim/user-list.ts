import { peopleOf, type Page } from '#domain/provisioning/people.ts';
import type { Provider } from '#domain/provisioning/provider.ts';
import type { WebContext } from '#web/http/context.ts';
import { cursorText, placeIn } from '#web/http/lists.ts';
import { readFilter } from './filter.ts';
import { project, readProjection } from './projection.ts';
import type { ScimRefusal } from './refusal.ts';
import { resourceOf } from './user-body.ts';

export const LIST_SCHEMA = 'urn:ietf:params:scim:api:messages:2.0:ListResponse';
export const PAGE = { usual: 100, most: 200 } as const;

export type ListCall = {
  filter?: string | undefined;
  startIndex?: string | number | undefined;
  count?: string | number | undefined;
  cursor?: string | undefined;
  attributes?: string | readonly string[] | undefined;
  excludedAttributes?: string | readonly string[] | undefined;
};

/** A page of users (RFC 7644 §3.4.2; by cursor RFC 9865), in the order of their ids. */
export async function listUsers(
  context: WebContext,
  provider: Provider,
  call: ListCall,
): Promise<{ ok: true; body: object } | { ok: false; refusal: ScimRefusal }> {
  const startIndex = wholeNumber(call.startIndex);
  const count = wholeNumber(call.count);
  if (startIndex === 'malformed' || count === 'malformed')
    return refused('value-invalid', 'startIndex and count are whole numbers.');
  const projection = readProjection(call.attributes, call.excludedAttributes);
  if (!projection) return refused('value-invalid', 'Give attributes or excludedAttributes, not both.');
  const wanted = readFilter(call.filter);
  if (wanted === 'refused') return refused('filter-invalid');
  const limit = Math.min(Math.max(count ?? PAGE.usual, 0), PAGE.most);
  const from = Math.min(Math.max(startIndex ?? 1, 1), 2_000_000_000);
  if (call.cursor !== undefined && startIndex !== undefined)
    return refused('value-invalid', 'Give startIndex or cursor, not both.');
  const after = placeIn(call.cursor);
  if (after !== undefined && !after.isWellFormed()) return refused('cursor-invalid');
  const page: Page = after === undefined ? { offset: from - 1, limit } : { after, limit };
  const { people, total } =
    wanted === 'nobody'
      ? { people: [], total: 0 }
      : await peopleOf(context.db, provider, wanted, page, context.clock());
  const next = after !== undefined && people.length === limit ? people.at(-1)?.consoleUserId : undefined;
  return {
    ok: true,
    body: {
      schemas: [LIST_SCHEMA],
      // May be left out with cursors (RFC 9865 §2).
      ...(total === null ? {} : { totalResults: total }),
      itemsPerPage: people.length,
      ...(after === undefined ? { startIndex: from } : {}),
      ...(next === undefined ? {} : { nextCursor: cursorText(next) }),
      Resources: people.map((person) => project(resourceOf(person, context.issuer), projection)),
    },
  };
}

function wholeNumber(given: string | number | undefined): number | undefined | 'malformed' {
  if (given === undefined || given === '') return undefined;
  return /^-?\d{1,9}$/.test(String(given)) ? Number(given) : 'malformed';
}

function refused(reason: ScimRefusal['reason'], detail?: string): { ok: false; refusal: ScimRefusal } {
  return { ok: false, refusal: { reason, ...(detail === undefined ? {} : { detail }) } };
}
