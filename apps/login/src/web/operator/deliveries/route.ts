import type { FastifyReply, FastifyRequest } from 'fastify';
import { includesRole } from '#domain/operators/rights.ts';
import { query, sendPage } from '#web/http/request.ts';
import { consoleInAddress, withQuery } from '../addresses.ts';
import { visitOf, type OperatorArea } from '../visit.ts';
import { CHANNEL_NAMES, CHANNELS, type ChannelName, type Delivery, type RetryProblem } from './channels.ts';
import { deliveryPage, retryAllPage, retryPage } from './delivery-page.tsx';
import { healthPage } from './health-page.tsx';
import { listPage } from './list-page.tsx';

const DELIVERIES_A_PAGE = 50;
const STATES: readonly Delivery['state'][] = ['waiting', 'delivered', 'failed'];

/** 配信: what consoles are told of logouts and events, how they take it, and trying again what was given up. */
export const deliveryPagesArea: OperatorArea = (app, context) => {
  const { db, jobs } = context;

  app.get('/operator/deliveries', async (request, reply) => {
    const visit = visitOf(request);
    const [logouts, events, consoles] = await Promise.all([
      CHANNELS.logouts.health(db),
      CHANNELS.events.health(db),
      context.consoles.all(),
    ]);
    const seesLists = includesRole(visit.operator.role, 'support');
    const count = (name: string): number | undefined => {
      const value = query(request, name);
      return value !== undefined && /^\d{1,9}$/.test(value) ? Number(value) : undefined;
    };
    const retried = count('retried');
    const done =
      retried === undefined
        ? undefined
        : { retried, skipped: count('skipped') ?? 0, left: count('left') ?? 0 };
    const view = { health: { logouts, events }, consoles, seesLists, done };
    return sendPage(reply, await healthPage(context, visit, view));
  });

  for (const name of CHANNEL_NAMES) {
    const channel = CHANNELS[name];
    const base = `/operator/deliveries/${name}`;

    app.get(base, async (request, reply) => {
      const typed = (key: string) =>
        query(request, key)?.trim().slice(0, 60).replaceAll('\0', '') || undefined;
      const consoles = await context.consoles.all();
      const console = consoles.find((one) => one.client_id === typed('console'));
      const state = STATES.find((one) => one === typed('state'));
      const wanted = { console: console?.client_id, state, account: typed('account') };
      const after = typed('after');
      const found = await channel.list(db, {
        ...(console ? { consoleId: console.id } : {}),
        ...(state ? { state } : {}),
        ...(wanted.account === undefined ? {} : { accountId: wanted.account }),
        ...(after === undefined ? {} : { after }),
        limit: DELIVERIES_A_PAGE + 1,
      });
      const entries = found.slice(0, DELIVERIES_A_PAGE);
      const next = found.length > DELIVERIES_A_PAGE ? entries.at(-1)?.deliveryId : undefined;
      const view = { name, wanted, console, consoles, entries, next, isFirst: after === undefined };
      return sendPage(reply, await listPage(context, visitOf(request), view));
    });

    app.get(`${base}/:id`, async (request, reply) => {
      const entry = await entryIn(request, reply, name);
      if (!entry) return reply;
      const view = { name, entry, consoles: await context.consoles.all() };
      return sendPage(reply, await deliveryPage(context, visitOf(request), view));
    });

    app.get(`${base}/:id/retry`, async (request, reply) => {
      const entry = await entryIn(request, reply, name);
      return entry ? showRetry(request, reply, name, entry) : reply;
    });

    app.post(`${base}/:id/retry`, async (request, reply) => {
      const entry = await entryIn(request, reply, name);
      if (!entry) return reply;
      const { operator, now } = visitOf(request);
      const result = await channel.retry(db, jobs, entry.deliveryId, { actor: operator.actor, now });
      if (!result.ok) return showRetry(request, reply, name, entry, result.reason);
      return reply.redirect(`${base}/${encodeURIComponent(entry.deliveryId)}`, 303);
    });

    app.get(`${base}/of/:clientId/retry`, async (request, reply) => {
      const console = await consoleInAddress(context, request, reply);
      if (!console) return reply;
      const health = await channel.health(db);
      const failed = health.find((one) => one.consoleId === console.id)?.failed ?? 0;
      return sendPage(reply, await retryAllPage(context, visitOf(request), { name, console, failed }));
    });

    app.post(`${base}/of/:clientId/retry`, async (request, reply) => {
      const console = await consoleInAddress(context, request, reply);
      if (!console) return reply;
      const { operator, now } = visitOf(request);
      const { retried, skipped, left } = await channel.retryAll(db, jobs, console.id, {
        actor: operator.actor,
        now,
      });
      const done = { retried: String(retried), skipped: String(skipped), left: String(left) };
      return reply.redirect(withQuery('/operator/deliveries', done), 303);
    });
  }

  /** The delivery that the path names; when there is none, the page for that has been sent. */
  async function entryIn(request: FastifyRequest, reply: FastifyReply, name: ChannelName) {
    const entry = await CHANNELS[name].one(db, (request.params as { id: string }).id);
    if (!entry) reply.callNotFound();
    return entry;
  }

  async function showRetry(
    request: FastifyRequest,
    reply: FastifyReply,
    name: ChannelName,
    entry: Delivery,
    problem?: RetryProblem,
  ): Promise<FastifyReply> {
    const view = { name, entry, problem, consoles: await context.consoles.all() };
    return sendPage(reply, await retryPage(context, visitOf(request), view), problem ? 409 : 200);
  }
};
