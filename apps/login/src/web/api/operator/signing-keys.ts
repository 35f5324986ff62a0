import { z } from 'zod';
import { nextRotationAt, signingKeys } from '#domain/signing-keys/list.ts';
import { rotateNow } from '#domain/signing-keys/rotate.ts';
import { keyFingerprint } from '#support/primitives/secrets.ts';
import { problems } from '../described.ts';
import { iso, MOMENT } from '../forms.ts';
import { sendProblem } from '../problem.ts';
import { operatorIn, type OperatorArea } from './operator-api.ts';

const KEY = z
  .object({
    kid: z.string(),
    alg: z.string(),
    state: z.enum(['next', 'in-use', 'kept', 'ended']),
    createdAt: MOMENT,
    useFrom: MOMENT,
    usedUntil: MOMENT.describe('When the key after it comes into use, or will by the schedule'),
    endsAt: MOMENT.describe('When it leaves the published set'),
  })
  .meta({ id: 'SigningKey' });

/** The keys that sign ID tokens, logout tokens and events. Their private parts are nowhere to be had. */
export const signingKeyArea: OperatorArea = (app, context) => {
  app.get(
    '/signing-keys',
    {
      config: { role: 'viewer' },
      schema: {
        tags: ['Keys'],
        summary: 'All signing keys, the next rotation, and the fingerprint of the master key',
        response: {
          200: z.object({
            keys: z.array(KEY),
            nextRotationAt: MOMENT.nullable(),
            masterKeyFingerprint: z.string(),
          }),
        },
      },
    },
    async () => {
      const keys = await signingKeys(context.db, context.clock());
      return {
        keys: keys.map((key) => ({
          ...key,
          createdAt: key.createdAt.toISOString(),
          useFrom: key.useFrom.toISOString(),
          usedUntil: key.usedUntil.toISOString(),
          endsAt: key.endsAt.toISOString(),
        })),
        nextRotationAt: iso(nextRotationAt(keys) ?? null),
        masterKeyFingerprint: keyFingerprint(context.secrets),
      };
    },
  );

  app.post(
    '/signing-keys/rotate',
    {
      config: { role: 'administrator' },
      schema: {
        tags: ['Keys'],
        summary:
          'Publish the next key of every algorithm now; it is used a day later, urgently ten minutes later',
        body: z.strictObject({ urgent: z.boolean().default(false) }),
        response: { 200: z.object({ useFrom: MOMENT }), ...problems('rotation-under-way') },
      },
    },
    async (request, reply) => {
      const by = { actor: operatorIn(request).actor, now: context.clock() };
      const result = await rotateNow(context.db, context.secrets, request.body, by);
      if (!result.ok) return sendProblem(reply, result.reason);
      await context.keys.reload();
      return { useFrom: result.useFrom.toISOString() };
    },
  );
};
