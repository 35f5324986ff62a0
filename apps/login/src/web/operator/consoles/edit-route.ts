import type { FastifyReply, FastifyRequest } from 'fastify';
import { changeConsole, foreseeChange, type ChangeRefusal } from '#domain/consoles/change.ts';
import { createConsole, foreseeCreate, type CreateRefusal } from '#domain/consoles/create.ts';
import { faultSentence } from '#domain/consoles/fault-sentence.ts';
import type { SettingFault } from '#domain/consoles/faults.ts';
import { lastConsoleChange } from '#domain/consoles/last-change.ts';
import { differences, settingsOf } from '#domain/consoles/settings.ts';
import { actorNames } from '#domain/operators/actor-names.ts';
import type { ConsoleRow } from '#support/db/schema.ts';
import { japanTime } from '#support/primitives/japan-time.ts';
import { field, sendPage } from '#web/http/request.ts';
import { actorWords } from '../actor.ts';
import { consoleInAddress, consolePath } from '../addresses.ts';
import { isBack, visitOf, type OperatorArea } from '../visit.ts';
import { confirmPage } from './confirm-page.tsx';
import { baseIn, differing, emptyForm, formOf, givenIn, merged, settingsIn, type Given } from './fields.ts';
import { formPage, type FieldError, type FormView } from './form-page.tsx';
import { madePage } from './secret-pages.tsx';
import { texts } from './text.ts';

/** Registers consoles and changes what is registered: a form (GET), a confirmation (POST, `step` check), the act (POST, `step` act). Only the last one changes anything. */
export const consoleEditArea: OperatorArea = (app, context) => {
  const { db, allowedInternalHosts } = context;

  app.get('/operator/consoles/new', async (request, reply) => {
    const form = isBack(request) ? givenIn(request) : emptyForm();
    return showForm(request, reply, { console: undefined, form, base: emptyForm() }, 200);
  });

  app.post('/operator/consoles/new', async (request, reply) => {
    const visit = visitOf(request);
    const form = givenIn(request);
    const view = { console: undefined, form, base: emptyForm() };
    if (field(request, 'back') !== '') return showForm(request, reply, view, 200);
    const settings = settingsIn(form);
    const clientId = form.clientId.trim();
    const by = { actor: visit.operator.actor, now: visit.now, allowedInternalHosts };
    if (field(request, 'step') !== 'act') {
      const refusal = await foreseeCreate(db, clientId, settings, allowedInternalHosts);
      if (refusal) return refuseCreate(request, reply, form, refusal);
      const html = await confirmPage(context, visit, { ...view, settings, changed: [] });
      return sendPage(reply, html);
    }
    const result = await createConsole(db, clientId, settings, by);
    if (!result.ok) return refuseCreate(request, reply, form, result);
    context.consoles.forget();
    const console = await context.consoles.byClientId(clientId);
    if (!console) throw new Error('A console that was registered a moment ago is there.');
    const made = { console, clientSecret: result.clientSecret, registered: true };
    return sendPage(reply, await madePage(context, visit, made), 201);
  });

  app.get('/operator/consoles/:clientId/edit', async (request, reply) => {
    const console = await consoleInAddress(context, request, reply);
    if (!console) return reply;
    const current = formOf(console.client_id, settingsOf(console));
    if (!isBack(request)) return showForm(request, reply, { console, form: current, base: current }, 200);
    const form = { ...givenIn(request), clientId: console.client_id };
    const base = baseIn(textIn(request, 'base')) ?? current;
    if (Number(field(request, 'revision')) !== console.revision)
      return showConflict(request, reply, { form, base }, console);
    return showForm(request, reply, { console, form, base }, 200);
  });

  app.post('/operator/consoles/:clientId/edit', async (request, reply) => {
    const revision = Number(field(request, 'revision'));
    let known = await consoleInAddress(context, request, reply);
    if (!known) return reply;
    // The form may be newer than what this node remembers.
    if (known.revision !== revision) {
      context.consoles.forget();
      known = (await context.consoles.byClientId(known.client_id)) ?? known;
    }
    const visit = visitOf(request);
    const current = formOf(known.client_id, settingsOf(known));
    const form = { ...givenIn(request), clientId: known.client_id };
    const base = baseIn(textIn(request, 'base')) ?? current;
    const view = { console: known, form, base };
    if (field(request, 'back') !== '' && revision === known.revision)
      return showForm(request, reply, view, 200);
    const settings = settingsIn(form);
    const by = { actor: visit.operator.actor, now: visit.now, revision, allowedInternalHosts };
    const refusal = foreseeChange(known, settings, by);
    if (refusal) return refuseChange(request, reply, view, refusal);
    const changed = differences(settingsOf(known), settings);
    if (changed.length === 0)
      return showForm(request, reply, { ...view, notice: texts[visit.shell.locale].unchanged }, 200);
    if (field(request, 'step') !== 'act')
      return sendPage(reply, await confirmPage(context, visit, { ...view, settings, changed }));
    const result = await changeConsole(db, known.client_id, settings, by);
    context.consoles.forget();
    if (!result.ok) return refuseChange(request, reply, view, result);
    return reply.redirect(`${consolePath(known)}?done=changed`, 303);
  });

  function refuseCreate(
    request: FastifyRequest,
    reply: FastifyReply,
    form: Given,
    refusal: CreateRefusal,
  ): Promise<FastifyReply> {
    const t = texts[visitOf(request).shell.locale];
    const taken = refusal.reason === 'client-id-taken';
    const errors = taken
      ? [{ field: 'clientId' as const, message: t.taken }]
      : errorsOf(request, refusal.faults);
    const view = { console: undefined, form, base: emptyForm(), errors };
    return showForm(request, reply, view, taken ? 409 : 422);
  }

  async function refuseChange(
    request: FastifyRequest,
    reply: FastifyReply,
    view: { console: ConsoleRow; form: Given; base: Given },
    refusal: ChangeRefusal,
  ): Promise<FastifyReply> {
    switch (refusal.reason) {
      case 'console-unknown':
        reply.callNotFound();
        return reply;
      case 'settings-unfit':
        return showForm(request, reply, { ...view, errors: errorsOf(request, refusal.faults) }, 422);
      case 'changed-meanwhile':
        return showConflict(request, reply, view, refusal.console);
    }
  }

  /** Shows the form once more, on what is registered now: what was typed stays, what was not touched follows. */
  async function showConflict(
    request: FastifyRequest,
    reply: FastifyReply,
    { form, base }: { form: Given; base: Given },
    console: ConsoleRow,
  ): Promise<FastifyReply> {
    const { locale } = visitOf(request).shell;
    const current = formOf(console.client_id, settingsOf(console));
    const last = await lastConsoleChange(db, console.id);
    const actors = await actorNames(db, last ? [last.actor] : []);
    const conflict = {
      who: last ? actorWords(last.actor, actors, locale) : '–',
      at: japanTime(last?.at ?? console.updated_at, locale),
      changes: differing(base, current).map((name) => ({
        name,
        before: base[name],
        now: current[name],
        yours: form[name].trim() !== base[name].trim() && form[name].trim() !== current[name].trim(),
      })),
    };
    const view = { console, form: merged(form, base, current), base: current, conflict };
    return showForm(request, reply, view, 409);
  }

  async function showForm(
    request: FastifyRequest,
    reply: FastifyReply,
    view: Omit<FormView, 'errors'> & { errors?: readonly FieldError[] },
    status: number,
  ): Promise<FastifyReply> {
    const html = await formPage(context, visitOf(request), { ...view, errors: view.errors ?? [] });
    return sendPage(reply, html, status);
  }
};

function errorsOf(request: FastifyRequest, faults: readonly SettingFault[]): readonly FieldError[] {
  const { locale } = visitOf(request).shell;
  return faults.map((fault) => ({ field: fault.field, message: faultSentence(fault, locale) }));
}

function textIn(request: FastifyRequest, name: string): string {
  return field(request, name, 64 * 1024);
}
