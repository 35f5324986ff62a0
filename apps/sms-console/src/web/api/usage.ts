import { z } from 'zod';
import { routes } from '#app/routes.ts';
import { usageOfMonth } from '#domain/messages/quota.ts';
import { callerOf, within, type MachineApi } from './authenticate.ts';
import type { ApiRoutes } from './described.ts';

/** What the company used of this month (R30). */
export function usageRoutes(scope: ApiRoutes, { db, clock }: MachineApi): void {
  scope.get(
    within(routes.apiUsage),
    {
      schema: {
        tags: ['Usage'],
        summary: 'What this month (Japan time) has used, and its limit',
        response: {
          200: z
            .object({
              month: z.string().describe('Such as 2026-11'),
              messages: z.number().describe('Handed over; cancelled ones do not count'),
              parts: z.number().describe('Short messages used; cancelled and failed ones do not count'),
              delivered: z.number(),
              limit: z.number().nullable().describe('Short messages that the month may have; null: no limit'),
              left: z
                .number()
                .nullable()
                .describe(
                  'What is left of it, also for files that people have confirmed and that are still being queued',
                ),
            })
            .meta({ id: 'Usage' }),
        },
      },
      config: { scope: 'read' },
    },
    async (request) => usageOfMonth(db, callerOf(request).companyId, clock()),
  );
}
