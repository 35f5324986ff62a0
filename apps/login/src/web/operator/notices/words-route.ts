import type { FastifyReply, FastifyRequest } from 'fastify';
import { findAccount } from '#domain/accounts/find.ts';
import { WORDS_KINDS, type WordsKind } from '#domain/notices/kinds.ts';
import { readerOf } from '#domain/notices/mail.ts';
import { previewDraft, sendTestDraft } from '#domain/notices/preview.ts';
import { noticeTextSentence } from '#domain/notices/text-problem.ts';
import {
  allNoticeWords,
  exampleCutOver,
  noticeWords,
  occasionOfWords,
  ownParts,
  setNoticeWords,
  wholeWords,
  type NoticeWords,
} from '#domain/notices/words.ts';
import { actorNames } from '#domain/operators/actor-names.ts';
import type { ConsoleRow } from '#support/db/schema.ts';
import { LOCALES } from '#support/primitives/locale.ts';
import { field, query, sendPage } from '#web/http/request.ts';
import { consoleInAddress } from '../addresses.ts';
import { isBack, visitOf, type OperatorArea } from '../visit.ts';
import { wordsConfirmPage, wordsEditPage } from './words-edit-page.tsx';
import {
  fieldOf,
  freshTyped,
  textsOf,
  tooLong,
  typedIn,
  type FieldError,
  type Typed,
} from './words-fields.ts';
import { wordsIndexPage, wordsPage, wordsPath, type Mails } from './words-page.tsx';
import { wordsTexts } from './words-text.ts';

type Found = { console: ConsoleRow; words: NoticeWords };
/** The mails that words make, or why they make none. */
type Tried = { ok: true; mails: Mails } | { ok: false; errors: FieldError[] };

/** The words of a console's notices: to read, to change (GET, POST `step` check and act), to try out (`preview`, `step` test). */
export const noticeWordsPagesArea: OperatorArea = (app, context) => {
  const { db } = context;

  app.get('/operator/notices/words', async (request, reply) => {
    const consoles = await context.consoles.all();
    const console = consoles.find((one) => one.client_id === query(request, 'console')) ?? consoles[0];
    const words = console ? await allNoticeWords(db, console.id) : [];
    const actors = await namesOf(words);
    const view = { consoles, console, words, actors };
    return sendPage(reply, await wordsIndexPage(context, visitOf(request), view));
  });

  app.get('/operator/notices/words/:clientId/:kind', async (request, reply) => {
    const found = await wordsIn(request, reply);
    if (!found) return reply;
    const { words } = found;
    const tried = await tryOut(request, found, freshTyped(wholeWords(words.kind, words.texts)));
    if (!tried.ok) throw new Error('Words that were stored fit their notice.');
    const view = {
      ...found,
      mails: tried.mails,
      actors: await namesOf([words]),
      saved: query(request, 'done') === 'saved' && words.revision > 0,
    };
    return sendPage(reply, await wordsPage(context, visitOf(request), view));
  });

  app.get('/operator/notices/words/:clientId/:kind/edit', async (request, reply) => {
    const found = await wordsIn(request, reply);
    if (!found) return reply;
    if (isBack(request)) return showBack(request, reply, found);
    const typed = freshTyped(wholeWords(found.words.kind, found.words.texts));
    return showForm(request, reply, found, typed, await tryOut(request, found, typed), 200);
  });

  app.post('/operator/notices/words/:clientId/:kind/edit', async (request, reply) => {
    const found = await wordsIn(request, reply);
    if (!found) return reply;
    const { console, words } = found;
    const visit = visitOf(request);
    const typed = typedIn(request);
    const tried = await tryOut(request, found, typed);
    const step = field(request, 'step');
    if (!tried.ok) return showForm(request, reply, found, typed, tried, 422);
    if (field(request, 'back') !== '') return showForm(request, reply, found, typed, tried, 200);
    const revision = Number(field(request, 'revision'));
    if (revision !== words.revision) return showForm(request, reply, found, typed, tried, 409);
    if (field(request, 'preview') !== '') return showForm(request, reply, found, typed, tried, 200);
    const by = { actor: visit.operator.actor, now: visit.now, clientIp: request.ip, requestId: request.id };
    if (step === 'act') {
      const wanted = { kind: words.kind, texts: textsOf(typed), revision };
      const result = await setNoticeWords(db, console.id, wanted, by);
      if (result.ok) return reply.redirect(`${wordsPath(console, words.kind)}?done=saved`, 303);
      if (result.reason !== 'changed-meanwhile') throw new Error('Words that were tried out fit.');
      return showForm(request, reply, { console, words: result.words }, typed, tried, 409);
    }
    const address = step === 'test' ? field(request, 'address').trim() : visit.operator.emailAddress;
    const sent = step === 'test' ? await test(found, typed, address, by) : undefined;
    const view = {
      ...found,
      typed,
      mails: tried.mails,
      own: ownParts(words.kind, textsOf(typed)),
      actors: new Map<string, string>(),
      address,
      tested: sent,
      errors:
        step === 'test' && sent === undefined
          ? [{ field: 'address' as const, message: wordsTexts[visit.shell.locale].addressMalformed }]
          : [],
    };
    return sendPage(reply, await wordsConfirmPage(context, visit, view), view.errors.length > 0 ? 422 : 200);
  });

  /** The words that the path names; when there are none, the page for that has been sent. */
  async function wordsIn(request: FastifyRequest, reply: FastifyReply): Promise<Found | undefined> {
    const { kind: named } = request.params as { kind: string };
    const kind = WORDS_KINDS.find((one) => one === named);
    if (!kind) {
      reply.callNotFound();
      return undefined;
    }
    const console = await consoleInAddress(context, request, reply);
    return console && { console, words: await noticeWords(db, console.id, kind) };
  }

  /** The form as it was typed before its operator signed in again, or what was wrong with it, or who changed the words meanwhile. */
  async function showBack(request: FastifyRequest, reply: FastifyReply, found: Found): Promise<FastifyReply> {
    const typed = typedIn(request);
    const tried = await tryOut(request, found, typed);
    const stale = Number(field(request, 'revision')) !== found.words.revision;
    return showForm(request, reply, found, typed, tried, stale ? 409 : tried.ok ? 200 : 422);
  }

  async function showForm(
    request: FastifyRequest,
    reply: FastifyReply,
    found: Found,
    typed: Typed,
    tried: Tried,
    status: 200 | 409 | 422,
  ): Promise<FastifyReply> {
    const view = {
      ...found,
      typed,
      errors: tried.ok ? [] : tried.errors,
      mails: tried.ok ? tried.mails : undefined,
      actors: await namesOf([found.words]),
      stale: status === 409,
    };
    return sendPage(reply, await wordsEditPage(context, visitOf(request), view), status);
  }

  async function tryOut(request: FastifyRequest, { console, words }: Found, typed: Typed): Promise<Tried> {
    const { now, shell } = visitOf(request);
    const long = tooLong(typed, shell.locale);
    if (long.length > 0) return { ok: false, errors: long };
    const name = typed.reader.trim();
    const account = name === '' ? undefined : await findAccount(db, name);
    const reader = account && (await readerOf(db, console.id, account.id));
    if (name !== '' && !reader)
      return { ok: false, errors: [{ field: 'reader', message: wordsTexts[shell.locale].readerUnknown }] };
    const draft = await draftOf(console, words.kind, typed, now);
    const [ja, en] = await Promise.all(
      LOCALES.map((locale) => previewDraft(db, context, draft, locale, reader)),
    );
    if (ja?.ok && en?.ok) return { ok: true, mails: { ja: ja.mail, en: en.mail } };
    const problem = [ja, en].find((one) => one?.ok === false)?.problem;
    if (!problem) throw new Error('A preview is a mail or a problem.');
    const message = noticeTextSentence(problem, shell.locale);
    return { ok: false, errors: [{ field: fieldOf(problem.locale, problem.part), message }] };
  }

  /** A notice that says just this: what is empty is the brand's, not what was stored before. */
  async function draftOf(console: ConsoleRow, kind: WordsKind, typed: Typed, now: Date) {
    const cutOverAt = await exampleCutOver(db, console.id, now);
    const texts = wholeWords(kind, ownParts(kind, textsOf(typed)));
    return { consoleId: console.id, ...occasionOfWords(kind, cutOverAt), texts };
  }

  async function test(
    { console, words }: Found,
    typed: Typed,
    emailAddress: string,
    by: { actor: string; now: Date },
  ): Promise<string | undefined> {
    const draft = await draftOf(console, words.kind, typed, by.now);
    const sent = await sendTestDraft(db, context.jobs, draft, { emailAddress, locales: LOCALES }, by);
    return sent.ok ? sent.recipient : undefined;
  }

  function namesOf(words: readonly NoticeWords[]): Promise<ReadonlyMap<string, string>> {
    return actorNames(
      db,
      words.flatMap((one) => one.changedBy ?? []),
    );
  }
};
