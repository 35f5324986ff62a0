import { eventHealth } from '#domain/events/channel.ts';
import { deliveryHealth } from '#domain/logout/health.ts';
import { masterKeyFacts } from '#domain/master-key/standing.ts';
import { signInHours } from '#domain/migration/sign-in-hours.ts';
import { mailStanding } from '#support/mail/standing.ts';
import { sendPage } from '#web/http/request.ts';
import { allMoves } from '../moves.ts';
import { visitOf, type OperatorArea } from '../visit.ts';
import { overviewPage } from './page.tsx';

/** 概況: can we cut over, what is stuck, who must act. */
export const overviewArea: OperatorArea = (app, context) => {
  app.get('/operator', async (request, reply) => {
    const visit = visitOf(request);
    const { now } = visit;
    const { db } = context;
    const [moves, hours, mail, logouts, events, master] = await Promise.all([
      allMoves(context, now),
      signInHours(db, now),
      mailStanding(db, now),
      deliveryHealth(db),
      eventHealth(db),
      masterKeyFacts(db, context.secrets),
    ]);
    return sendPage(
      reply,
      await overviewPage(context, visit, { moves, hours, mail, logouts, events, master }),
    );
  });
};
