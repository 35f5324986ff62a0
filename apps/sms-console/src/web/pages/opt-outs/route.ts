import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { routes } from '#app/routes.ts';
import { importOptOuts, LARGEST_ADDRESS_FILE } from '#domain/addresses/import-file.ts';
import { addOptOut, countOptOuts, listOptOuts, removeOptOut } from '#domain/opt-outs/opt-outs.ts';
import { readRecipientNumber } from '#domain/recipients/recipient-number.ts';
import { field } from '#web/http/forms.ts';
import { drain, takeUploads, wholeFile } from '#web/http/uploads.ts';
import { leadTo, leaveNotice, sendPage, viewOf } from '#web/http/view.ts';
import { requireRight, type SignedInVisitor } from '#web/http/visitor.ts';
import type { Web } from '#web/http/web.ts';
import { OptOutsPage, type OptOutsPageProps } from './page.tsx';

/** Numbers that get nothing more of the company: everybody sees them, those who send change them. */
export function optOutRoutes(app: FastifyInstance, web: Web): void {
  app.get(routes.optOuts, async (request, reply) => {
    const visitor = await requireRight(web, request, reply, 'see');
    return visitor === null ? reply : show(web, request, reply, visitor, {});
  });

  app.post(routes.optOuts, async (request, reply) => {
    const visitor = await requireRight(web, request, reply, 'change-opt-outs', routes.optOuts);
    if (visitor === null) return reply;
    const typed = { number: field(request.body, 'number'), reason: field(request.body, 'reason') };
    const added = await addOptOut(web.db, byOf(visitor), typed, web.clock());
    if (!added.ok) return show(web, request, reply, visitor, { typed, fault: added.reason });
    leaveNotice(web, reply, 'opt-out-added');
    return leadTo(reply, routes.optOuts);
  });

  app.post(routes.optOutRemove, async (request, reply) => {
    const visitor = await requireRight(web, request, reply, 'change-opt-outs', routes.optOuts);
    if (visitor === null) return reply;
    const removed = await removeOptOut(web.db, visitor.person.companyId, field(request.body, 'number'));
    if (removed) leaveNotice(web, reply, 'opt-out-removed');
    return leadTo(reply, routes.optOuts);
  });

  void app.register(async (scope) => {
    await takeUploads(scope, LARGEST_ADDRESS_FILE, (...of) => app.csrfProtection(...of));
    scope.post(routes.optOutsImport, async (request, reply) => {
      const visitor = await requireRight(web, request, reply, 'change-opt-outs', routes.optOuts);
      if (visitor === null) {
        await drain(request);
        return reply;
      }
      if (request.upload === null) return show(web, request, reply, visitor, { fileFault: 'file-missing' });
      const file = await wholeFile(request.upload, LARGEST_ADDRESS_FILE);
      if (file === null) return show(web, request, reply, visitor, { fileFault: 'file-too-large' });
      const imported = await importOptOuts(web.db, byOf(visitor), file, web.clock());
      return show(web, request, reply, visitor, imported.ok ? { imported } : { fileFault: imported.reason });
    });
  });
}

function byOf({ person }: SignedInVisitor) {
  return { personId: person.id, companyId: person.companyId };
}

async function show(
  web: Web,
  request: FastifyRequest,
  reply: FastifyReply,
  { person }: SignedInVisitor,
  what: Pick<OptOutsPageProps, 'typed' | 'fault' | 'fileFault' | 'imported'>,
): Promise<FastifyReply> {
  const after = field(request.query, 'after');
  const search = field(request.query, 'q');
  const read = readRecipientNumber(search);
  const wanted = read.ok
    ? read.number
    : search
        .normalize('NFKC')
        .replace(/[^0-9+]/g, '')
        .replace(/^0/, '');
  const { entries, next } = await listOptOuts(web.db, person.companyId, { after, search: wanted });
  const view = viewOf(web, request, reply, person);
  const count = await countOptOuts(web.db, person.companyId);
  const isRefused = what.fault !== undefined || what.fileFault !== undefined;
  return sendPage(
    reply,
    isRefused ? 422 : 200,
    OptOutsPage({ view, person, entries, next, isFirst: after === '', search, count, ...what }),
  );
}
