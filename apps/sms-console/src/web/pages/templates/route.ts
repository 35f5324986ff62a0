import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { routes } from '#app/routes.ts';
import { deleteTemplate, findTemplate, listTemplates, saveTemplate } from '#domain/templates/templates.ts';
import { field, linesField } from '#web/http/forms.ts';
import { leadTo, leaveNotice, sendPage, viewOf } from '#web/http/view.ts';
import { requireRight, type SignedInVisitor } from '#web/http/visitor.ts';
import type { Web } from '#web/http/web.ts';
import { DeleteTemplatePage, TemplatePage, TemplatesPage, type TemplatePageProps } from './page.tsx';

const LONGEST_BODY = 2_000;

/** Texts to start from: everybody sees them, those who send change them. */
export function templateRoutes(app: FastifyInstance, web: Web): void {
  app.get(routes.templates, async (request, reply) => {
    const visitor = await requireRight(web, request, reply, 'see');
    if (visitor === null) return reply;
    const { person } = visitor;
    const templates = await listTemplates(web.db, person.companyId);
    const view = viewOf(web, request, reply, person);
    return sendPage(reply, 200, TemplatesPage({ view, person, templates }));
  });

  app.get(routes.templateNew, async (request, reply) => {
    const visitor = await requireRight(web, request, reply, 'change-templates');
    if (visitor === null) return reply;
    return show(web, request, reply, visitor, { id: null, name: '', body: '', fault: null });
  });

  app.post(routes.templateNew, async (request, reply) => {
    const visitor = await requireRight(web, request, reply, 'change-templates', routes.templates);
    return visitor === null ? reply : save(web, request, reply, visitor, null);
  });

  app.get<{ Params: { id: string } }>(routes.template, async (request, reply) => {
    const visitor = await requireRight(web, request, reply, 'change-templates');
    if (visitor === null) return reply;
    const found = await findTemplate(web.db, visitor.person.companyId, request.params.id);
    if (found === null) return reply.callNotFound();
    return show(web, request, reply, visitor, { ...found, fault: null });
  });

  app.post<{ Params: { id: string } }>(routes.template, async (request, reply) => {
    const visitor = await requireRight(web, request, reply, 'change-templates', routes.templates);
    if (visitor === null) return reply;
    const found = await findTemplate(web.db, visitor.person.companyId, request.params.id);
    if (found === null) return reply.callNotFound();
    return save(web, request, reply, visitor, found.id);
  });

  app.get<{ Params: { id: string } }>(routes.templateDelete, async (request, reply) => {
    const visitor = await requireRight(web, request, reply, 'change-templates');
    if (visitor === null) return reply;
    const { person } = visitor;
    const template = await findTemplate(web.db, person.companyId, request.params.id);
    if (template === null) return reply.callNotFound();
    const view = viewOf(web, request, reply, person);
    return sendPage(reply, 200, DeleteTemplatePage({ view, person, template }));
  });

  app.post<{ Params: { id: string } }>(routes.templateDelete, async (request, reply) => {
    const visitor = await requireRight(web, request, reply, 'change-templates', routes.templates);
    if (visitor === null) return reply;
    if (await deleteTemplate(web.db, visitor.person.companyId, request.params.id))
      leaveNotice(web, reply, 'template-deleted');
    return leadTo(reply, routes.templates);
  });
}

async function save(
  web: Web,
  request: FastifyRequest,
  reply: FastifyReply,
  visitor: SignedInVisitor,
  id: string | null,
): Promise<FastifyReply> {
  const { person } = visitor;
  const by = { personId: person.id, companyId: person.companyId };
  const typed = {
    id,
    name: field(request.body, 'name'),
    body: linesField(request.body, 'body', LONGEST_BODY),
  };
  const saved = await saveTemplate(web.db, by, typed, web.clock());
  if (!saved.ok) return show(web, request, reply, visitor, { ...typed, fault: saved.reason });
  leaveNotice(web, reply, 'template-saved');
  return leadTo(reply, routes.templates);
}

function show(
  web: Web,
  request: FastifyRequest,
  reply: FastifyReply,
  { person }: SignedInVisitor,
  template: Pick<TemplatePageProps, 'id' | 'name' | 'body' | 'fault'>,
): FastifyReply {
  const view = viewOf(web, request, reply, person);
  const { id, name, body, fault } = template;
  return sendPage(reply, fault === null ? 200 : 422, TemplatePage({ view, person, id, name, body, fault }));
}
