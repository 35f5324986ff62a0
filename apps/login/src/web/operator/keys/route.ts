import { masterKeyFacts } from '#domain/master-key/standing.ts';
import { nextRotationAt, signingKeys } from '#domain/signing-keys/list.ts';
import { rotateNow } from '#domain/signing-keys/rotate.ts';
import { japanTime } from '#support/primitives/japan-time.ts';
import { field, query, sendPage } from '#web/http/request.ts';
import { includesRole } from '#domain/operators/rights.ts';
import { isBack, visitOf, type OperatorArea } from '../visit.ts';
import { listPage } from './list-page.tsx';
import { rotatePage } from './rotate-page.tsx';
import { texts } from './text.ts';

/** 鍵: which keys sign, when the next one comes, and its making by hand. Private parts are never read here. */
export const keysArea: OperatorArea = (app, context) => {
  app.get('/operator/keys', async (request, reply) => {
    const visit = visitOf(request);
    const [keys, master] = await Promise.all([
      signingKeys(context.db, visit.now),
      masterKeyFacts(context.db, context.secrets),
    ]);
    const view = {
      keys,
      nextAt: nextRotationAt(keys),
      master,
      mayRotate: includesRole(visit.operator.role, 'administrator'),
      rotated: query(request, 'rotated') !== undefined,
    };
    return sendPage(reply, await listPage(context, visit, view));
  });

  app.get('/operator/keys/rotate', async (request, reply) => {
    const when = isBack(request) && field(request, 'when') === 'urgent' ? 'urgent' : 'tomorrow';
    return sendPage(reply, await rotatePage(context, visitOf(request), { when }));
  });

  app.post('/operator/keys/rotate', async (request, reply) => {
    const visit = visitOf(request);
    const t = texts[visit.shell.locale];
    const when = field(request, 'when');
    if (when !== 'tomorrow' && when !== 'urgent')
      return sendPage(reply, await rotatePage(context, visit, { when: '', error: t.chooseWhen }), 422);
    const by = { actor: visit.operator.actor, now: visit.now };
    const result = await rotateNow(context.db, context.secrets, { urgent: when === 'urgent' }, by);
    if (!result.ok) {
      const error = t.underWay(japanTime(result.useFrom, visit.shell.locale));
      return sendPage(reply, await rotatePage(context, visit, { when, error }), 409);
    }
    await context.keys.reload();
    return reply.redirect('/operator/keys?rotated=1', 303);
  });
};
