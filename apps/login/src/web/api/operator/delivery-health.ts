import { z } from 'zod';
import { MOMENT } from '../forms.ts';

/** How a console takes what it is told, whether of ended sessions or of events. */
export const DELIVERY_HEALTH = z.object({
  clientId: z.string(),
  state: z.enum(['answering', 'failing', 'spared']),
  failures: z.number().describe('Tries in a row that got no answer'),
  failingSince: MOMENT.nullable(),
  lastError: z.string().nullable(),
  lastSuccessAt: MOMENT.nullable().describe('To ten seconds'),
  waiting: z.number(),
  failed: z.number(),
  oldestWaitingSince: MOMENT.nullable(),
});

/** What became of an order to try all again. */
export const RETRIED = z
  .object({
    retried: z.number(),
    skipped: z.number().describe('Given up and staying so: an account has a newer state since'),
    left: z.number().describe('More than one order takes; ask again'),
  })
  .meta({ id: 'DeliveriesRetried' });
