import { z } from 'zod';
import { findAccount } from '#domain/accounts/find.ts';
import { endBrowser, endBrowsers } from '#domain/logout/end-browsers.ts';
import { browserName } from '#domain/sessions/browser-name.ts';
import { signedInBrowsers } from '#domain/sessions/browsers.ts';
import type { WebContext } from '#web/http/context.ts';
import { clientOf } from '#web/http/request.ts';
import type { FastifyRequest } from 'fastify';
import { problems } from '../described.ts';
import { MOMENT } from '../forms.ts';
import { pageOf, whole } from '../paging.ts';
import { sendProblem } from '../problem.ts';
import { operatorIn, type OperatorArea } from './operator-api.ts';

const OF_ACCOUNT = z.object({
  account: z.string().max(60).regex(/^acc_/).describe('The account’s id (acc_…)'),
});
const SESSION = z
  .object({
    id: z.string(),
    state: z
      .enum(['living', 'run-out'])
      .describe('run-out: it lets nobody in any more, but consoles that it opened may live on'),
    browser: z.string().describe('In words, such as “Chrome on Windows”'),
    userAgent: z.string().nullable(),
    clientIp: z.string().nullable(),
    signedInAt: MOMENT,
    seenAt: MOMENT,
    expiresAt: MOMENT,
    clientIds: z.array(z.string()).describe('The consoles that were entered from it'),
  })
  .meta({ id: 'AccountSession' });
const ENDED = z.object({
  ended: z.number().describe('How many; /logout-deliveries says which consoles have been told'),
});

/** The signed-in browsers of an account, and ending them for a person who asks the support desk (R11). */
export const accountSessionArea: OperatorArea = (app, context) => {
  app.get(
    '/accounts/:account/sessions',
    {
      config: { role: 'support' },
      schema: {
        tags: ['Accounts'],
        summary: 'The signed-in browsers of an account, the last seen first',
        params: OF_ACCOUNT,
        response: { 200: pageOf(SESSION), ...problems('account-unknown') },
      },
    },
    async (request, reply) => {
      const account = await findAccount(context.db, request.params.account);
      if (!account) return sendProblem(reply, 'account-unknown');
      const browsers = await signedInBrowsers(context.db, account.id, context.clock());
      return whole(
        browsers.map(({ uid, signedInAt, seenAt, expiresAt, clientIds, ...browser }) => ({
          ...browser,
          id: uid,
          browser: browserName(browser.userAgent, 'en'),
          signedInAt: signedInAt.toISOString(),
          seenAt: seenAt.toISOString(),
          expiresAt: expiresAt.toISOString(),
          clientIds: [...clientIds],
        })),
      );
    },
  );

  app.post(
    '/accounts/:account/sessions/:session/end',
    {
      config: { role: 'support' },
      schema: {
        tags: ['Accounts'],
        summary: 'Sign one browser out, in all its consoles',
        params: OF_ACCOUNT.extend({ session: z.string().max(60) }),
        response: { 200: ENDED, ...problems('account-unknown', 'session-unknown') },
      },
    },
    async (request, reply) => {
      const account = await findAccount(context.db, request.params.account);
      if (!account) return sendProblem(reply, 'account-unknown');
      const isEnded = await endBrowser(
        context,
        account.id,
        request.params.session,
        byOperator(context, request),
      );
      return isEnded ? { ended: 1 } : sendProblem(reply, 'session-unknown');
    },
  );

  app.post(
    '/accounts/:account/sessions/end',
    {
      config: { role: 'support' },
      schema: {
        tags: ['Accounts'],
        summary: 'Sign all browsers of an account out, in all their consoles',
        params: OF_ACCOUNT,
        response: { 200: ENDED, ...problems('account-unknown') },
      },
    },
    async (request, reply) => {
      const account = await findAccount(context.db, request.params.account);
      if (!account) return sendProblem(reply, 'account-unknown');
      return { ended: await endBrowsers(context, account.id, byOperator(context, request)) };
    },
  );
};

function byOperator(context: WebContext, request: FastifyRequest) {
  const { ip: clientIp, requestId } = clientOf(request);
  const { actor } = operatorIn(request);
  return { cause: 'operator', actor, clientIp, requestId, now: context.clock() } as const;
}
