import { z } from 'zod';
import { endFetched, fetchEvents, type Fetched } from '#domain/events/poll.ts';
import { streamOf } from '#domain/events/streams.ts';
import { SECOND } from '#support/primitives/durations.ts';
import type { WebContext } from '#web/http/context.ts';
import type { ApiScope } from '../api-scope.ts';
import { consoleIn } from '../console-auth.ts';
import { STREAM_ID } from './forms.ts';
import { REFUSAL, refuse } from './refusal.ts';

/** Longest wait for an event; less than proxies commonly allow. */
const LONGEST_WAIT = 25 * SECOND;
/** A notification may be lost, and what somebody fetched may become free: so often a waiting request looks for itself. */
const LOOK_EVERY = 5 * SECOND;
/** So many events at once, also where the console says no limit; the rest is announced by `moreAvailable`. */
const MOST_EVENTS = 100;
const MOST_NAMED = 1_000;

/** Names of events of ours; other ones are passed over (RFC 8936 §2.4: unknown ones are no error). */
const isName = (text: string): boolean => /^[\w-]{1,60}$/.test(text);

const POLL_REQUEST = z.looseObject({
  maxEvents: z.number().int().min(0).optional().describe('0: only acknowledge'),
  returnImmediately: z
    .boolean()
    .optional()
    .describe('false, the default: wait for an event up to 25 seconds'),
  ack: z.array(z.string()).max(MOST_NAMED).optional().describe('`jti` of events that have arrived'),
  setErrs: z
    .record(z.string(), z.looseObject({ err: z.string().min(1), description: z.string().optional() }))
    .refine((all) => Object.keys(all).length <= MOST_NAMED)
    .optional()
    .describe('`jti` of events that are not taken, with the reason'),
});

/** Polling for events (RFC 8936 §2). */
export function registerPoll(app: ApiScope, context: WebContext): void {
  app.post(
    '/poll/:stream_id',
    {
      bodyLimit: 512 * 1024,
      schema: {
        summary: 'Fetch events and acknowledge those that were fetched before (RFC 8936)',
        params: z.object({ stream_id: STREAM_ID }),
        body: POLL_REQUEST.nullish(),
        response: {
          200: z
            .object({
              sets: z.record(z.string(), z.string()).describe('Security event tokens by `jti`'),
              moreAvailable: z.boolean().optional(),
            })
            .meta({ id: 'PolledEvents' }),
          400: REFUSAL,
          401: REFUSAL,
          404: REFUSAL,
        },
      },
    },
    async (request, reply) => {
      const console = consoleIn(request);
      const found = await streamOf(context.db, console.id);
      if (found?.id !== request.params.stream_id) return refuse(reply, 'stream-unknown');
      if (found.method !== 'poll') return refuse(reply, 'stream-pushes');
      const stream = { id: found.id, consoleId: console.id };
      const asked = request.body ?? {};
      const limit = Math.min(asked.maxEvents ?? MOST_EVENTS, MOST_EVENTS);
      const waits = limit > 0 && asked.returnImmediately !== true;
      // The place is taken before anything is read, so that no event falls in between.
      const place = waits ? context.eventWatch.take(console.id) : undefined;
      if (place) reply.raw.once('close', () => place.leave());
      const until = performance.now() + LONGEST_WAIT;
      try {
        await endFetched(
          context.db,
          stream,
          {
            acks: (asked.ack ?? []).filter(isName),
            errors: new Map(Object.entries(asked.setErrs ?? {}).filter(([name]) => isName(name))),
          },
          context.clock(),
        );
        if (limit === 0) return { sets: {} };
        for (;;) {
          const fetched: Fetched = await fetchEvents(context.db, context, stream, limit, context.clock());
          const left = until - performance.now();
          const some = Object.keys(fetched.sets).length > 0;
          if (some || !place || place.over() || left <= 0)
            return { sets: fetched.sets, ...(fetched.moreAvailable ? { moreAvailable: true } : {}) };
          await place.next(Math.min(left, LOOK_EVERY));
        }
      } finally {
        place?.leave();
      }
    },
  );
}
