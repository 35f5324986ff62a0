import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { pathOf, routes } from '#app/routes.ts';
import {
  addAddress,
  createGroup,
  deleteGroup,
  findGroup,
  listAddresses,
  listGroups,
  removeAddress,
  type GroupFault,
} from '#domain/addresses/groups.ts';
import { importAddresses, LARGEST_ADDRESS_FILE } from '#domain/addresses/import-file.ts';
import { countOptOuts } from '#domain/opt-outs/opt-outs.ts';
import { field } from '#web/http/forms.ts';
import { drain, takeUploads, wholeFile } from '#web/http/uploads.ts';
import { leadTo, leaveNotice, sendPage, viewOf } from '#web/http/view.ts';
import { requireRight, type SignedInVisitor } from '#web/http/visitor.ts';
import type { Web } from '#web/http/web.ts';
import { GroupPage, type GroupPageProps } from './group-page.tsx';
import { DeleteGroupPage, GroupsPage } from './page.tsx';

type OfGroup = { Params: { id: string } };

/** Address groups: everybody sees them, those who send change them. */
export function addressRoutes(app: FastifyInstance, web: Web): void {
  app.get(routes.addresses, async (request, reply) => {
    const visitor = await requireRight(web, request, reply, 'see');
    return visitor === null ? reply : showGroups(web, request, reply, visitor, '', null);
  });

  app.post(routes.addresses, async (request, reply) => {
    const visitor = await requireRight(web, request, reply, 'change-addresses', routes.addresses);
    if (visitor === null) return reply;
    const name = field(request.body, 'name');
    const made = await createGroup(web.db, visitor.person.companyId, name, web.clock());
    if (!made.ok) return showGroups(web, request, reply, visitor, name, made.reason);
    return leadTo(reply, pathOf(routes.group, { id: made.id }));
  });

  app.get<OfGroup>(routes.group, async (request, reply) => {
    const visitor = await requireRight(web, request, reply, 'see');
    return visitor === null ? reply : showGroup(web, request, reply, visitor, {});
  });

  app.post<OfGroup>(routes.group, async (request, reply) => {
    const visitor = await requireRight(web, request, reply, 'change-addresses', here(request));
    if (visitor === null) return reply;
    const group = await findGroup(web.db, visitor.person.companyId, request.params.id);
    if (group === null) return reply.callNotFound();
    const fields = Object.fromEntries(
      group.columns.map((column, index) => [column, field(request.body, `field_${index}`)]),
    );
    const typed = { number: field(request.body, 'number'), fields };
    const added = await addAddress(web.db, group, typed, web.clock());
    if (!added.ok) return showGroup(web, request, reply, visitor, { typed, fault: added.reason });
    leaveNotice(web, reply, 'address-added');
    return leadTo(reply, here(request));
  });

  app.post<{ Params: { id: string; entry: string } }>(routes.groupEntryDelete, async (request, reply) => {
    const visitor = await requireRight(web, request, reply, 'change-addresses', here(request));
    if (visitor === null) return reply;
    const group = await findGroup(web.db, visitor.person.companyId, request.params.id);
    if (group === null) return reply.callNotFound();
    if (await removeAddress(web.db, group.id, request.params.entry))
      leaveNotice(web, reply, 'address-removed');
    return leadTo(reply, here(request));
  });

  app.get<OfGroup>(routes.groupDelete, async (request, reply) => {
    const visitor = await requireRight(web, request, reply, 'change-addresses');
    if (visitor === null) return reply;
    const { person } = visitor;
    const group = await findGroup(web.db, person.companyId, request.params.id);
    if (group === null) return reply.callNotFound();
    return sendPage(
      reply,
      200,
      DeleteGroupPage({ view: viewOf(web, request, reply, person), person, group }),
    );
  });

  app.post<OfGroup>(routes.groupDelete, async (request, reply) => {
    const visitor = await requireRight(web, request, reply, 'change-addresses', routes.addresses);
    if (visitor === null) return reply;
    if (await deleteGroup(web.db, visitor.person.companyId, request.params.id))
      leaveNotice(web, reply, 'group-deleted');
    return leadTo(reply, routes.addresses);
  });

  void app.register(async (scope) => {
    await takeUploads(scope, LARGEST_ADDRESS_FILE, (...of) => app.csrfProtection(...of));
    scope.post<OfGroup>(routes.groupImport, async (request, reply) => {
      const visitor = await requireRight(web, request, reply, 'change-addresses', here(request));
      if (visitor === null) {
        await drain(request);
        return reply;
      }
      const group = await findGroup(web.db, visitor.person.companyId, request.params.id);
      const file = request.upload && (await wholeFile(request.upload, LARGEST_ADDRESS_FILE));
      if (group === null) return reply.callNotFound();
      if (request.upload === null)
        return showGroup(web, request, reply, visitor, { fileFault: 'file-missing' });
      if (file === null) return showGroup(web, request, reply, visitor, { fileFault: 'file-too-large' });
      const imported = await importAddresses(web.db, group.id, file, web.clock());
      return showGroup(
        web,
        request,
        reply,
        visitor,
        imported.ok ? { imported } : { fileFault: imported.reason },
      );
    });
  });
}

function here(request: { params: unknown }): string {
  return pathOf(routes.group, { id: (request.params as { id: string }).id });
}

async function showGroups(
  web: Web,
  request: FastifyRequest,
  reply: FastifyReply,
  { person }: SignedInVisitor,
  typed: string,
  fault: GroupFault | null,
): Promise<FastifyReply> {
  const groups = await listGroups(web.db, person.companyId);
  const optOuts = await countOptOuts(web.db, person.companyId);
  const view = viewOf(web, request, reply, person);
  return sendPage(
    reply,
    fault === null ? 200 : 422,
    GroupsPage({ view, person, groups, optOuts, typed, fault }),
  );
}

async function showGroup(
  web: Web,
  request: FastifyRequest,
  reply: FastifyReply,
  { person }: SignedInVisitor,
  what: Pick<GroupPageProps, 'typed' | 'fault' | 'fileFault' | 'imported'>,
): Promise<FastifyReply> {
  const { id } = request.params as { id: string };
  const group = await findGroup(web.db, person.companyId, id);
  if (group === null) {
    reply.callNotFound();
    return reply;
  }
  const after = field(request.query, 'after');
  const { entries, next } = await listAddresses(web.db, group.id, after);
  const view = viewOf(web, request, reply, person);
  const isRefused = what.fault !== undefined || what.fileFault !== undefined;
  return sendPage(
    reply,
    isRefused ? 422 : 200,
    GroupPage({ view, person, group, entries, next, isFirst: after === '', ...what }),
  );
}
