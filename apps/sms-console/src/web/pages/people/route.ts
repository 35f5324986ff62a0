import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { routes } from '#app/routes.ts';
import { addMember, changeRole, setActive, type ChangedMember } from '#domain/members/change-members.ts';
import { findMember, listMembers } from '#domain/members/members.ts';
import { ROLES } from '#domain/people/roles.ts';
import { readLocale } from '#support/primitives/locale.ts';
import { field } from '#web/http/forms.ts';
import type { NoticeCode } from '#web/http/layout-text.ts';
import { leadTo, leaveNotice, sendPage, viewOf } from '#web/http/view.ts';
import { requireRight, type SignedInVisitor } from '#web/http/visitor.ts';
import type { Web } from '#web/http/web.ts';
import { MemberPage, PeoplePage, type PeoplePageProps } from './page.tsx';

const PAGE = 50;
const NOTHING_TYPED = { name: '', emailAddress: '', role: '', locale: '' };

/** The people of a company: its administrators see, add and change them. */
export function peopleRoutes(app: FastifyInstance, web: Web): void {
  app.get(routes.people, async (request, reply) => {
    const visitor = await requireRight(web, request, reply, 'manage-people');
    return visitor === null
      ? reply
      : show(web, request, reply, visitor, { typed: NOTHING_TYPED, fault: null });
  });

  app.post(routes.people, async (request, reply) => {
    const visitor = await requireRight(web, request, reply, 'manage-people', routes.people);
    if (visitor === null) return reply;
    const typed = {
      name: field(request.body, 'name'),
      emailAddress: field(request.body, 'email_address'),
      role: field(request.body, 'role'),
      locale: field(request.body, 'locale'),
    };
    const added = await addMember(
      web.db,
      {
        companyId: visitor.person.companyId,
        name: typed.name,
        emailAddress: typed.emailAddress,
        role: ROLES.find((role) => role === typed.role) ?? 'viewer',
        locale: readLocale(typed.locale) ?? 'ja',
      },
      web.clock(),
    );
    if (!added.ok) return show(web, request, reply, visitor, { typed, fault: added.reason });
    registerSoon(web, request);
    leaveNotice(web, reply, 'person-added');
    return leadTo(reply, routes.people);
  });

  app.get<{ Params: { id: string } }>(routes.personRole, async (request, reply) => {
    const visitor = await requireRight(web, request, reply, 'manage-people');
    return visitor === null ? reply : showOne(web, request, reply, visitor, request.params.id, false);
  });

  app.post<{ Params: { id: string } }>(routes.personRole, async (request, reply) => {
    const { id } = request.params;
    const visitor = await requireRight(web, request, reply, 'manage-people', routes.people);
    if (visitor === null) return reply;
    const role = ROLES.find((one) => one === field(request.body, 'role'));
    if (role === undefined) return showOne(web, request, reply, visitor, id, false);
    const changed = await changeRole(web.db, { companyId: visitor.person.companyId, id, role });
    return answer(web, request, reply, { visitor, id, changed, notice: 'person-changed' });
  });

  app.post<{ Params: { id: string } }>(routes.personActive, async (request, reply) => {
    const { id } = request.params;
    const visitor = await requireRight(web, request, reply, 'manage-people', routes.people);
    if (visitor === null) return reply;
    const active = field(request.body, 'active') === 'yes';
    const changed = await setActive(web.db, { companyId: visitor.person.companyId, id, active }, web.clock());
    registerSoon(web, request);
    const notice = active ? 'person-let-in' : 'person-shut-out';
    return answer(web, request, reply, { visitor, id, changed, notice });
  });
}

/** Nobody waits for the login server: what cannot be told now stays in the outbox. */
function registerSoon(web: Web, request: FastifyRequest): void {
  web.kit.registrations.flush().then(
    () => web.wakeWelcomes(),
    (error: unknown) => request.log.error({ err: error }, 'people cannot be registered; it is tried again'),
  );
}

async function answer(
  web: Web,
  request: FastifyRequest,
  reply: FastifyReply,
  done: { visitor: SignedInVisitor; id: string; changed: ChangedMember; notice: NoticeCode },
): Promise<FastifyReply> {
  if (!done.changed.ok) {
    const isLast = done.changed.reason === 'last-administrator';
    return showOne(web, request, reply, done.visitor, done.id, isLast);
  }
  leaveNotice(web, reply, done.notice);
  return leadTo(reply, routes.people);
}

async function show(
  web: Web,
  request: FastifyRequest,
  reply: FastifyReply,
  { person }: SignedInVisitor,
  form: Pick<PeoplePageProps, 'typed' | 'fault'>,
): Promise<FastifyReply> {
  const asked = field(request.query, 'after');
  const after = /^[0-9]{1,18}$/.test(asked) ? asked : null;
  const { members, more } = await listMembers(web.db, person.companyId, { after }, PAGE);
  const view = viewOf(web, request, reply, person);
  const next = more ? (members.at(-1)?.id ?? null) : null;
  return sendPage(
    reply,
    form.fault === null ? 200 : 422,
    PeoplePage({ view, person, members, next, isFirst: after === null, ...form }),
  );
}

async function showOne(
  web: Web,
  request: FastifyRequest,
  reply: FastifyReply,
  { person }: SignedInVisitor,
  id: string,
  isLast: boolean,
): Promise<FastifyReply> {
  const member = await findMember(web.db, person.companyId, id);
  if (member === null) {
    reply.callNotFound();
    return reply;
  }
  const view = viewOf(web, request, reply, person);
  return sendPage(reply, isLast ? 409 : 200, MemberPage({ view, person, member, isLast }));
}
