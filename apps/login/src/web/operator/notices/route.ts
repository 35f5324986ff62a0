import type { FastifyReply, FastifyRequest } from 'fastify';
import { findAccount } from '#domain/accounts/find.ts';
import { cancelNotice } from '#domain/notices/cancel.ts';
import { previewNotice, sendTestNotice } from '#domain/notices/preview.ts';
import { listNotices, NOTICE_STATES, noticeProgress, type NoticeProgress } from '#domain/notices/progress.ts';
import { RECIPIENT_FILTERS, recipientOf } from '#domain/notices/recipients.ts';
import { actorNames } from '#domain/operators/actor-names.ts';
import { includesRole } from '#domain/operators/rights.ts';
import { findRecipients } from '#domain/person/notice-people.ts';
import type { ConsoleRow } from '#support/db/schema.ts';
import type { RenderedMail } from '#support/mail/mail.ts';
import type { Locale } from '#support/primitives/locale.ts';
import { field, query, sendPage } from '#web/http/request.ts';
import { noticePath, withQuery } from '../addresses.ts';
import { isBack, visitOf, type OperatorArea } from '../visit.ts';
import { cancelPage } from './cancel-page.tsx';
import { letterPage } from './letter-page.tsx';
import { listPage } from './list-page.tsx';
import { noticePage } from './notice-page.tsx';
import { peoplePage } from './people-page.tsx';

const NOTICES_A_PAGE = 50;

/** A notice and its console. */
export type Found = { notice: NoticeProgress; console: ConsoleRow };

/** お知らせ: notices, how far each is, whom it did not reach, what it says. */
export const noticesArea: OperatorArea = (app, context) => {
  const { db } = context;

  app.get('/operator/notices', async (request, reply) => {
    const visit = visitOf(request);
    const consoles = await context.consoles.all();
    const console = consoles.find((one) => one.client_id === query(request, 'console'));
    const state = NOTICE_STATES.find((one) => one === query(request, 'state'));
    const before = query(request, 'before')?.replaceAll('\0', '');
    const wanted = { consoleId: console?.id, state, before, limit: NOTICES_A_PAGE + 1 };
    const found = await listNotices(db, wanted, visit.now);
    const notices = found.slice(0, NOTICES_A_PAGE);
    const next = found.length > notices.length ? notices.at(-1)?.id : undefined;
    const view = { notices, consoles, console, state, next, isFirst: before === undefined };
    return sendPage(reply, await listPage(context, visit, view));
  });

  app.get('/operator/notices/:id', async (request, reply) => {
    const found = await noticeIn(request, reply);
    if (!found) return reply;
    const visit = visitOf(request);
    const { notice } = found;
    const [actors, ja, en] = await Promise.all([
      actorNames(db, [notice.createdBy]),
      mailOf(notice.id, 'ja'),
      mailOf(notice.id, 'en'),
    ]);
    const cancelled = notice.cancelledAt !== null && query(request, 'done') === 'cancelled';
    return sendPage(
      reply,
      await noticePage(context, visit, { ...found, actors, mails: { ja, en }, cancelled }),
    );
  });

  app.get('/operator/notices/:id/people', async (request, reply) => {
    const found = await noticeIn(request, reply);
    if (!found) return reply;
    const text = (name: string) => query(request, name)?.trim().slice(0, 200).replaceAll('\0', '');
    const state = RECIPIENT_FILTERS.find((one) => one === query(request, 'state'));
    const [search, after, settledId] = [text('q'), text('after'), text('settled')];
    const { id } = found.notice;
    const [page, settled] = await Promise.all([
      findRecipients(db, id, { state, after, text: search }),
      settledId ? recipientOf(db, id, settledId) : undefined,
    ]);
    const actors = await actorNames(
      db,
      page.recipients.flatMap((one) => one.settledBy ?? []),
    );
    const view = {
      ...found,
      people: page.recipients,
      state,
      search: search === '' ? undefined : search,
      next: page.next,
      isFirst: after === undefined,
      actors,
      settled: settled?.settledAt ? settled : undefined,
    };
    return sendPage(reply, await peoplePage(context, visitOf(request), view));
  });

  app.get('/operator/notices/:id/letter', async (request, reply) => {
    const found = await noticeIn(request, reply);
    if (!found) return reply;
    const visit = visitOf(request);
    const mayRead = includesRole(visit.operator.role, 'support');
    const reader = mayRead
      ? (query(request, 'account')?.trim().slice(0, 300).replaceAll('\0', '') ?? '')
      : '';
    const own = mayRead ? visit.operator.emailAddress : '';
    const address = isBack(request) ? field(request, 'address').trim() : own;
    const language = isBack(request) && field(request, 'locale') === 'en' ? 'en' : languageIn(request);
    const tested = query(request, 'done') === 'tested';
    return showLetter(request, reply, found, { reader, language, address, tested });
  });

  app.post('/operator/notices/:id/letter', async (request, reply) => {
    const found = await noticeIn(request, reply);
    if (!found) return reply;
    const { operator, now } = visitOf(request);
    const locale = field(request, 'locale') === 'en' ? 'en' : 'ja';
    const address = field(request, 'address').trim();
    const wanted = { emailAddress: address, locale } as const;
    const sent = await sendTestNotice(db, context.jobs, found.notice.id, wanted, {
      actor: operator.actor,
      now,
    });
    if (sent.ok)
      return reply.redirect(
        withQuery(`${noticePath(found.notice.id)}/letter`, { locale, done: 'tested' }),
        303,
      );
    return showLetter(request, reply, found, { reader: '', language: locale, address, addressError: true });
  });

  app.get('/operator/notices/:id/cancel', async (request, reply) => {
    const found = await noticeIn(request, reply);
    if (!found) return reply;
    const { state } = found.notice;
    const refusal =
      state === 'cancelled' ? 'notice-cancelled' : state === 'ended' ? 'notice-ended' : undefined;
    return sendPage(reply, await cancelPage(context, visitOf(request), { ...found, refusal }));
  });

  app.post('/operator/notices/:id/cancel', async (request, reply) => {
    const found = await noticeIn(request, reply);
    if (!found) return reply;
    const visit = visitOf(request);
    const by = { actor: visit.operator.actor, now: visit.now };
    const result = await cancelNotice(db, found.notice.id, by);
    if (result.ok) return reply.redirect(`${noticePath(found.notice.id)}?done=cancelled`, 303);
    return sendPage(reply, await cancelPage(context, visit, { ...found, refusal: result.reason }), 409);
  });

  /** The notice that the path names; when there is none, the page for that has been sent. */
  async function noticeIn(request: FastifyRequest, reply: FastifyReply): Promise<Found | undefined> {
    const { id } = request.params as { id: string };
    const notice = await noticeProgress(db, id, visitOf(request).now);
    const console = notice && (await context.consoles.byClientId(notice.clientId));
    if (notice && console) return { notice, console };
    reply.callNotFound();
    return undefined;
  }

  async function mailOf(noticeId: string, locale: Locale): Promise<RenderedMail> {
    const preview = await previewNotice(db, context, noticeId, { locale });
    if (!preview.ok) throw new Error('A notice that was just found has a mail.');
    return preview.mail;
  }

  async function showLetter(
    request: FastifyRequest,
    reply: FastifyReply,
    found: Found,
    wanted: {
      reader: string;
      language: Locale | undefined;
      address: string;
      addressError?: boolean;
      tested?: boolean;
    },
  ): Promise<FastifyReply> {
    const { reader } = wanted;
    const account = reader === '' ? undefined : await findAccount(db, reader);
    const preview = account
      ? await previewNotice(db, context, found.notice.id, {
          accountId: account.id,
          ...(wanted.language ? { locale: wanted.language } : {}),
        })
      : undefined;
    const language = preview?.ok ? preview.locale : (wanted.language ?? visitOf(request).shell.locale);
    const readerError = reader !== '' && !preview?.ok;
    const view = {
      ...found,
      mail: preview?.ok ? preview.mail : await mailOf(found.notice.id, language),
      language,
      reader,
      readerError,
      address: wanted.address,
      addressError: wanted.addressError ?? false,
      tested: wanted.tested ?? false,
    };
    const status = wanted.addressError || readerError ? 422 : 200;
    return sendPage(reply, await letterPage(context, visitOf(request), view), status);
  }
};

function languageIn(request: FastifyRequest): Locale | undefined {
  const wanted = query(request, 'locale');
  return wanted === 'ja' || wanted === 'en' ? wanted : undefined;
}
