import type { FastifyReply, FastifyRequest } from 'fastify';
import { actorNames } from '#domain/operators/actor-names.ts';
import { includesRole } from '#domain/operators/rights.ts';
import {
  changeSettings,
  foreseeSettings,
  storedSettings,
  type ForeseeSettingsResult,
  type StoredSettings,
} from '#domain/settings/change.ts';
import { inForce } from '#domain/settings/in-force.ts';
import { SETTING_GROUPS, SETTING_KEYS, type SettingGroup } from '#domain/settings/table.ts';
import { passwordSetLetter } from '#domain/sign-in/password-set-mail.ts';
import type { Locale } from '#support/primitives/locale.ts';
import { field, query, sendPage } from '#web/http/request.ts';
import type { Shell } from '#web/http/shell.tsx';
import { isBack, visitOf, type OperatorArea } from '../visit.ts';
import { confirmPage } from './confirm-page.tsx';
import { formPage, type FormView } from './form-page.tsx';
import { keysOf, type Given } from './keys-of.ts';
import { listPage } from './list-page.tsx';

/** Longer than any setting may be, so that what is too long is told so. */
const LONGEST_FIELD = 10_000;

/**
 * 設定: what a company changes without a deploy. A form a group (GET), a confirmation with previews (POST, `step` check), the change (POST, `step` act), which
 * happens only on the revision that the form was opened with.
 * @param sampleSignIn the sign-in page as customers see it, for the preview
 */
export function settingsArea(sampleSignIn: (shell: Shell, now: Date) => string): OperatorArea {
  return (app, context) => {
    const { db, environmentSettings } = context;

    app.get('/operator/settings', async (request, reply) => {
      const visit = visitOf(request);
      const stored = await storedSettings(db, environmentSettings);
      const actors = await actorNames(db, stored.changedBy === null ? [] : [stored.changedBy]);
      const mayChange = includesRole(visit.operator.role, 'administrator');
      const saved = query(request, 'saved');
      return sendPage(reply, await listPage(context, visit, { stored, actors, mayChange, saved }));
    });

    app.get('/operator/settings/preview', async (request, reply) => {
      const { shell, now } = visitOf(request);
      const wanted = Object.fromEntries(
        SETTING_KEYS.map((key) => [key, query(request, key)] as const).filter(
          ([, value]) => value !== undefined,
        ),
      );
      const foreseen = foreseeSettings(await storedSettings(db, environmentSettings), wanted, undefined);
      if (!foreseen.ok) {
        reply.callNotFound();
        return reply;
      }
      const { brand, passwordRules } = inForce(foreseen.values);
      const locale = query(request, 'language') === 'en' ? 'en' : 'ja';
      return sendPage(reply, sampleSignIn({ ...shell, brand, passwordRules, locale }, now));
    });

    app.get('/operator/settings/:group', async (request, reply) => {
      const group = groupIn(request, reply);
      if (!group) return reply;
      const stored = await storedSettings(db, environmentSettings);
      const form = { ...formOf(group, stored), ...(isBack(request) ? givenIn(group, request) : {}) };
      return showForm(request, reply, { group, stored, form }, 200);
    });

    app.post('/operator/settings/:group', async (request, reply) => {
      const group = groupIn(request, reply);
      if (!group) return reply;
      const { operator, now } = visitOf(request);
      const form = givenIn(group, request);
      const stored = await storedSettings(db, environmentSettings);
      if (field(request, 'back') !== '') return showForm(request, reply, { group, stored, form }, 200);
      const revision = Number(field(request, 'revision'));
      const foreseen = foreseeSettings(stored, form, revision);
      if (!foreseen.ok) return showRefusal(request, reply, { group, stored, form }, foreseen);
      if (foreseen.changes.length === 0) return reply.redirect('/operator/settings?saved=nothing', 303);
      if (field(request, 'step') !== 'act') return showConfirmation(request, reply, group, form, foreseen);
      const by = { actor: operator.actor, now, revision };
      const result = await changeSettings(db, environmentSettings, form, by);
      if (!result.ok) return showRefusal(request, reply, { group, stored, form }, result);
      await context.settings.reload();
      return reply.redirect(`/operator/settings?saved=${group}`, 303);
    });

    async function showRefusal(
      request: FastifyRequest,
      reply: FastifyReply,
      view: FormView,
      refusal: Extract<ForeseeSettingsResult, { ok: false }>,
    ): Promise<FastifyReply> {
      if (refusal.reason === 'setting-unfit')
        return showForm(request, reply, { ...view, problems: refusal.problems }, 422);
      const stored = await storedSettings(db, environmentSettings);
      return showForm(
        request,
        reply,
        { ...view, stored, form: formOf(view.group, stored), isStale: true },
        409,
      );
    }

    async function showForm(
      request: FastifyRequest,
      reply: FastifyReply,
      view: FormView,
      status: number,
    ): Promise<FastifyReply> {
      return sendPage(reply, await formPage(context, visitOf(request), view), status);
    }

    async function showConfirmation(
      request: FastifyRequest,
      reply: FastifyReply,
      group: SettingGroup,
      form: Given,
      foreseen: Extract<ForeseeSettingsResult, { ok: true }>,
    ): Promise<FastifyReply> {
      const visit = visitOf(request);
      const { brand } = inForce(foreseen.values);
      const mailIn = (locale: Locale) => passwordSetLetter(brand, locale, visit.now);
      const mails = { ja: mailIn('ja'), en: mailIn('en') };
      return sendPage(reply, await confirmPage(context, visit, { group, form, foreseen, brand, mails }));
    }
  };
}

function groupIn(request: FastifyRequest, reply: FastifyReply): SettingGroup | undefined {
  const { group } = request.params as { group: string };
  const found = SETTING_GROUPS.find((one) => one === group);
  if (!found) reply.callNotFound();
  return found;
}

function formOf(group: SettingGroup, { values }: StoredSettings): Given {
  return Object.fromEntries(keysOf(group).map((key) => [key, String(values[key])]));
}

/** What was typed; a field that did not come is not asked to change. */
function givenIn(group: SettingGroup, request: FastifyRequest): Given {
  const body = (request.body ?? {}) as Readonly<Record<string, unknown>>;
  return Object.fromEntries(
    keysOf(group)
      .filter((key) => typeof body[key] === 'string')
      .map((key) => [key, field(request, key, LONGEST_FIELD)]),
  );
}
