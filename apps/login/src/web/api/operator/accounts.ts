import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { findAccount } from '#domain/accounts/find.ts';
import { consoleName } from '#domain/consoles/consoles.ts';
import { personFacts } from '#domain/person/facts.ts';
import { personAnswer } from '#domain/person/answer.ts';
import { clearDelay, resendCodeFor, sendSetUpMail } from '#domain/person/remedies.ts';
import { ACCOUNT_STATES, accountsOf, searchAccounts, type FoundAccount } from '#domain/search/search.ts';
import { REMEDIES, stepOf } from '#domain/person/step.ts';
import { LOCALES } from '#support/primitives/locale.ts';
import type { WebContext } from '#web/http/context.ts';
import { cursorText, placeIn } from '#web/http/lists.ts';
import { problems } from '../described.ts';
import { MOMENT, text } from '../forms.ts';
import { PAGED, pageOf } from '../paging.ts';
import { sendProblem } from '../problem.ts';
import { operatorIn, type OperatorArea } from './operator-api.ts';

const PARAMS = z.object({
  account: z.string().max(60).regex(/^acc_/).describe('The account’s id (acc_…)'),
});
const STATE = z.enum(ACCOUNT_STATES);
const MAYBE = MOMENT.nullable();
const FOUND = z
  .object({
    id: z.string(),
    emailAddress: z.string(),
    name: z.string(),
    company: z.string(),
    state: STATE,
    hasPassword: z.boolean(),
    links: z.array(z.object({ clientId: z.string(), consoleUserId: z.string() })),
  })
  .meta({ id: 'Account' });
const WORDS = z.object({ sentence: z.string(), next: z.string() });
const PERSON = z
  .object({
    id: z.string(),
    emailAddress: z.string(),
    name: z.string(),
    company: z.string(),
    state: STATE,
    locale: z.enum(LOCALES).nullable(),
    createdAt: MOMENT,
    step: z.object({
      kind: z.string().describe('For programs; never changes'),
      words: z.object({ ja: WORDS, en: WORDS }).describe('Where the person is stuck, and what to do next'),
      remedies: z.array(z.enum(REMEDIES)).describe('What helps at this step, the first one first'),
    }),
    password: z.object({ setAt: MOMENT, firstSetAt: MOMENT }).nullable(),
    signInDelay: z
      .object({ attempts: z.number(), lastAttemptAt: MOMENT, until: MAYBE, onlyReset: z.boolean() })
      .nullable(),
    codes: z.object({
      askedToday: z.number(),
      wrongToday: z.number(),
      lastAskedAt: MAYBE,
      nextSendAt: MAYBE.describe('null: at once'),
      openRequest: z.boolean().describe('A page of the person still takes a code'),
    }),
    links: z.array(
      z.object({
        clientId: z.string(),
        consoleUserId: z.string(),
        linkedAt: MOMENT,
        apiOnly: z.boolean(),
        lastLegacyAt: MAYBE,
        lastUnifiedAt: MAYBE,
        cutOverAt: MAYBE,
        consoleAddress: z
          .string()
          .nullable()
          .describe('Where the console has another address than the login ID'),
      }),
    ),
    mails: z.array(
      z.object({
        id: z.string(),
        template: z.string(),
        noticeId: z.string().nullable().describe('The notice that it is of'),
        recipient: z.string(),
        fate: z.enum(['waiting', 'deferred', 'accepted', 'refused', 'bounced', 'dropped']),
        response: z.string().nullable(),
        tries: z.number(),
        createdAt: MOMENT,
        endedAt: MAYBE,
      }),
    ),
    events: z.array(
      z.object({
        id: z.string(),
        at: MOMENT,
        action: z.string(),
        actor: z.string(),
        clientIp: z.string().nullable(),
      }),
    ),
  })
  .meta({ id: 'Person' });
const DONE = z.object({ done: z.literal(true) });
const UNFIT = ['account-unknown', 'account-state-unfit'] as const;
const TOO_OFTEN = ['too-many', 'too-soon'] as const;

/** Finding somebody, everything about them, and what the support desk does for them (R25). */
export const accountArea: OperatorArea = (app, context) => {
  app.get(
    '/accounts',
    {
      config: { role: 'support' },
      schema: {
        tags: ['Accounts'],
        summary: 'Find accounts, in whatever state they are',
        description: 'At least one of q, emailAddress and state; otherwise nobody is found.',
        querystring: z.strictObject({
          q: z
            .string()
            .max(200)
            .optional()
            .describe('Words, each part of a login ID, name, company or console user id; all must be found'),
          emailAddress: z.string().min(1).max(320).optional().describe('Exactly this login ID; none or one'),
          state: STATE.optional(),
          ...PAGED,
        }),
        response: { 200: pageOf(FOUND) },
      },
    },
    async (request) => {
      const { q = '', emailAddress, state, cursor, limit } = request.query;
      const named = (found: readonly FoundAccount[]) =>
        found.map(({ accountId, links, ...one }) => ({ id: accountId, ...one, links: [...links] }));
      if (emailAddress !== undefined) {
        const one = emailAddress.includes('@') ? await findAccount(context.db, emailAddress) : undefined;
        return { items: one ? named(await accountsOf(context.db, [one.id])) : [], next: null };
      }
      const page = await searchAccounts(context.db, { text: q, state, after: placeIn(cursor), limit });
      return { items: named(page.accounts), next: cursorText(page.next) };
    },
  );

  app.get(
    '/accounts/:account',
    {
      config: { role: 'support' },
      schema: {
        tags: ['Accounts'],
        summary: 'One person over old and new, and the step where they are stuck',
        params: PARAMS,
        response: { 200: PERSON, ...problems('account-unknown') },
      },
    },
    async (request, reply) => {
      const account = await findAccount(context.db, request.params.account);
      if (!account) return sendProblem(reply, 'account-unknown');
      const now = context.clock();
      const [facts, consoles] = await Promise.all([
        personFacts(context.db, account, now),
        context.consoles.all(),
      ]);
      const names = (locale: 'ja' | 'en') => (clientId: string) => {
        const console = consoles.find((one) => one.client_id === clientId);
        return console ? consoleName(console, locale) : clientId;
      };
      return PERSON.parse(JSON.parse(JSON.stringify(personAnswer(facts, stepOf(facts, now), names))));
    },
  );

  app.post(
    '/accounts/:account/set-up-mail',
    {
      config: { role: 'support' },
      schema: {
        tags: ['Accounts'],
        summary: 'Mail how to set a password',
        description: 'There is no code in it. Once a minute, six times a day.',
        params: PARAMS,
        body: z.strictObject({ locale: z.enum(LOCALES).default('ja') }),
        response: { 200: DONE, ...problems(...UNFIT, ...TOO_OFTEN) },
      },
    },
    async (request, reply) =>
      answer(
        context,
        reply,
        await sendSetUpMail(
          context,
          request.params.account,
          request.body.locale,
          byOperator(context, request),
        ),
      ),
  );

  app.post(
    '/accounts/:account/code',
    {
      config: { role: 'support' },
      schema: {
        tags: ['Accounts'],
        summary: 'Send the code that the person asked for again',
        description: 'It goes to the login ID and is typed where it was asked for. The limits of codes hold.',
        params: PARAMS,
        response: { 200: DONE, ...problems(...UNFIT, ...TOO_OFTEN, 'no-open-request') },
      },
    },
    async (request, reply) =>
      answer(
        context,
        reply,
        await resendCodeFor(context, request.params.account, byOperator(context, request)),
      ),
  );

  app.post(
    '/accounts/:account/clear-delay',
    {
      config: { role: 'support' },
      schema: {
        tags: ['Accounts'],
        summary: 'Forget the wrong passwords of a login ID: the next sign-in is taken at once',
        params: PARAMS,
        body: z.strictObject({ reason: text(1_000).trim().min(1).describe('For the audit log') }),
        response: { 200: DONE, ...problems(...UNFIT, 'nothing-to-clear', 'reason-missing') },
      },
    },
    async (request, reply) => {
      const by = { ...byOperator(context, request), reason: request.body.reason };
      return answer(context, reply, await clearDelay(context.db, request.params.account, by));
    },
  );
};

function answer(
  context: WebContext,
  reply: FastifyReply,
  result:
    | { ok: true }
    | { ok: false; reason: 'too-soon' | 'too-many'; retryAt: Date }
    | {
        ok: false;
        reason:
          | 'account-unknown'
          | 'account-state-unfit'
          | 'no-open-request'
          | 'nothing-to-clear'
          | 'reason-missing';
      },
): { done: true } | FastifyReply {
  if (result.ok) return { done: true };
  return 'retryAt' in result
    ? sendProblem(reply, result.reason, { retryAt: result.retryAt, now: context.clock() })
    : sendProblem(reply, result.reason);
}

function byOperator(context: WebContext, request: FastifyRequest) {
  const { actor } = operatorIn(request);
  return { actor, clientIp: request.ip, requestId: request.id, now: context.clock() };
}
