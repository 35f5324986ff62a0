import { lastCheck, lastChecks } from '#domain/consoles/check.ts';
import { lastConsoleChange } from '#domain/consoles/last-change.ts';
import { secretsOf } from '#domain/consoles/secrets.ts';
import { lastTrace, startTrace } from '#domain/consoles/trace.ts';
import { checkConsole } from '#domain/readiness/check.ts';
import { directories } from '#domain/provisioning/directory-tokens.ts';
import { actorNames } from '#domain/operators/actor-names.ts';
import { field, query, sendPage } from '#web/http/request.ts';
import { consoleInAddress, consolePath } from '../addresses.ts';
import { visitOf, type OperatorArea } from '../visit.ts';
import { checkPage } from './check-page.tsx';
import { consolePage } from './console-page.tsx';
import { directoriesPage } from './directories-page.tsx';
import { listPage } from './list-page.tsx';
import { testPage } from './test-page.tsx';

/** 管理画面: what has joined, everything that is registered of one, whether it is ready, and a test sign-in. */
export const consolesArea: OperatorArea = (app, context) => {
  const { db } = context;

  app.get('/operator/consoles', async (request, reply) => {
    const [consoles, checks] = await Promise.all([context.consoles.all(), lastChecks(db)]);
    return sendPage(reply, await listPage(context, visitOf(request), { consoles, checks }));
  });

  app.get('/operator/consoles/:clientId', async (request, reply) => {
    const console = await consoleInAddress(context, request, reply);
    if (!console) return reply;
    await context.uses.write(db);
    const [secrets, check, lastChange] = await Promise.all([
      secretsOf(db, console),
      lastCheck(db, console.id),
      lastConsoleChange(db, console.id),
    ]);
    const actors = await actorNames(db, lastChange ? [lastChange.actor] : []);
    const view = { console, secrets, check, lastChange, actors, done: query(request, 'done') };
    return sendPage(reply, await consolePage(context, visitOf(request), view));
  });

  app.get('/operator/consoles/:clientId/directories', async (request, reply) => {
    const console = await consoleInAddress(context, request, reply);
    if (!console) return reply;
    const visit = visitOf(request);
    const found = await directories(db, { consoleId: console.id }, visit.now);
    const actors = await actorNames(
      db,
      found.flatMap((one) => [one.createdBy, ...one.tokens.map((token) => token.createdBy)]),
    );
    const view = { console, directories: found, actors, done: query(request, 'done') };
    return sendPage(reply, await directoriesPage(context, visit, view));
  });

  app.get('/operator/consoles/:clientId/check', async (request, reply) => {
    const console = await consoleInAddress(context, request, reply);
    if (!console) return reply;
    const check = await lastCheck(db, console.id);
    const actors = await actorNames(db, check ? [check.actor] : []);
    return sendPage(reply, await checkPage(context, visitOf(request), { console, check, actors }));
  });

  app.post('/operator/consoles/:clientId/check', async (request, reply) => {
    const console = await consoleInAddress(context, request, reply);
    if (!console) return reply;
    const { operator, now } = visitOf(request);
    if (field(request, 'step') === 'run') {
      await context.uses.write(db);
      await checkConsole(context, console, { actor: operator.actor, now });
    }
    return reply.redirect(`${consolePath(console)}/check`, 303);
  });

  app.get('/operator/consoles/:clientId/test', async (request, reply) => {
    const console = await consoleInAddress(context, request, reply);
    if (!console) return reply;
    const visit = visitOf(request);
    const trace = await lastTrace(db, console.id, visit.operator.accountId, visit.now);
    return sendPage(reply, await testPage(context, visit, { console, trace }));
  });

  app.post('/operator/consoles/:clientId/test', async (request, reply) => {
    const console = await consoleInAddress(context, request, reply);
    if (!console) return reply;
    const { operator, now } = visitOf(request);
    if (field(request, 'step') === 'start') {
      await startTrace(db, console, operator.accountId, { actor: operator.actor, now });
      context.consoles.forget();
    }
    return reply.redirect(`${consolePath(console)}/test`, 303);
  });
};
