import { Heading, Lead, LinkButton, Pager, Text } from '@hitokagi/design-system';
import { japanDate } from '#support/primitives/japan-time.ts';
import { renderPage, type Shell } from '#web/http/shell.tsx';
import { EventList, type ShownEvent } from './event-list.tsx';
import { texts } from './text.ts';

/** The events of an account page by page, the newest first. */
export function activityPage(
  shell: Shell,
  view: {
    events: readonly ShownEvent[];
    isFirst: boolean;
    /** The id of the last event of this page, when there are earlier ones. */
    olderThan: string | undefined;
  },
): string {
  const all = texts[shell.locale];
  const t = all.activity;
  const [newest, oldest] = [view.events[0], view.events.at(-1)];
  return renderPage(shell, {
    title: t.pageTitle,
    heading: (
      <>
        <Heading>{t.pageTitle}</Heading>
        <Lead>{t.lead}</Lead>
      </>
    ),
    children: (
      <>
        {newest && oldest ? (
          <>
            <EventList locale={shell.locale} label={t.pageTitle} events={view.events} />
            {view.isFirst && view.olderThan === undefined ? null : (
              <Pager
                label={t.pages}
                position={t.range(japanDate(newest.at, shell.locale), japanDate(oldest.at, shell.locale))}
                previous={view.isFirst ? undefined : { href: '/account/activity', label: t.newest }}
                next={
                  view.olderThan === undefined
                    ? undefined
                    : { href: `/account/activity?before=${view.olderThan}`, label: t.older }
                }
              />
            )}
          </>
        ) : (
          <Text>{t.none}</Text>
        )}
        <LinkButton href="/account" kind="secondary" wide>
          {all.back}
        </LinkButton>
      </>
    ),
  });
}
