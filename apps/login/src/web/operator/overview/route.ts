import { eventHealth } from '#domain/events/channel.ts';
import { deliveryHealth } from '#domain/logout/health.ts';
import { phaseAt } from '#domain/migration/phase.ts';
import { planOf } from '#domain/migration/plans.ts';
import { signInHours } from '#domain/migration/sign-in-hours.ts';
import { progressSummary } from '#domain/migration/summary.ts';
import { unsettledByConsole } from '#domain/notices/standing.ts';
import { mailStanding } from '#support/mail/standing.ts';
import { sendPage } from '#web/http/request.ts';
import { visitOf, type OperatorArea } from '../visit.ts';
import { overviewPage } from './page.tsx';

/** 概況: can we cut over, what is stuck, who must act. */
export const overviewArea: OperatorArea = (app, context) => {
  app.get('/operator', async (request, reply) => {
    const visit = visitOf(request);
    const { now } = visit;
    const { db } = context;
    const [consoles, unsettled, hours, mail, logouts, events] = await Promise.all([
      context.consoles.all(),
      unsettledByConsole(db),
      signInHours(db, now),
      mailStanding(db, now),
      deliveryHealth(db),
      eventHealth(db),
    ]);
    const moves = await Promise.all(
      consoles.map(async (console) => {
        const [plan, summary] = await Promise.all([
          planOf(db, console.id),
          progressSummary(db, console.id, now),
        ]);
        return {
          console,
          plan,
          phase: phaseAt(plan, now),
          summary,
          unsettled: unsettled.get(console.id) ?? 0,
        };
      }),
    );
    return sendPage(reply, await overviewPage(context, visit, { moves, hours, mail, logouts, events }));
  });
};
