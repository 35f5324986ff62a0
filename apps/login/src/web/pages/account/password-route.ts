import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Provider } from 'oidc-provider';
import { consoleName } from '#domain/consoles/consoles.ts';
import { linkedConsoleIds } from '#domain/consoles/links.ts';
import { PHASE_RULES, phaseAt } from '#domain/migration/phase.ts';
import { planOf } from '#domain/migration/plans.ts';
import {
  changePassword,
  type ChangePasswordFaults,
  type ChangePasswordResult,
} from '#domain/sign-in/change-password.ts';
import { MINUTE, SECOND } from '#support/primitives/durations.ts';
import type { Locale } from '#support/primitives/locale.ts';
import type { PasswordRules } from '#domain/credentials/password-rules.ts';
import { faultText } from '#web/pages/reset/new-password-fields.tsx';
import type { WebContext } from '#web/http/context.ts';
import { field, LONGEST_PASSWORD_FIELD, sendPage, typingClientOf } from '#web/http/request.ts';
import { texts as resetTexts } from '#web/pages/reset/text.ts';
import { passwordPage, type PasswordPageErrors } from './password-page.tsx';
import { personHere, type PersonHere } from './person.ts';
import { endedPath } from './route.ts';
import { texts } from './text.ts';

/** Changing the password with the current one; opening the page changes nothing. */
export function registerAccountPassword(app: FastifyInstance, context: WebContext, provider: Provider): void {
  app.get('/account/password', async (request, reply) => {
    const person = await personHere(context, provider, request, reply, '/account/password');
    return person ? show(reply, person, {}, 200) : reply;
  });

  app.post('/account/password', async (request, reply) => {
    const person = await personHere(context, provider, request, reply, '/account/password');
    if (!person) return reply;
    if (person.formIsAnothers) {
      const whole = texts[person.locale].password.errors.otherPerson;
      return show(reply, person, { whole }, 409);
    }
    const now = context.clock();
    const client = typingClientOf(context, request);
    const result = await changePassword(context, person, typedIn(request), client, now, person.locale);
    if (result.ok) {
      client.keep(reply);
      return reply.redirect(endedPath(now), 303);
    }
    if ('until' in result)
      reply.header('retry-after', Math.max(1, Math.ceil((result.until.getTime() - now.getTime()) / SECOND)));
    return show(reply, person, errorsOf(person, result, now), STATUS[result.reason]);
  });

  async function show(
    reply: FastifyReply,
    { account, shell, locale }: PersonHere,
    errors: PasswordPageErrors,
    status: number,
  ): Promise<FastifyReply> {
    const view = {
      accountId: account.id,
      emailAddress: account.email_address,
      legacyConsoles: await legacyConsoles(account.id, locale),
      errors,
    };
    return sendPage(reply, passwordPage(shell, view), status);
  }

  /** Consoles of this person whose own login still takes its own password (R6). */
  async function legacyConsoles(accountId: string, locale: Locale): Promise<readonly string[]> {
    const linked = await linkedConsoleIds(context.db, accountId);
    const now = context.clock();
    const names: string[] = [];
    for (const console of (await context.consoles.all()).filter((one) => linked.includes(one.id))) {
      const plan = await planOf(context.db, console.id);
      if (PHASE_RULES[phaseAt(plan, now)].legacySignIn) names.push(consoleName(console, locale));
    }
    return names;
  }
}

function typedIn(request: FastifyRequest): { current: string; password: string; confirmation: string } {
  return {
    current: field(request, 'current_password', LONGEST_PASSWORD_FIELD),
    password: field(request, 'password', LONGEST_PASSWORD_FIELD),
    confirmation: field(request, 'confirmation', LONGEST_PASSWORD_FIELD),
  };
}

type Refusal = Extract<ChangePasswordResult, { ok: false }>;

const STATUS: { readonly [R in Refusal['reason']]: number } = {
  form: 422,
  'current-wrong': 422,
  wait: 429,
  'network-wait': 429,
  'only-reset': 422,
  'changed-meanwhile': 409,
};

function errorsOf({ locale, shell }: PersonHere, refusal: Refusal, now: Date): PasswordPageErrors {
  const t = texts[locale].password;
  switch (refusal.reason) {
    case 'form':
      return faultErrors(locale, refusal.faults, shell.passwordRules);
    case 'current-wrong':
      return { current: t.errors.currentWrong };
    case 'wait':
      return { current: t.wait(Math.max(1, Math.ceil((refusal.until.getTime() - now.getTime()) / SECOND))) };
    case 'network-wait':
      return {
        current: t.networkWait(Math.max(1, Math.ceil((refusal.until.getTime() - now.getTime()) / MINUTE))),
      };
    case 'only-reset':
      return { whole: t.errors.onlyReset };
    case 'changed-meanwhile':
      return { whole: t.errors.changedMeanwhile };
  }
}

function faultErrors(locale: Locale, faults: ChangePasswordFaults, rules: PasswordRules): PasswordPageErrors {
  const { errors } = texts[locale].password;
  const reset = resetTexts[locale];
  const password = faults.password.includes('unchanged')
    ? errors.unchanged
    : faultText(
        locale,
        faults.password.filter((fault) => fault !== 'unchanged'),
        rules,
      );
  return {
    ...(faults.currentMissing ? { current: errors.currentMissing } : {}),
    ...(password ? { password } : {}),
    ...(faults.confirmation ? { confirmation: reset.errors.mismatch } : {}),
  };
}
