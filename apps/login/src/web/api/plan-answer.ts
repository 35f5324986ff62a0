import { hash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { PHASE_RULES } from '#domain/migration/phase.ts';
import { planOf } from '#domain/migration/plans.ts';
import { SECOND } from '#support/primitives/durations.ts';
import type { WebContext } from '#web/http/context.ts';
import { MOMENT } from './forms.ts';

/** Longest wait that a request may ask for; less than proxies commonly allow. */
const LONGEST_WAIT = 25 * SECOND;

/** A notification may be lost: so often a waiting request looks for itself. */
const LOOK_EVERY = 5 * SECOND;

const RULES = z
  .object({
    legacyLink: z.boolean(),
    legacySignIn: z.boolean(),
    reset: z.enum(['console', 'unified']),
    logout: z.enum(['console', 'by-session']),
  })
  .meta({ id: 'PhaseRules' });

/** A plan as consoles are told it. */
export const PLAN = z
  .object({
    consoleId: z.string(),
    revision: z.number(),
    linkAt: MOMENT.nullable(),
    announceAt: MOMENT.nullable(),
    cutOverAt: MOMENT.nullable(),
    serverTime: MOMENT,
    allows: z.object({ prepared: RULES, parallel: RULES, unified: RULES }),
  })
  .meta({ id: 'Plan' });

/**
 * Answers `GET /plan`. With `If-None-Match` and `Prefer: wait=N` (RFC 7240 §4.3, at most 25 s) the answer waits until the plan is another one than the console has, and is 304
 * after that time. Where it cannot wait it answers at once, without `Preference-Applied`.
 */
export async function answerPlan(
  context: WebContext,
  consoleId: string,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<z.infer<typeof PLAN> | FastifyReply> {
  const known = request.headers['if-none-match'];
  const wait = known === undefined ? 0 : preferredWait(request.headers.prefer);
  // The place is taken before the plan is read, so that no change falls in between.
  const place = wait > 0 ? context.planWatch.take(consoleId) : undefined;
  if (place) reply.raw.once('close', () => place.leave());
  const until = performance.now() + wait;
  try {
    for (;;) {
      const plan = await planOf(context.db, consoleId);
      const told = {
        consoleId,
        revision: plan.revision,
        linkAt: plan.linkAt?.toISOString() ?? null,
        announceAt: plan.announceAt?.toISOString() ?? null,
        cutOverAt: plan.cutOverAt?.toISOString() ?? null,
        allows: PHASE_RULES,
      };
      // The time of answering is not part of what changes.
      const etag = `"${hash('sha256', JSON.stringify(told), 'base64url').slice(0, 22)}"`;
      const left = until - performance.now();
      if (etag === known && place && !place.over() && left > 0) {
        await place.next(Math.min(left, LOOK_EVERY));
        continue;
      }
      reply.header('etag', etag).header('cache-control', 'no-cache');
      if (place) reply.header('preference-applied', `wait=${wait / SECOND}`);
      if (etag === known) return reply.code(304).send('');
      return { ...told, serverTime: context.clock().toISOString() };
    }
  } finally {
    place?.leave();
  }
}

/** The wait that a request prefers, in milliseconds; 0 when it says none that can be read. Of several the first counts (RFC 7240 §2). */
function preferredWait(header: string | string[] | undefined): number {
  for (const preference of [header ?? []].flat().join(',').split(',')) {
    const [name = '', value = ''] = (preference.split(';')[0] ?? '').split('=').map((part) => part.trim());
    if (name.toLowerCase() !== 'wait') continue;
    const seconds = /^"?(\d{1,6})"?$/.exec(value)?.[1];
    return seconds === undefined ? 0 : Math.min(Number(seconds) * SECOND, LONGEST_WAIT);
  }
  return 0;
}
