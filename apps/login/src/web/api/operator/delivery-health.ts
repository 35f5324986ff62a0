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
