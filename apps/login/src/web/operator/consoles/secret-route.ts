import type { FastifyReply, FastifyRequest } from 'fastify';
import { endSecret, makeSecret, secretsOf } from '#domain/consoles/secrets.ts';
import type { ConsoleRow } from '#support/db/schema.ts';
import { field, query, sendPage } from '#web/http/request.ts';
import { consoleInAddress, consolePath } from '../addresses.ts';
import { visitOf, type OperatorArea } from '../visit.ts';
import { endPage, madePage, makePage } from './secret-pages.tsx';

/** Changes a console's secret while two are valid: make the second, see that it is used, end the first. */
export const consoleSecretPagesArea: OperatorArea = (app, context) => {
  const { db } = context;

  app.get('/operator/consoles/:clientId/secret', async (request, reply) => {
    const console = await consoleInAddress(context, request, reply);
    return console ? showMake(request, reply, console, 200) : reply;
  });

  app.post('/operator/consoles/:clientId/secret', async (request, reply) => {
    const console = await consoleInAddress(context, request, reply);
    if (!console) return reply;
    const visit = visitOf(request);
    if (field(request, 'step') !== 'act') return showMake(request, reply, console, 200);
    const result = await makeSecret(db, console.client_id, { actor: visit.operator.actor, now: visit.now });
    context.consoles.forget();
    const fresh = (await context.consoles.byClientId(console.client_id)) ?? console;
    if (!result.ok) return showMake(request, reply, fresh, 409);
    const made = { console: fresh, clientSecret: result.clientSecret, registered: false };
    return sendPage(reply, await madePage(context, visit, made), 201);
  });

  app.get('/operator/consoles/:clientId/end-secret', async (request, reply) => {
    const console = await consoleInAddress(context, request, reply);
    return console ? showEnd(request, reply, console, query(request, 'secret') ?? '', 200) : reply;
  });

  app.post('/operator/consoles/:clientId/end-secret', async (request, reply) => {
    const console = await consoleInAddress(context, request, reply);
    if (!console) return reply;
    const { operator, now } = visitOf(request);
    const id = field(request, 'secret');
    if (field(request, 'step') !== 'act') return showEnd(request, reply, console, id, 200);
    await context.uses.write(db);
    const evenIfUsed = field(request, 'evenIfUsed') !== '';
    const result = await endSecret(db, console.client_id, id, { evenIfUsed }, { actor: operator.actor, now });
    context.consoles.forget();
    if (result.ok) return reply.redirect(`${consolePath(console)}?done=secret-ended`, 303);
    const fresh = (await context.consoles.byClientId(console.client_id)) ?? console;
    return showEnd(request, reply, fresh, id, result.reason === 'secret-in-use' ? 422 : 409);
  });

  async function showMake(
    request: FastifyRequest,
    reply: FastifyReply,
    console: ConsoleRow,
    status: number,
  ): Promise<FastifyReply> {
    const secrets = await secretsOf(db, console);
    return sendPage(reply, await makePage(context, visitOf(request), { console, secrets }), status);
  }

  async function showEnd(
    request: FastifyRequest,
    reply: FastifyReply,
    console: ConsoleRow,
    id: string,
    status: number,
  ): Promise<FastifyReply> {
    await context.uses.write(db);
    const secrets = await secretsOf(db, console);
    const ended = secrets.find((one) => one.id === id);
    const view = { console, secrets, ended, untold: status === 422 };
    return sendPage(reply, await endPage(context, visitOf(request), view), status);
  }
};
