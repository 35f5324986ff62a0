import { phaseAt } from '#domain/migration/phase.ts';
import { after, DAY } from '#support/primitives/durations.ts';
import type { PersonFacts } from './facts.ts';

/** Where a person stands on the way into their consoles, and what is in the way. */
export type Step =
  | { kind: 'closed' | 'suspended'; since: Date | null; reason: string | null }
  /** The last code mail was refused. */
  | { kind: 'code-mail-refused'; asked: number; response: string | null; at: Date }
  | { kind: 'code-mail-deferred'; response: string | null; since: Date }
  /** It is queued, and nobody has tried it yet. */
  | { kind: 'code-mail-waiting'; since: Date }
  /** Too many wrong codes within a day. */
  | { kind: 'guesses-used-up'; until: Date }
  /** Too many wrong tries at these codes; another one has tries of its own. */
  | { kind: 'tries-used-up' }
  | { kind: 'code-sent'; at: Date; until: Date }
  | { kind: 'code-expired'; at: Date }
  | { kind: 'only-reset'; attempts: number }
  | { kind: 'delayed'; attempts: number; until: Date }
  | { kind: 'wrong-passwords'; attempts: number; at: Date }
  /** No password, and another mail did not arrive. */
  | { kind: 'mail-unreachable'; response: string | null; at: Date }
  /** No password, and a console has another address for them: that is probably what they type. */
  | { kind: 'address-differs'; clientId: string; address: string }
  | { kind: 'no-password'; attempts: number; legacy: LegacyLogin }
  | { kind: 'ready'; lastUnifiedAt: Date | null };

/** Whether the legacy login of one of the person's consoles still works. `until` null: no end is set. */
export type LegacyLogin =
  | { state: 'works'; clientId: string; until: Date | null }
  | { state: 'ended'; clientId: string; at: Date }
  | { state: 'none' };

export const REMEDIES = [
  'send-code',
  'set-up-mail',
  'clear-delay',
  'change-address',
  'end-sessions',
  'suspend',
  'reinstate',
  'close',
] as const;
export type Remedy = (typeof REMEDIES)[number];

/**
 * The step where a person is stuck: the first that holds, from what stops everything to what stops nothing. A pure function of what is known.
 * Who is setting a password is judged by that: wrong passwords before it do not matter, the reset is never delayed.
 */
export function stepOf(facts: PersonFacts, now: Date): Step {
  const { account, password, codes, delay, mails } = facts;
  if (account.state !== 'active') return stopped(facts, account.state);
  const { last } = codes;
  const isSetting =
    last !== null &&
    last.endedAt === null &&
    last.lastSentAt > after(now, -DAY) &&
    last.lastSentAt > (password?.setAt ?? new Date(0));
  if (isSetting && !(password && delay && delay.lastAttemptAt > last.lastSentAt))
    return settingStep(codes, last, now);
  if (password) {
    if (delay?.onlyReset) return { kind: 'only-reset', attempts: delay.attempts };
    if (delay?.until) return { kind: 'delayed', attempts: delay.attempts, until: delay.until };
    if (delay && delay.attempts > 0 && delay.lastAttemptAt > after(now, -DAY))
      return { kind: 'wrong-passwords', attempts: delay.attempts, at: delay.lastAttemptAt };
    return { kind: 'ready', lastUnifiedAt: latest(facts.links.map((link) => link.lastUnifiedAt)) };
  }
  const differing = facts.links.find((link) => link.drift);
  if (differing?.drift)
    return { kind: 'address-differs', clientId: differing.clientId, address: differing.drift.address };
  const verdict = mails.find((mail) => ['accepted', 'refused', 'bounced'].includes(mail.fate));
  if (verdict && verdict.fate !== 'accepted')
    return { kind: 'mail-unreachable', response: verdict.response, at: verdict.endedAt ?? verdict.createdAt };
  return { kind: 'no-password', attempts: delay?.attempts ?? 0, legacy: legacyLogin(facts, now) };
}

/** What helps at a step, the first one first. */
export function remediesOf(step: Step): readonly Remedy[] {
  switch (step.kind) {
    case 'closed':
    case 'suspended':
      return ['reinstate'];
    case 'code-mail-refused':
    case 'mail-unreachable':
      return ['change-address'];
    case 'address-differs':
      return ['change-address', 'set-up-mail'];
    case 'code-sent':
    case 'code-expired':
    case 'tries-used-up':
      return ['send-code'];
    case 'only-reset':
    case 'delayed':
      return ['clear-delay', 'set-up-mail'];
    case 'wrong-passwords':
    case 'no-password':
      return ['set-up-mail'];
    case 'code-mail-deferred':
    case 'code-mail-waiting':
    case 'guesses-used-up':
    case 'ready':
      return [];
  }
}

function stopped({ events }: PersonFacts, kind: 'suspended' | 'closed'): Step {
  const act = events.find((event) => event.action === `account.${kind}`);
  const reason = act?.detail.reason;
  return { kind, since: act?.at ?? null, reason: typeof reason === 'string' ? reason : null };
}

function settingStep(
  codes: PersonFacts['codes'],
  last: NonNullable<PersonFacts['codes']['last']>,
  now: Date,
): Step {
  if (codes.guessesEndAt && codes.guessesEndAt > now)
    return { kind: 'guesses-used-up', until: codes.guessesEndAt };
  const { mail } = last;
  // Of a code that was asked for once more nothing is known before its mail is made.
  if (!mail || mail.at < last.lastSentAt) return { kind: 'code-mail-waiting', since: last.lastSentAt };
  switch (mail.fate) {
    case 'waiting':
      return { kind: 'code-mail-waiting', since: mail.at };
    case 'deferred':
      return { kind: 'code-mail-deferred', response: mail.response, since: mail.at };
    case 'refused':
    case 'dropped':
      return { kind: 'code-mail-refused', asked: codes.asked, response: mail.response, at: mail.at };
    case 'accepted':
      if (last.triesUsedUp) return { kind: 'tries-used-up' };
      return last.codeUntil && last.codeUntil > now
        ? { kind: 'code-sent', at: mail.at, until: last.codeUntil }
        : { kind: 'code-expired', at: mail.at };
  }
}

/** Of several consoles the one that lets in longest. */
function legacyLogin({ links }: PersonFacts, now: Date): LegacyLogin {
  const own = links.filter((link) => !link.apiOnly);
  const works = own
    .filter((link) => phaseAt({ ...link, announceAt: null }, now) !== 'unified')
    .sort((a, b) => (b.cutOverAt?.getTime() ?? Infinity) - (a.cutOverAt?.getTime() ?? Infinity))[0];
  if (works) return { state: 'works', clientId: works.clientId, until: works.cutOverAt };
  const ended = own.find((link) => link.cutOverAt !== null);
  return ended?.cutOverAt
    ? { state: 'ended', clientId: ended.clientId, at: ended.cutOverAt }
    : { state: 'none' };
}

function latest(times: readonly (Date | null)[]): Date | null {
  return times.reduce((best, one) => (one && (!best || one > best) ? one : best), null);
}
