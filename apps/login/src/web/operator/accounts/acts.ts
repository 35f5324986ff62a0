import type { FastifyRequest } from 'fastify';
import { endBrowser, endBrowsers } from '#domain/logout/end-browsers.ts';
import { requestChangeByOperator } from '#domain/login-id/operator-change.ts';
import { includesRole } from '#domain/operators/rights.ts';
import { clearDelay, resendCodeFor, sendSetUpMail } from '#domain/person/remedies.ts';
import { changeAccountState, type StateChange } from '#domain/suspension/change-state.ts';
import type { AccountRow } from '#support/db/schema.ts';
import { parseEmailAddress } from '#support/primitives/email-address.ts';
import type { WebContext } from '#web/http/context.ts';
import { field } from '#web/http/request.ts';
import { visitOf } from '../visit.ts';

export const ACT_NAMES = [
  'set-up-mail',
  'send-code',
  'clear-delay',
  'change-address',
  'end-session',
  'end-sessions',
  'suspend',
  'reinstate',
  'close',
] as const;
export type ActName = (typeof ACT_NAMES)[number];

export type ActField = 'reason' | 'address' | 'locale' | 'hijacked' | 'typed' | 'session';

/** What was typed, by field. */
export type Given = Partial<Record<ActField, string>>;

/** Why an act was not done; nothing has changed. */
export type ActRefusal = {
  ok: false;
  given: Given;
  reason: string;
  retryAt?: Date;
  /** Fields to put right, each with why. */
  fieldErrors?: Partial<Record<ActField, string>>;
};

export type AccountAct = {
  name: ActName;
  fields: readonly ActField[];
  /** Does it, in one transaction with its audit event. A second press finds it done. */
  perform(
    context: WebContext,
    request: FastifyRequest,
    account: AccountRow,
  ): Promise<{ ok: true } | ActRefusal>;
};

/** All acts on one account; the pages decide nothing, the domain does. */
export const ACCOUNT_ACTS: readonly AccountAct[] = [
  {
    name: 'set-up-mail',
    fields: [],
    perform: async (context, request, account) =>
      answer(await sendSetUpMail(context, account.id, visitOf(request).shell.locale, byOf(request)), {}),
  },
  {
    name: 'send-code',
    fields: [],
    perform: async (context, request, account) =>
      answer(await resendCodeFor(context, account.id, byOf(request)), {}),
  },
  {
    name: 'clear-delay',
    fields: ['reason'],
    perform: async (context, request, account) => {
      const reason = field(request, 'reason');
      return answer(await clearDelay(context.db, account.id, { ...byOf(request), reason }), { reason });
    },
  },
  { name: 'change-address', fields: ['address', 'locale', 'reason'], perform: changeAddress },
  {
    name: 'end-session',
    fields: ['session'],
    perform: async (context, request, account) => {
      const session = field(request, 'session', 200);
      const by = { cause: 'operator', ...byOf(request) } as const;
      return (await endBrowser(context, account.id, session, by))
        ? { ok: true }
        : { ok: false, given: { session }, reason: 'session-unknown' };
    },
  },
  {
    name: 'end-sessions',
    fields: [],
    perform: async (context, request, account) => {
      await endBrowsers(context, account.id, { cause: 'operator', ...byOf(request) });
      return { ok: true };
    },
  },
  { name: 'suspend', fields: ['reason', 'hijacked'], perform: changeState('suspend') },
  { name: 'reinstate', fields: ['reason'], perform: changeState('reinstate') },
  { name: 'close', fields: ['reason', 'typed'], perform: changeState('close') },
];

async function changeAddress(
  context: WebContext,
  request: FastifyRequest,
  account: AccountRow,
): Promise<{ ok: true } | ActRefusal> {
  const given = {
    address: field(request, 'address'),
    locale: field(request, 'locale') === 'en' ? 'en' : 'ja',
    reason: field(request, 'reason', 2_000),
  } as const;
  const wanted = {
    account: account.id,
    newEmailAddress: given.address,
    locale: given.locale,
    reason: given.reason,
  };
  return answer(await requestChangeByOperator(context, wanted, byOf(request)), given);
}

function changeState(change: StateChange): AccountAct['perform'] {
  return async (context, request, account) => {
    const given = {
      reason: field(request, 'reason').trim(),
      hijacked: field(request, 'hijacked'),
      typed: field(request, 'typed'),
    };
    if (given.reason === '') return answer({ ok: false, reason: 'reason-missing' }, given);
    if (change === 'close' && !isLoginIdOf(account, given.typed))
      return { ok: false, given, reason: 'typed-wrong', fieldErrors: { typed: 'typed-wrong' } };
    const wanted = { change, reason: given.reason, hijacked: change === 'suspend' && given.hijacked !== '' };
    return answer(await changeAccountState(context, account.id, wanted, byOf(request)), given);
  };
}

/** Typed as an address is typed anywhere: case and width do not matter. */
function isLoginIdOf(account: AccountRow, typed: string): boolean {
  const address = parseEmailAddress(typed);
  return address.ok && address.key === account.email_key;
}

/** The field that a refusal is about. */
const FIELDS: Readonly<Record<string, ActField>> = {
  'reason-missing': 'reason',
  'address-malformed': 'address',
  'address-unchanged': 'address',
  'address-taken': 'address',
  'address-reserved': 'address',
};

function answer(
  result: { ok: true } | { ok: false; reason: string; retryAt?: Date },
  given: Given,
): { ok: true } | ActRefusal {
  if (result.ok) return { ok: true };
  const { reason, retryAt } = result;
  const about = FIELDS[reason];
  return {
    ok: false,
    given,
    reason,
    ...(retryAt ? { retryAt } : {}),
    ...(about ? { fieldErrors: { [about]: reason } } : {}),
  };
}

function byOf(request: FastifyRequest) {
  const { operator, now } = visitOf(request);
  return {
    actor: operator.actor,
    administrator: includesRole(operator.role, 'administrator'),
    clientIp: request.ip,
    requestId: request.id,
    now,
  };
}
