import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { routes } from '#app/routes.ts';
import { usageOfMonth } from '#domain/messages/quota.ts';
import { clockText } from '#domain/sending-rules/quiet-hours.ts';
import {
  changeRules,
  rulesOf,
  type RulesFault,
  type TypedRules,
} from '#domain/sending-rules/sending-rules.ts';
import { field } from '#web/http/forms.ts';
import { leadTo, leaveNotice, sendPage, viewOf } from '#web/http/view.ts';
import { requireRight, type SignedInVisitor } from '#web/http/visitor.ts';
import type { Web } from '#web/http/web.ts';
import { SendingRulesPage } from './page.tsx';

/** Quiet hours, long messages and the monthly limit of a company: everybody sees them, administrators change them. */
export function sendingRulesRoutes(app: FastifyInstance, web: Web): void {
  app.get(routes.settingsSending, async (request, reply) => {
    const visitor = await requireRight(web, request, reply, 'see');
    if (visitor === null) return reply;
    const { quiet, longMessages, monthlyParts } = await rulesOf(web.db, visitor.person.companyId);
    const typed = {
      quiet: quiet !== null,
      quietFrom: clockText(quiet?.from ?? 21 * 60),
      quietUntil: clockText(quiet?.until ?? 8 * 60),
      longMessages,
      monthlyParts: monthlyParts === null ? '' : String(monthlyParts),
    };
    return show(web, request, reply, visitor, typed, []);
  });

  app.post(routes.settingsSending, async (request, reply) => {
    const visitor = await requireRight(web, request, reply, 'change-rules', routes.settingsSending);
    if (visitor === null) return reply;
    const { body } = request;
    const typed = {
      quiet: field(body, 'quiet') === 'yes',
      quietFrom: field(body, 'quiet_from'),
      quietUntil: field(body, 'quiet_until'),
      longMessages: field(body, 'long_messages') === 'yes',
      monthlyParts: field(body, 'monthly_parts'),
    };
    const by = { personId: visitor.person.id, companyId: visitor.person.companyId };
    const changed = await changeRules(web.db, by, typed, web.clock());
    if (!changed.ok) return show(web, request, reply, visitor, typed, changed.reasons);
    leaveNotice(web, reply, 'rules-changed');
    return leadTo(reply, routes.settingsSending);
  });
}

async function show(
  web: Web,
  request: FastifyRequest,
  reply: FastifyReply,
  { person }: SignedInVisitor,
  typed: TypedRules,
  faults: readonly RulesFault[],
): Promise<FastifyReply> {
  const { parts } = await usageOfMonth(web.db, person.companyId, web.clock());
  const view = viewOf(web, request, reply, person);
  return sendPage(
    reply,
    faults.length === 0 ? 200 : 422,
    SendingRulesPage({ view, person, typed, faults, sent: parts }),
  );
}
