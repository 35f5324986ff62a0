import type { Locale } from '#support/primitives/locale.ts';
import type { PersonFacts } from './facts.ts';
import { remediesOf, type Step } from './step.ts';
import { stepWords } from './step-texts.ts';

/** One person as programs are told, by API and command line alike. */
export function personAnswer(
  facts: PersonFacts,
  step: Step,
  names: (locale: Locale) => (clientId: string) => string,
) {
  const { account, password, delay, codes } = facts;
  return {
    id: account.id,
    emailAddress: account.email_address,
    name: account.name,
    company: account.company,
    state: account.state,
    locale: account.locale,
    createdAt: account.created_at,
    step: {
      kind: step.kind,
      words: { ja: stepWords(step, 'ja', names('ja')), en: stepWords(step, 'en', names('en')) },
      remedies: remediesOf(step),
    },
    password,
    signInDelay: delay ?? null,
    codes: {
      askedToday: codes.asked,
      wrongToday: codes.guesses,
      lastAskedAt: codes.last?.lastSentAt ?? null,
      nextSendAt: codes.nextSendAt,
      openRequest: codes.last?.open ?? false,
    },
    links: facts.links.map((link) => ({
      clientId: link.clientId,
      consoleUserId: link.consoleUserId,
      linkedAt: link.linkedAt,
      apiOnly: link.apiOnly,
      lastLegacyAt: link.lastLegacyAt,
      lastUnifiedAt: link.lastUnifiedAt,
      cutOverAt: link.cutOverAt,
      consoleAddress: link.drift?.address ?? null,
    })),
    mails: facts.mails,
    events: facts.events.map(({ id, at, action, actor, clientIp }) => ({ id, at, action, actor, clientIp })),
  };
}
