import { renderFragment } from '@hitokagi/design-system';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { composeUrl, pathOf, routes } from '#app/routes.ts';
import { listGroups } from '#domain/addresses/groups.ts';
import { confirmDraft } from '#domain/campaigns/confirm.ts';
import { reviewDraft, type Review } from '#domain/campaigns/review.ts';
import {
  deleteDraft,
  EMPTY_DRAFT,
  findDraft,
  listDrafts,
  saveDraft,
  type DraftContent,
} from '#domain/drafts/drafts.ts';
import { keepForm, KEPT_FOR, takeKeptForm } from '#domain/drafts/kept-forms.ts';
import { mayDo } from '#domain/people/roles.ts';
import { findTemplate, listTemplates } from '#domain/templates/templates.ts';
import { SECOND } from '#support/primitives/durations.ts';
import { isId, newId } from '#support/primitives/ids.ts';
import { field, linesField, listField } from '#web/http/forms.ts';
import { ownerToken, readOwner } from '#web/http/owner.ts';
import { momentText } from '#web/http/times.ts';
import { requestLocale } from '#web/http/request-locale.ts';
import { leadTo, leaveNotice, sendPage, viewOf } from '#web/http/view.ts';
import { findVisitor, requireRight, type SignedInVisitor } from '#web/http/visitor.ts';
import type { Web } from '#web/http/web.ts';
import { ComposePage } from './page.tsx';
import { ConfirmPage } from './confirm-page.tsx';
import { PreviewParts, previewOf } from './preview.tsx';
import { composeTexts } from './text.ts';

/** A field of numbers may be long; one of 10,000 numbers has about this size as a form sends it. */
const LONGEST_FORM = 512 * 1024;
const LONGEST_NUMBERS = 250_000;
const LONGEST_BODY = 2_000;
const DRAFTS_SHOWN = 5;

/** Writing a message and confirming it (R29). Nothing is sent before the confirmation, and once by it. */
export function composeRoutes(app: FastifyInstance, web: Web): void {
  const form = { bodyLimit: LONGEST_FORM };

  app.get(routes.compose, async (request, reply) => {
    const visitor = await requireRight(web, request, reply, 'send');
    if (visitor === null) return reply;
    const restored = await takeKept(web, request, reply, visitor);
    if (restored !== null) {
      leaveNotice(web, reply, 'draft-restored');
      return leadTo(reply, composeUrl({ draft: restored }));
    }
    const asked = field(request.query, 'draft');
    const draft = asked === '' ? null : await findDraft(web.db, visitor.person.id, asked);
    if (asked !== '' && draft === null) return reply.callNotFound();
    if (draft !== null && draft.campaignId !== null)
      return leadTo(reply, pathOf(routes.campaign, { id: draft.campaignId }));
    if (draft !== null) {
      const isChecked = field(request.query, 'check') === 'yes';
      return show(web, request, reply, visitor, draft.id, draft.content, isChecked);
    }
    const template = await findTemplate(web.db, visitor.person.companyId, field(request.query, 'template'));
    const group = field(request.query, 'group');
    const content = {
      ...EMPTY_DRAFT,
      body: template?.body ?? '',
      groupIds: isId('grp', group) ? [group] : [],
    };
    return show(web, request, reply, visitor, newId('drf', web.clock()), content, false);
  });

  app.post(routes.compose, form, async (request, reply) => {
    const { id, content } = readForm(request);
    await keepWithoutSession(web, request, reply, id, content);
    const visitor = await requireRight(web, request, reply, 'send', composeUrl({ draft: id }));
    if (visitor === null) return reply;
    const { person } = visitor;
    const by = { personId: person.id, companyId: person.companyId };
    const act = field(request.body, 'act');
    const template = await findTemplate(web.db, person.companyId, field(request.body, 'template'));
    const written = act === 'template' && template !== null ? { ...content, body: template.body } : content;
    const saved = await saveDraft(web.db, by, { id, content: written }, web.clock());
    if (!saved.ok) return leadTo(reply, saved.reason === 'sent' ? composeUrl({ draft: id }) : routes.compose);
    if (act === 'save') {
      leaveNotice(web, reply, 'draft-saved');
      return leadTo(reply, composeUrl({ draft: id }));
    }
    if (act !== 'review') return show(web, request, reply, visitor, id, written, false);
    const review = await reviewDraft(web.db, person.companyId, written, web.clock());
    if (review.faults.length > 0) return show(web, request, reply, visitor, id, written, true, review);
    return leadTo(reply, pathOf(routes.composeConfirm, { draft: id }));
  });

  // Of the script: the same count and preview that the page has.
  app.post(routes.composePreview, form, async (request, reply) => {
    const found = await findVisitor(web, request);
    if (found.state !== 'live' || !mayDo(found.person.role, 'send')) return reply.code(401).send('');
    const { content } = readForm(request);
    const locale = requestLocale(request, web.cookies, found.person);
    const preview = await previewOf(web.db, found.person.companyId, content);
    return reply
      .header('cache-control', 'no-store')
      .type('text/html; charset=utf-8')
      .send(`<div>${renderFragment(PreviewParts({ locale, preview }))}</div>`);
  });

  app.post(routes.composeSave, form, async (request, reply) => {
    const found = await findVisitor(web, request);
    void reply.header('cache-control', 'no-store').type('text/plain; charset=utf-8');
    const person = found.state === 'live' ? found.person : null;
    const text = composeTexts[requestLocale(request, web.cookies, person)].live;
    if (person === null || !mayDo(person.role, 'send')) return reply.code(401).send(text.ended);
    const { id, content } = readForm(request);
    const now = web.clock();
    const by = { personId: person.id, companyId: person.companyId };
    const saved = await saveDraft(web.db, by, { id, content }, now);
    if (!saved.ok) return reply.code(409).send('');
    return reply.send(text.savedAt(momentText(now, requestLocale(request, web.cookies, person))));
  });

  app.get<{ Params: { draft: string } }>(routes.composeConfirm, async (request, reply) => {
    const visitor = await requireRight(web, request, reply, 'send');
    if (visitor === null) return reply;
    return showConfirm(web, request, reply, visitor, request.params.draft, false);
  });

  app.post<{ Params: { draft: string } }>(routes.composeConfirm, async (request, reply) => {
    const { draft: draftId } = request.params;
    const afterwards = isId('drf', draftId) ? pathOf(routes.composeConfirm, { draft: draftId }) : routes.home;
    const visitor = await requireRight(web, request, reply, 'send', afterwards);
    if (visitor === null) return reply;
    const { person } = visitor;
    const by = { personId: person.id, companyId: person.companyId };
    const revision = Number(field(request.body, 'revision'));
    const confirmed = await confirmDraft(web.db, by, { draftId, revision }, web.clock());
    if (confirmed.ok) {
      leaveNotice(web, reply, 'campaign-confirmed');
      return leadTo(reply, pathOf(routes.campaign, { id: confirmed.campaignId }));
    }
    switch (confirmed.reason) {
      case 'gone':
        return reply.callNotFound();
      case 'changed':
        return showConfirm(web, request, reply, visitor, draftId, true);
      case 'faulty':
        return leadTo(reply, composeUrl({ draft: draftId, check: 'yes' }));
    }
  });

  app.post<{ Params: { draft: string } }>(routes.composeDelete, async (request, reply) => {
    const visitor = await requireRight(web, request, reply, 'send');
    if (visitor === null) return reply;
    if (await deleteDraft(web.db, visitor.person.id, request.params.draft))
      leaveNotice(web, reply, 'draft-deleted');
    return leadTo(reply, routes.compose);
  });
}

/** Gives what was written before a sign-in to the person who wrote it, if this is them; returns its draft. */
async function takeKept(
  web: Web,
  request: FastifyRequest,
  reply: FastifyReply,
  { person }: SignedInVisitor,
): Promise<string | null> {
  const token = request.cookies[web.cookies.kept];
  if (token === undefined) return null;
  void reply.clearCookie(web.cookies.kept, web.cookies.options);
  return takeKeptForm(web.db, token, { personId: person.id, companyId: person.companyId }, web.clock());
}

/** Nothing that somebody wrote is lost because their session ended meanwhile. */
async function keepWithoutSession(
  web: Web,
  request: FastifyRequest,
  reply: FastifyReply,
  draftId: string,
  content: DraftContent,
): Promise<void> {
  const personId = readOwner(web.config, field(request.body, 'owner'));
  if (personId === null || !isId('drf', draftId)) return;
  const found = await findVisitor(web, request);
  if (found.state === 'live') return;
  const token = await keepForm(web.db, { personId, draftId, content }, web.clock());
  void reply.setCookie(web.cookies.kept, token, { ...web.cookies.options, maxAge: KEPT_FOR / SECOND });
}

function readForm({ body }: FastifyRequest): { id: string; content: DraftContent } {
  return {
    id: field(body, 'draft'),
    content: {
      name: field(body, 'name'),
      recipients: linesField(body, 'recipients', LONGEST_NUMBERS),
      groupIds: listField(body, 'group').filter((id) => isId('grp', id)),
      body: linesField(body, 'body', LONGEST_BODY),
      when: field(body, 'when') === 'later' ? 'later' : 'now',
      date: field(body, 'date'),
      time: field(body, 'time'),
    },
  };
}

async function show(
  web: Web,
  request: FastifyRequest,
  reply: FastifyReply,
  { person }: SignedInVisitor,
  draftId: string,
  content: DraftContent,
  isChecked: boolean,
  reviewed?: Review,
): Promise<FastifyReply> {
  const now = web.clock();
  const review = isChecked ? (reviewed ?? (await reviewDraft(web.db, person.companyId, content, now))) : null;
  const [groups, templates, preview, drafts] = await Promise.all([
    listGroups(web.db, person.companyId),
    listTemplates(web.db, person.companyId),
    previewOf(web.db, person.companyId, content),
    listDrafts(web.db, person.id, DRAFTS_SHOWN + 1),
  ]);
  const page = ComposePage({
    view: viewOf(web, request, reply, person),
    person,
    owner: ownerToken(web.config, person.id),
    draftId,
    content,
    review,
    groups,
    templates,
    preview,
    drafts: drafts.filter((one) => one.id !== draftId).slice(0, DRAFTS_SHOWN),
    now,
  });
  return sendPage(reply, review !== null && review.faults.length > 0 ? 422 : 200, page);
}

async function showConfirm(
  web: Web,
  request: FastifyRequest,
  reply: FastifyReply,
  { person }: SignedInVisitor,
  draftId: string,
  changed: boolean,
): Promise<FastifyReply> {
  const draft = await findDraft(web.db, person.id, draftId);
  if (draft === null) {
    reply.callNotFound();
    return reply;
  }
  if (draft.campaignId !== null) return leadTo(reply, pathOf(routes.campaign, { id: draft.campaignId }));
  const review = await reviewDraft(web.db, person.companyId, draft.content, web.clock());
  if (review.faults.length > 0) return leadTo(reply, composeUrl({ draft: draftId, check: 'yes' }));
  const view = viewOf(web, request, reply, person);
  const page = ConfirmPage({ view, person, draft, review, changed, now: web.clock() });
  return sendPage(reply, changed ? 409 : 200, page);
}
