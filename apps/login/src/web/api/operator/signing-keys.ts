import { z } from 'zod';
import { masterKeyFacts } from '#domain/master-key/standing.ts';
import { nextRotationAt, signingKeys } from '#domain/signing-keys/list.ts';
import { rotateNow } from '#domain/signing-keys/rotate.ts';
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

const MASTER_KEY = z
  .object({
    fingerprint: z.string(),
    since: MOMENT.nullable(),
    leaving: z
      .string()
      .nullable()
      .describe('Fingerprint of the one before it, while a change is not finished'),
    otherwise: z.int().describe('How many texts are not encrypted with it yet'),
    alsoGiven: z.array(z.string()).describe('Other master keys that servers were given'),
    step: z.enum(['none', 'give', 'rewrap', 'finish', 'take-away']).describe('What to do next'),
    servers: z.array(
      z.object({
        name: z.string(),
        masterKeys: z.array(z.string()),
        lacksKey: z.boolean(),
        clockAheadMilliseconds: z.int().nullable(),
        startedAt: MOMENT,
        seenAt: MOMENT,
      }),
    ),
  })
  .meta({ id: 'MasterKey' });

/** The keys that sign ID tokens, logout tokens and events. Their private parts are nowhere to be had. */
export const signingKeyArea: OperatorArea = (app, context) => {
  app.get(
    '/signing-keys',
    {
      config: { role: 'viewer' },
      schema: {
        tags: ['Keys'],
        summary: 'All signing keys, the next rotation, how the master key stands, and the servers that run',
        response: {
          200: z.object({
            keys: z.array(KEY),
            nextRotationAt: MOMENT.nullable(),
            masterKeyFingerprint: z.string(),
            masterKey: MASTER_KEY,
          }),
        },
      },
    },
    async () => {
      const keys = await signingKeys(context.db, context.clock());
      const master = await masterKeyFacts(context.db, context.secrets);
      return {
        keys: keys.map((key) => ({
          ...key,
          createdAt: key.createdAt.toISOString(),
          useFrom: key.useFrom.toISOString(),
          usedUntil: key.usedUntil.toISOString(),
          endsAt: key.endsAt.toISOString(),
        })),
        nextRotationAt: iso(nextRotationAt(keys) ?? null),
        masterKeyFingerprint: master.fingerprint,
        masterKey: {
          ...master,
          alsoGiven: [...master.alsoGiven],
          since: iso(master.since),
          servers: master.servers.map(({ name, masterKeys, lacksKey, clockAhead, startedAt, seenAt }) => ({
            name,
            masterKeys: [...masterKeys],
            lacksKey,
            clockAheadMilliseconds: clockAhead,
            startedAt: startedAt.toISOString(),
            seenAt: seenAt.toISOString(),
          })),
        },
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
