import type { FastifyReply, FastifyRequest } from 'fastify';
import { domainChanges, requiredDomains } from '#domain/domain-lists/entries.ts';
import {
  domainListsOf,
  foreseePublication,
  publishDomainList,
  type DomainList,
  type PublishRefusal,
} from '#domain/domain-lists/lists.ts';
import { domainNoticeWords } from '#domain/domain-lists/notice-words.ts';
import { countAudience } from '#domain/notices/create.ts';
import { previewDraft } from '#domain/notices/preview.ts';
import { actorNames } from '#domain/operators/actor-names.ts';
import type { RenderedMail } from '#support/mail/mail.ts';
import type { ConsoleRow } from '#support/db/schema.ts';
import { japanDate, japanStamp, momentTyped } from '#support/primitives/japan-time.ts';
import type { Locale } from '#support/primitives/locale.ts';
import { field, query, sendPage } from '#web/http/request.ts';
import { consoleInAddress, consolePath } from '../addresses.ts';
import { isBack, visitOf, type OperatorArea } from '../visit.ts';
import { confirmPage } from './confirm-page.tsx';
import { formPage, type Typed } from './form-page.tsx';
import { listPage } from './list-page.tsx';
import { texts } from './text.ts';

type Asked = { request: FastifyRequest; reply: FastifyReply; console: ConsoleRow; typed: Typed };

/** 必要なドメイン (R22): the published list of a console, and publishing the next: a form (GET), a confirmation (POST, `step` check), the act (POST, `step` act). */
export const domainListsArea: OperatorArea = (app, context) => {
  const { db } = context;

  app.get('/operator/consoles/:clientId/domains', async (request, reply) => {
    const console = await consoleInAddress(context, request, reply);
    return console ? showList(request, reply, console, 200) : reply;
  });

  app.get('/operator/consoles/:clientId/domains/publish', async (request, reply) => {
    const console = await consoleInAddress(context, request, reply);
    if (!console) return reply;
    if (isBack(request)) return showForm({ request, reply, console, typed: typedIn(request) }, 200);
    const { now } = visitOf(request);
    const [{ version }] = await domainListsOf(db, { console, own: context }, now);
    const typed = { version, date: japanStamp(now).slice(0, 10), tell: version > 0 };
    return showForm({ request, reply, console, typed }, 200);
  });

  app.post('/operator/consoles/:clientId/domains/publish', async (request, reply) => {
    const console = await consoleInAddress(context, request, reply);
    return console ? decide({ request, reply, console, typed: typedIn(request) }) : reply;
  });

  async function decide(asked: Asked): Promise<FastifyReply> {
    const { request, reply, console, typed } = asked;
    const { operator, now, shell } = visitOf(request);
    const t = texts[shell.locale];
    if (field(request, 'back') !== '') return showForm(asked, 200);
    if (typed.date.trim() === '') return showForm(asked, 422, t.dateMissing);
    const from = momentTyped(typed.date, '00:00');
    if (!from.ok) return showForm(asked, 422, t.dateMalformed);
    const lists = await domainListsOf(db, { console, own: context }, now);
    const wanted = { version: typed.version, validFrom: from.at, tell: typed.tell };
    const foreseen = foreseePublication(lists, requiredDomains(context, console), wanted, now);
    if (!foreseen.ok) return refuse(asked, foreseen);
    if (field(request, 'step') !== 'act') return showConfirmation(asked, lists, from.at);
    const result = await publishDomainList(db, { console, own: context }, wanted, {
      actor: operator.actor,
      now,
    });
    if (!result.ok) return refuse(asked, result);
    return reply.redirect(`${consolePath(console)}/domains?published=${result.version}`, 303);
  }

  function refuse(asked: Asked, refusal: PublishRefusal): Promise<FastifyReply> {
    const { locale } = visitOf(asked.request).shell;
    const t = texts[locale];
    if (refusal.reason !== 'date-unfit')
      return showList(asked.request, asked.reply, asked.console, 409, t.refused[refusal.reason]);
    const [earliest, latest] = [refusal.earliest, refusal.latest].map((at) => japanDate(at, locale));
    return showForm(asked, 422, t.dateUnfit(earliest ?? '', latest ?? ''));
  }

  async function showList(
    request: FastifyRequest,
    reply: FastifyReply,
    console: ConsoleRow,
    status: number,
    refused?: string,
  ): Promise<FastifyReply> {
    const visit = visitOf(request);
    const lists = await domainListsOf(db, { console, own: context }, visit.now);
    const actors = await actorNames(
      db,
      lists.map(({ madeBy }) => madeBy),
    );
    const changes = domainChanges(lists[0].entries, requiredDomains(context, console));
    const published = Number(query(request, 'published'));
    const view = {
      console,
      lists,
      changes,
      actors,
      refused,
      // Only what is true is said, whatever the address says.
      published: published === lists[0].version && published > 0 ? published : undefined,
    };
    return sendPage(reply, await listPage(context, visit, view), status);
  }

  async function showForm(asked: Asked, status: number, error?: string): Promise<FastifyReply> {
    const { request, reply, console, typed } = asked;
    const visit = visitOf(request);
    const [list] = await domainListsOf(db, { console, own: context }, visit.now);
    const changes = domainChanges(list.entries, requiredDomains(context, console));
    return sendPage(reply, await formPage(context, visit, { console, typed, changes, error }), status);
  }

  async function showConfirmation(
    { request, reply, console, typed }: Asked,
    [list]: readonly [DomainList, ...DomainList[]],
    validFrom: Date,
  ): Promise<FastifyReply> {
    const changes = domainChanges(list.entries, requiredDomains(context, console));
    const mails = typed.tell ? await mailsOf(console, changes, validFrom) : undefined;
    const people = typed.tell ? await countAudience(db, console.id) : 0;
    const view = { console, typed, changes, validFrom, mails, people };
    return sendPage(reply, await confirmPage(context, visitOf(request), view));
  }

  async function mailsOf(
    console: ConsoleRow,
    changes: Parameters<typeof domainNoticeWords>[2],
    validFrom: Date,
  ): Promise<{ readonly [L in Locale]: RenderedMail }> {
    const draft = {
      consoleId: console.id,
      kind: 'domains' as const,
      cutOverAt: null,
      texts: domainNoticeWords(context, console, changes, validFrom),
    };
    const mailIn = async (locale: Locale): Promise<RenderedMail> => {
      const preview = await previewDraft(db, context, draft, locale);
      if (!preview.ok) throw new Error('Words of our own fit their notice.');
      return preview.mail;
    };
    return { ja: await mailIn('ja'), en: await mailIn('en') };
  }
};

function typedIn(request: FastifyRequest): Typed {
  return {
    version: Number(field(request, 'version')) || 0,
    date: field(request, 'date', 40),
    tell: field(request, 'tell') !== '',
  };
}
