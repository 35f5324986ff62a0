import { Literal, Name, Text, Timeline } from '@hitokagi/design-system';
import { browserName } from '#domain/sessions/browser-name.ts';
import type { RecordedEvent } from '#support/audit/read.ts';
import { japanTime } from '#support/primitives/japan-time.ts';
import type { Locale } from '#support/primitives/locale.ts';
import { eventWords } from './event-words.ts';
import { texts } from './text.ts';

/** An event with the name of the console that it concerns. */
export type ShownEvent = RecordedEvent & { consoleName: string | undefined };

/** What happened to an account, in the words of its person, the newest first. */
export function EventList({
  locale,
  label,
  events,
}: {
  locale: Locale;
  label: string;
  events: readonly ShownEvent[];
}) {
  return (
    <Timeline
      label={label}
      items={events.map((event) => ({
        ...eventWords(event, locale),
        time: japanTime(event.at, locale),
        dateTime: event.at.toISOString(),
        children: <Facts locale={locale} event={event} />,
      }))}
    />
  );
}

/** Browser, console and place, as far as they are known; never more of the record than this. */
function Facts({ locale, event }: { locale: Locale; event: ShownEvent }) {
  const t = texts[locale].activity;
  const { userAgent, to } = event.detail;
  const facts = [
    typeof userAgent === 'string' ? <Name>{browserName(userAgent, locale)}</Name> : null,
    event.consoleName === undefined ? null : <Name>{event.consoleName}</Name>,
    event.clientIp === null ? null : [placeLabel(event, locale), ' ', <Literal>{event.clientIp}</Literal>],
    event.actor.startsWith('operator:') ? t.bySupport : null,
    event.action === 'login-id.changed' && typeof to === 'string'
      ? [t.newLoginId, <Literal>{to}</Literal>]
      : null,
  ].filter((fact) => fact !== null);
  if (facts.length === 0) return null;
  return <Text quiet>{facts.map((fact, index) => (index === 0 ? fact : [<br />, fact]))}</Text>;
}

/** The browser of an end is the one that ended; the place is where it was ended from. */
function placeLabel({ action }: ShownEvent, locale: Locale): string {
  const t = texts[locale].activity;
  return action === 'session.ended' ? t.placeOfEnding : t.place;
}
