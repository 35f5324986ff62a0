import type { FastifyReply, FastifyRequest } from 'fastify';
import {
  ACTS,
  foreseeAct,
  performAct,
  type ActName,
  type Foreseen,
  type PlanAct,
} from '#domain/migration/acts.ts';
import { failingCheck } from '#domain/migration/check-stands.ts';
import { lastChangeOf } from '#domain/migration/history.ts';
import { planStandingLately, type PlanStanding } from '#domain/migration/plan-standing.ts';
import { progressSummary } from '#domain/migration/summary.ts';
import { refusedAnyway } from '#domain/migration/refused-anyway.ts';
import { refusalSentence, type PlanRefusal } from '#domain/migration/refusal-sentence.ts';
import { previewDraft, sendTestDraft } from '#domain/notices/preview.ts';
import { standardWords } from '#domain/notices/words.ts';
import { actorNames } from '#domain/operators/actor-names.ts';
import type { RenderedMail } from '#support/mail/mail.ts';
import type { ConsoleRow } from '#support/db/schema.ts';
import { LOCALES, type Locale } from '#support/primitives/locale.ts';
import { field, sendPage } from '#web/http/request.ts';
import { isNameOf } from '../../typed-name.ts';
import { isBack, visitOf, type OperatorArea } from '../../visit.ts';
import { confirmPage, type ConfirmView } from './confirm-page.tsx';
import { actIn, freshForm, givenIn, noticeOf, type FieldError, type Given } from './fields.ts';
import { formPage } from './form-page.tsx';
import { consoleInAddress, movePath } from '../../addresses.ts';

/** The acts that a failing check stands in the way of. */
const ADVANCING: readonly ActName[] = ['link-time', 'announce', 'cut-over'];

/** One request about one act. */
type Asked = { request: FastifyRequest; reply: FastifyReply; console: ConsoleRow; act: ActName; form: Given };

/**
 * Acts on a console's migration: a form (GET), a confirmation (POST, `step` check), the act itself (POST, `step` act), which leads to the console's page. Only the last one
 * changes anything, and only on the revision of the plan that the form was opened with.
 */
export const actsArea: OperatorArea = (app, context) => {
  const { db } = context;

  for (const act of ACTS) {
    app.get(`/operator/migration/:clientId/${act}`, async (request, reply) => {
      const console = await consoleInAddress(context, request, reply);
      if (!console) return reply;
      const { now } = visitOf(request);
      if (isBack(request)) return showForm({ request, reply, console, act, form: givenIn(request) }, 200);
      const standing = await shownStanding(console.id, now);
      const form = freshForm(act, standing, await standardOf(console, act, 'yes'), now);
      return showForm({ request, reply, console, act, form }, 200);
    });

    app.post(`/operator/migration/:clientId/${act}`, async (request, reply) => {
      const console = await consoleInAddress(context, request, reply);
      if (!console) return reply;
      return decide({ request, reply, console, act, form: givenIn(request) });
    });
  }

  async function decide(asked: Asked): Promise<FastifyReply> {
    const { request, reply, console, act, form } = asked;
    const { now, shell, operator } = visitOf(request);
    const step = field(request, 'step');
    const revision = Number(field(request, 'revision'));
    if (field(request, 'back') !== '') return showForm(asked, 200);
    const read = actIn(act, form, await standardOf(console, act, form.correction), now, shell.locale);
    if (!read.ok) return showForm(asked, 422, { errors: read.errors });
    const { wanted } = read;
    const overrideCheck = form.override.trim();
    const foreseen = await foreseeAct(db, console.id, wanted, now, { overrideCheck });
    const isOvertaken = foreseen.ok && foreseen.standing.revision !== revision;
    if (isOvertaken) return showRefusal(asked, { act, ok: false, reason: 'changed-meanwhile' });
    if (!foreseen.ok) return showRefusal(asked, foreseen);
    if (step === 'test') return showConfirmation(asked, wanted, foreseen, { testedWith: await test() });
    if (step !== 'act') return showConfirmation(asked, wanted, foreseen);
    const name = field(request, 'name');
    if (foreseen.grave && !isNameOf(console, name))
      return showConfirmation(asked, wanted, foreseen, { wrongName: name });
    const by = { actor: operator.actor, now, revision, overrideCheck };
    const result = await performAct(db, console.id, wanted, form.note.trim(), by);
    if (!result.ok) return showRefusal(asked, result);
    return reply.redirect(`${movePath(console)}?changed=${result.revision}`, 303);

    async function test(): Promise<string | undefined> {
      const draft = draftOf(console, wanted, foreseen as Foreseen);
      if (!draft) return undefined;
      const to = { emailAddress: operator.emailAddress, locales: LOCALES };
      const sent = await sendTestDraft(db, context.jobs, draft, to, { actor: operator.actor, now });
      return sent.ok ? sent.recipient : undefined;
    }
  }

  async function shownStanding(consoleId: string, now: Date): Promise<PlanStanding> {
    return planStandingLately(db, await progressSummary(db, consoleId, now), now);
  }

  /** What the notice of an act says where nobody says anything else. */
  async function standardOf(console: ConsoleRow, act: ActName, correction: string) {
    const notice = noticeOf(act, correction);
    return notice && (await standardWords(db, console.id, notice));
  }

  function showRefusal(asked: Asked, refusal: PlanRefusal): Promise<FastifyReply> {
    const { locale } = visitOf(asked.request).shell;
    const stale = refusal.reason === 'changed-meanwhile';
    return showForm(asked, 409, { refusal: { sentence: refusalSentence(refusal, locale), stale } });
  }

  async function showForm(
    { request, reply, console, act, form }: Asked,
    status: number,
    found: { errors?: readonly FieldError[]; refusal?: { sentence: string; stale: boolean } } = {},
  ): Promise<FastifyReply> {
    const visit = visitOf(request);
    const [summary, lastChange] = await Promise.all([
      progressSummary(db, console.id, visit.now),
      lastChangeOf(db, console.id),
    ]);
    const standing = await planStandingLately(db, summary, visit.now);
    // What somebody has typed is shown with what stands against it, and stays.
    const isOpened = request.method === 'GET' && !isBack(request);
    const anyway = isOpened ? await refusedAnyway(db, summary, standing, act, visit.now) : undefined;
    const impossible = anyway && refusalSentence(anyway, visit.shell.locale);
    const failing = ADVANCING.includes(act) ? await failingCheck(db, console.id) : undefined;
    const check = failing && refusalSentence({ act: 'announce', ...failing }, visit.shell.locale);
    const actors = await actorNames(db, lastChange ? [lastChange.actor] : []);
    const errors = found.errors ?? [];
    const view = { act, console, standing, impossible, check, form, errors, lastChange, actors };
    return sendPage(reply, await formPage(context, visit, { ...view, refusal: found.refusal }), status);
  }

  async function showConfirmation(
    { request, reply, console, form }: Asked,
    wanted: PlanAct,
    foreseen: Foreseen,
    more: Pick<ConfirmView, 'wrongName' | 'testedWith'> = {},
  ): Promise<FastifyReply> {
    const previews = await previewsOf(console, wanted, foreseen);
    const view = { console, wanted, foreseen, previews, form, ...more };
    const page = await confirmPage(context, visitOf(request), view);
    return sendPage(reply, page, more.wrongName === undefined ? 200 : 422);
  }

  async function previewsOf(
    console: ConsoleRow,
    wanted: PlanAct,
    foreseen: Foreseen,
  ): Promise<{ readonly [L in Locale]: RenderedMail } | undefined> {
    const draft = draftOf(console, wanted, foreseen);
    if (!draft) return undefined;
    const mailIn = async (locale: Locale): Promise<RenderedMail> => {
      const preview = await previewDraft(db, context, draft, locale);
      if (!preview.ok) throw new Error('Words that were foreseen fit their notice.');
      return preview.mail;
    };
    return { ja: await mailIn('ja'), en: await mailIn('en') };
  }

  /** The console that the path names; when there is none, the page for that has been sent. */
};

function draftOf(console: ConsoleRow, wanted: PlanAct, { mail }: Foreseen) {
  if (!mail || wanted.act === 'link-time') return undefined;
  return { consoleId: console.id, kind: mail.kind, cutOverAt: mail.cutOverAt, texts: wanted.texts };
}
