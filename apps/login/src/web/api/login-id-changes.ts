import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { loginIdChange, requestLoginIdChange, resendLoginIdCode } from '#domain/login-id/change.ts';
import { confirmLoginIdChange } from '#domain/login-id/confirm.ts';
import type { ChangeView } from '#domain/login-id/state.ts';
import type { ConsoleRow } from '#support/db/schema.ts';
import type { WebContext } from '#web/http/context.ts';
import type { ApiScope } from './api-scope.ts';
import { problems } from './described.ts';
import { MOMENT, text } from './forms.ts';
import { sendProblem } from './problem.ts';

const CHANGE = z
  .object({
    id: z.string(),
    newEmailAddress: z.string(),
    sentFrom: z.string(),
    codeExpiresAt: MOMENT,
    resendAt: MOMENT,
    state: z
      .enum(['pending', 'confirmed', 'ended', 'undone'])
      .describe(
        'ended: superseded, older than a day, the login ID changed elsewhere meanwhile, or the account became an operator’s',
      ),
    version: z.int32().nullable().describe('The version of the login ID that the confirmation made'),
  })
  .meta({ id: 'LoginIdChange' });
const CHANGE_PARAMS = z.object({ id: z.string().max(60) });
const BEGIN = [
  'user-unknown',
  'address-malformed',
  'address-unchanged',
  'idempotency-key-reused',
  'kept-by-administrators',
  'too-many',
  'too-soon',
] as const;
const GOES_ON = ['change-unknown', 'change-ended', 'changed-meanwhile', 'kept-by-administrators'] as const;
const RESEND = [...GOES_ON, 'too-many', 'too-soon'] as const;
const CONFIRM = [
  ...GOES_ON,
  'code-malformed',
  'code-superseded',
  'code-used',
  'too-many-tries',
  'too-many-guesses',
  'code-wrong',
  'code-expired',

  'address-taken',
  'address-reserved',
] as const;
type Refusal = (typeof BEGIN | typeof RESEND | typeof CONFIRM)[number];

/** `/login-id-changes`: the login ID follows the console (R18). */
export function registerLoginIdChanges(
  app: ApiScope,
  context: WebContext,
  consoleOf: (request: FastifyRequest) => ConsoleRow,
): void {
  app.post(
    '/login-id-changes',
    {
      config: { fromAnywhere: true, ownIdempotency: true },
      schema: {
        tags: ['Console'],
        summary: 'Begin the change of a login ID: mails a code to the new address',
        description:
          '403 kept-by-administrators: the account is an operator’s of the unified login, whose login ID no console changes; the same comes from the other calls of a change when the person was made an operator meanwhile. With an Idempotency-Key the call can be made again safely: the same key with the same content is answered with the same change, and no second mail goes out. A key is remembered as long as its change.',
        headers: z.looseObject({
          'idempotency-key': z
            .string()
            .regex(/^[\x21-\x7e]{1,200}$/)
            .optional(),
        }),
        body: z.object({
          consoleUserId: text(200).min(1),
          newEmailAddress: z.string().max(1_000),
          locale: z.enum(['ja', 'en']),
          sid: text(200).nullish(),
        }),
        response: { 201: CHANGE, ...problems(...BEGIN) },
      },
    },
    async (request, reply) => {
      const now = context.clock();
      const { sid, ...wanted } = request.body;
      const key = request.headers['idempotency-key'];
      const result = await requestLoginIdChange(
        context,
        consoleOf(request),
        { ...wanted, ...(sid ? { sid } : {}), ...(key === undefined ? {} : { idempotencyKey: key }) },
        now,
      );
      if (!result.ok) return sendRefusal(reply, result, now);
      return reply.code(201).send(changeAnswer(result.change));
    },
  );

  app.get(
    '/login-id-changes/:id',
    {
      config: { fromAnywhere: true },
      schema: {
        tags: ['Console'],
        summary: 'How a change stands',
        description: 'For the console that lost the answer to a call: it asks here and never stores a code.',
        params: CHANGE_PARAMS,
        response: { 200: CHANGE, ...problems('change-unknown') },
      },
    },
    async (request, reply) => {
      const found = await loginIdChange(context.db, consoleOf(request), request.params.id, context.clock());
      return found ? changeAnswer(found) : sendProblem(reply, 'change-unknown');
    },
  );

  app.post(
    '/login-id-changes/:id/resend',
    {
      config: { fromAnywhere: true },
      schema: {
        tags: ['Console'],
        summary: 'Send the code once more',
        params: CHANGE_PARAMS,
        response: { 200: CHANGE, ...problems(...RESEND) },
      },
    },
    async (request, reply) => {
      const now = context.clock();
      const result = await resendLoginIdCode(context, consoleOf(request), request.params.id, now);
      if (!result.ok) return sendRefusal(reply, result, now);
      return reply.code(200).send(changeAnswer(result.change));
    },
  );

  app.post(
    '/login-id-changes/:id/confirm',
    {
      config: { fromAnywhere: true },
      schema: {
        tags: ['Console'],
        summary: 'Finish the change with the code',
        description:
          'Of 409 answers: address-taken, the address became the login ID of another account meanwhile; address-reserved, its former owner may still take it back; changed-meanwhile, the login ID changed elsewhere since this change was asked for.',
        params: CHANGE_PARAMS,
        body: z.object({ code: text(100) }),
        response: {
          200: z
            .object({
              emailAddress: z.string(),
              previousEmailAddress: z.string(),
              version: z.int32().describe('Grows by one with every change of this login ID'),
            })
            .meta({ id: 'LoginIdChanged' }),
          ...problems(...CONFIRM),
        },
      },
    },
    async (request, reply) => {
      const now = context.clock();
      const { code } = request.body;
      const result = await confirmLoginIdChange(context, consoleOf(request), request.params.id, code, now);
      if (!result.ok) return sendRefusal(reply, result, now);
      const { emailAddress, previousEmailAddress, version } = result;
      return reply.code(200).send({ emailAddress, previousEmailAddress, version });
    },
  );

  function changeAnswer(change: ChangeView): z.infer<typeof CHANGE> {
    return {
      id: change.id,
      newEmailAddress: change.newAddress,
      sentFrom: context.brand.senderAddress,
      codeExpiresAt: change.codeExpiresAt.toISOString(),
      resendAt: change.resendAt.toISOString(),
      state: change.state,
      version: change.version,
    };
  }
}

function sendRefusal(
  reply: FastifyReply,
  refusal: { reason: Refusal; retryAt?: Date; triesLeft?: number },
  now: Date,
): FastifyReply {
  return sendProblem(reply, refusal.reason, {
    now,
    ...(refusal.retryAt ? { retryAt: refusal.retryAt } : {}),
    ...(refusal.triesLeft === undefined ? {} : { triesLeft: refusal.triesLeft }),
  });
}
