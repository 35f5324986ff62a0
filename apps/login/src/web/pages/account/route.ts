import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Provider } from 'oidc-provider';
import { consoleName } from '#domain/consoles/consoles.ts';
import { passwordSetAt } from '#domain/credentials/passwords.ts';
import { endBrowser, endBrowsers, endedBrowsers, waitForEndedBrowsers } from '#domain/logout/end-browsers.ts';
import { signedInBrowsers } from '#domain/sessions/browsers.ts';
import { eventsOfAccount, type RecordedEvent } from '#support/audit/read.ts';
import { after, DAY } from '#support/primitives/durations.ts';
import type { Locale } from '#support/primitives/locale.ts';
import type { WebContext } from '#web/http/context.ts';
import { clientOf, field, query, sendPage } from '#web/http/request.ts';
import { activityPage } from './activity-page.tsx';
import { endedPage } from './ended-page.tsx';
import type { ShownEvent } from './event-list.tsx';
import { SHOWN_ACTIONS } from './event-words.ts';
import { accountPage, type AccountView } from './page.tsx';
import { personHere, type PersonHere } from './person.ts';

/** How far back a person sees what happened. */
const EVENTS_SHOWN = 90 * DAY;
const EVENTS_A_PAGE = 20;
const NEWEST_EVENTS = 5;

/** 「アカウント」: a person's own page (R11), what they can end there, and what happened to their account. */
export function registerAccount(app: FastifyInstance, context: WebContext, provider: Provider): void {
  app.get('/account', async (request, reply) => {
    const person = await personHere(context, provider, request, reply, '/account');
    return person ? show(reply, person) : reply;
  });

  app.post('/account/browsers/end', async (request, reply) => {
    const person = await personHere(context, provider, request, reply, '/account');
    if (!person) return reply;
    if (person.formIsAnothers) return show(reply, person, 'other-person');
    const now = context.clock();
    const { ip: clientIp, requestId } = clientOf(request);
    const by = { cause: 'person', now, clientIp, requestId } as const;
    const isEnded = await endBrowser(context, person.account.id, field(request, 'browser', 200), by);
    return isEnded ? reply.redirect(endedPath(now), 303) : show(reply, person, 'already-ended');
  });

  app.post('/account/browsers/end-others', async (request, reply) => {
    const person = await personHere(context, provider, request, reply, '/account');
    if (!person) return reply;
    if (person.formIsAnothers) return show(reply, person, 'other-person');
    const now = context.clock();
    const { ip: clientIp, requestId } = clientOf(request);
    const except = person.sessionUid;
    const by = { cause: 'person', now, clientIp, requestId, except } as const;
    const count = await endBrowsers(context, person.account.id, by);
    return reply.redirect(count > 0 ? endedPath(now) : '/account', 303);
  });

  // Whoever reloads the answer to a form by its address.
  for (const path of ['/account/browsers/end', '/account/browsers/end-others'])
    app.get(path, (_request, reply) => reply.redirect('/account', 303));

  app.get('/account/ended/:moment', async (request, reply) => {
    const person = await personHere(context, provider, request, reply, '/account');
    if (!person) return reply;
    const { account, shell, locale } = person;
    const at = momentIn(request.params);
    if (!at) return reply.redirect('/account', 303);
    const ended = query(request, 'waited')
      ? await endedBrowsers(context.db, account.id, at)
      : await waitForEndedBrowsers(context.db, account.id, at, context.pause);
    const passwordChanged = (await passwordSetAt(context.db, account.id))?.getTime() === at.getTime();
    if (!ended && !passwordChanged) return reply.redirect('/account', 303);
    const names = await consoleNames(locale);
    const view = {
      ended: ended && { ...ended, consoles: names.inOrder(ended.consoles) },
      passwordChanged,
      consoleName: names.byClientId,
    };
    return sendPage(reply, endedPage(shell, view));
  });

  app.get('/account/activity', async (request, reply) => {
    const person = await personHere(context, provider, request, reply, '/account/activity');
    if (!person) return reply;
    const before = /^\d{1,18}$/.exec(query(request, 'before') ?? '')?.[0];
    const found = await recentEvents(person, EVENTS_A_PAGE + 1, before);
    const events = found.slice(0, EVENTS_A_PAGE);
    return sendPage(
      reply,
      activityPage(person.shell, {
        events,
        isFirst: before === undefined,
        olderThan: found.length > EVENTS_A_PAGE ? events.at(-1)?.id : undefined,
      }),
    );
  });

  /** The page itself; with a notice it answers a form that could not be carried out. */
  async function show(
    reply: FastifyReply,
    person: PersonHere,
    notice?: AccountView['notice'],
  ): Promise<FastifyReply> {
    const { account, locale, shell, sessionUid } = person;
    const [browsers, events, names, setAt] = await Promise.all([
      signedInBrowsers(context.db, account.id, context.clock()),
      recentEvents(person, NEWEST_EVENTS),
      consoleNames(locale),
      passwordSetAt(context.db, account.id),
    ]);
    const html = accountPage(shell, {
      accountId: account.id,
      name: account.name,
      emailAddress: account.email_address,
      browsers,
      sessionUid,
      consoleName: names.byClientId,
      events,
      passwordSetAt: setAt,
      language: account.locale ?? locale,
      notice,
    });
    return sendPage(reply, html, notice === undefined ? 200 : 409);
  }

  async function recentEvents(
    { account, locale }: PersonHere,
    limit: number,
    before?: string,
  ): Promise<readonly ShownEvent[]> {
    const since = after(context.clock(), -EVENTS_SHOWN);
    const of = { actions: SHOWN_ACTIONS, since, limit, ...(before === undefined ? {} : { before }) };
    const [events, names] = await Promise.all([
      eventsOfAccount(context.db, account.id, of),
      consoleNames(locale),
    ]);
    return events.map((event: RecordedEvent) => ({
      ...event,
      consoleName: event.consoleId === null ? undefined : names.byId(event.consoleId),
    }));
  }

  async function consoleNames(locale: Locale) {
    const consoles = await context.consoles.all();
    const nameOf = (console: (typeof consoles)[number] | undefined): string | undefined =>
      console && consoleName(console, locale);
    return {
      byId: (id: string) => nameOf(consoles.find((one) => one.id === id)),
      byClientId: (clientId: string) =>
        nameOf(consoles.find((one) => one.client_id === clientId)) ?? clientId,
      /** As consoles are listed everywhere. */
      inOrder: <T extends { clientId: string }>(of: readonly T[]): readonly T[] =>
        consoles.flatMap((console) => of.filter(({ clientId }) => clientId === console.client_id)),
    };
  }
}

/** Where a person reads what became of what they ended at this moment. */
export function endedPath(at: Date): string {
  return `/account/ended/${at.getTime()}`;
}

function momentIn(params: unknown): Date | undefined {
  const { moment } = params as { moment: string };
  return /^\d{1,13}$/.test(moment) ? new Date(Number(moment)) : undefined;
}
