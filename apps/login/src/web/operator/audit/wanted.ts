import type { FastifyRequest } from 'fastify';
import { findAccount } from '#domain/accounts/find.ts';
import { AUDIT_ACTIONS, type AuditAction, type AuditResult } from '#support/audit/events.ts';
import type { AuditFilter } from '#support/audit/search.ts';
import { after, DAY } from '#support/primitives/durations.ts';
import type { WebContext } from '#web/http/context.ts';
import { query } from '#web/http/request.ts';
import { withQuery } from '../addresses.ts';

/** What the address of the page asks for, as it was typed. */
export type Wanted = {
  actor?: string;
  account?: string;
  console?: string;
  action?: AuditAction;
  result?: AuditResult;
  /** Days in Japan, the last one included. */
  from?: string;
  to?: string;
};

const RESULTS: readonly AuditResult[] = ['done', 'refused'];
const WHO = ['system', 'anonymous', 'undo-link', 'operator:cli'];

/** Reads the address; what is no choice is left out. */
export function wantedOf(request: FastifyRequest): Wanted {
  const typed = (name: string): string | undefined =>
    query(request, name)?.trim().slice(0, 200).replaceAll('\0', '').toWellFormed() || undefined;
  const day = (name: string): string | undefined => {
    const text = typed(name) ?? '';
    return /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(startOf(text).getTime()) ? text : undefined;
  };
  const wanted = {
    actor: typed('actor'),
    account: typed('account'),
    console: typed('console'),
    action: AUDIT_ACTIONS.find((one) => one === typed('action')),
    result: RESULTS.find((one) => one === typed('result')),
    from: day('from'),
    to: day('to'),
  };
  return Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== undefined));
}

/** The search that it means. People are named by login ID, by id or as the log has them; who is not known is found nowhere. */
export async function filterOf(context: WebContext, wanted: Wanted): Promise<AuditFilter> {
  const [actor, account, console] = await Promise.all([
    wanted.actor === undefined ? undefined : findAccount(context.db, wanted.actor),
    wanted.account === undefined ? undefined : findAccount(context.db, wanted.account),
    wanted.console === undefined ? undefined : context.consoles.byClientId(wanted.console),
  ]);
  return {
    ...(wanted.actor === undefined
      ? {}
      : { actors: actor ? [actor.id, `operator:${actor.id}`] : [actorOf(wanted.actor)] }),
    ...(wanted.account === undefined ? {} : { accountId: account?.id ?? wanted.account }),
    ...(wanted.console === undefined ? {} : { consoleId: console?.id ?? wanted.console }),
    ...(wanted.action === undefined ? {} : { actions: [wanted.action] }),
    ...(wanted.result === undefined ? {} : { result: wanted.result }),
    ...(wanted.from === undefined ? {} : { since: startOf(wanted.from) }),
    ...(wanted.to === undefined ? {} : { until: after(startOf(wanted.to), DAY) }),
  };
}

/** The address of the page for what is asked for. */
export function addressOf(wanted: Wanted & { after?: string }, file = ''): string {
  return withQuery(`/operator/audit${file}`, wanted);
}

/** A token is named by its id alone, too. */
function actorOf(typed: string): string {
  return WHO.includes(typed) || !/^opt_\w+$/.test(typed) ? typed : `operator:${typed}`;
}

/** The beginning of a day in Japan, which has no summer time. */
function startOf(day: string): Date {
  return new Date(`${day}T00:00:00+09:00`);
}
