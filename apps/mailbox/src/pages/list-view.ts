import type { StoredMessage } from '../message.ts';

const ROWS_PER_PAGE = 50;

/** One page of the list and how it was asked for. */
export type ListView = {
  /** Part of the recipient's address; empty for all. */
  readonly to: string;
  /** From 1; always a page that exists. */
  readonly page: number;
  /** Whether the page keeps itself up to date. */
  readonly live: boolean;
  readonly messages: readonly StoredMessage[];
  /** Number of the first row in what was found, from 1. */
  readonly first: number;
  readonly found: number;
  readonly kept: number;
};

/** What stands in the query of the list's URL, as it came. */
export type ListQuery = { to?: string | string[]; page?: string | string[]; live?: string | string[] };

/** Chooses the rows that a query asks for; a query that makes no sense gets the nearest page that does. */
export function listView(all: readonly StoredMessage[], query: ListQuery): ListView {
  const to = lastOf(query.to).trim();
  const found = all.filter((message) => message.to.toLowerCase().includes(to.toLowerCase()));
  const pages = Math.max(1, Math.ceil(found.length / ROWS_PER_PAGE));
  const asked = Math.trunc(Number(lastOf(query.page))) || 1;
  const page = Math.min(Math.max(asked, 1), pages);
  const start = (page - 1) * ROWS_PER_PAGE;
  return {
    to,
    page,
    live: lastOf(query.live) !== 'off',
    messages: found.slice(start, start + ROWS_PER_PAGE),
    first: start + 1,
    found: found.length,
    kept: all.length,
  };
}

/** The URL that shows a view. */
export function listUrl({ to, page, live }: Pick<ListView, 'to' | 'page' | 'live'>): string {
  const query = new URLSearchParams({
    ...(to !== '' && { to }),
    ...(page > 1 && { page: String(page) }),
    ...(!live && { live: 'off' }),
  });
  return query.size === 0 ? '/' : `/?${query}`;
}

/** The URL of one mail's page. */
export function messageUrl(id: string): string {
  return `/messages/${id}`;
}

function lastOf(value: string | string[] | undefined): string {
  return [value ?? ''].flat().at(-1) ?? '';
}
