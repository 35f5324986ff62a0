import { consoleName } from '#domain/consoles/consoles.ts';
import { after, DAY } from '#support/primitives/durations.ts';
import { CLOCK_OFF } from '#support/nodes/clock.ts';
import type { Locale } from '#support/primitives/locale.ts';
import { grouped } from '../words.ts';
import { clockWords } from '../keys/clock-words.ts';
import { texts } from './text.ts';
import type { OverviewView } from './view.ts';
import { movePath, noticePath } from '../addresses.ts';

/** What somebody has to do something about, each in one sentence; what concerns customers' moves first. */
export function attentionOf(
  view: OverviewView,
  locale: Locale,
  seesLists: boolean,
): { text: string; href?: string | undefined }[] {
  const t = texts[locale];
  const names = new Map(view.moves.map(({ console }) => [console.id, consoleName(console, locale)]));
  const moves = view.moves.flatMap(({ console, plan, phase, summary, unsettled }) => {
    const name = consoleName(console, locale);
    const href = movePath(console);
    const { unknownUsers } = summary.progress;
    return [
      ...(unsettled
        ? [{ text: t.unsettled(name, grouped(unsettled.people)), href: noticePath(unsettled.noticeId) }]
        : []),
      ...(unknownUsers > 0 && !plan.closedAt
        ? [{ text: t.unknown(name, grouped(unknownUsers)), href: `${href}/rehearsal` }]
        : []),
      ...(phase === 'unified' &&
      !plan.closedAt &&
      plan.cutOverAt &&
      plan.cutOverAt < after(summary.at, -7 * DAY)
        ? [{ text: t.toClose(name), href }]
        : []),
    ];
  });
  const channels = [
    [t.logoutChannel, view.logouts],
    [t.eventChannel, view.events],
  ] as const;
  const deliveries = channels.flatMap(([channel, consoles]) =>
    consoles.flatMap((one) => {
      const name = names.get(one.consoleId) ?? one.clientId;
      return [
        ...(one.state === 'answering'
          ? []
          : [{ text: t.notAnswering(name, channel, grouped(one.waiting)), href: '/operator/deliveries' }]),
        ...(one.failed > 0
          ? [{ text: t.gaveUp(name, channel, grouped(one.failed)), href: '/operator/deliveries' }]
          : []),
      ];
    }),
  );
  const { mail } = view;
  const mails =
    mail.deferred > 0
      ? [
          {
            text: t.mailsDeferred(grouped(mail.deferred)),
            href: seesLists ? '/operator/mail?fate=deferred' : undefined,
          },
        ]
      : [];
  const { master } = view;
  const href = '/operator/keys';
  const servers = master.servers.flatMap(({ name, lacksKey, clockAhead }) => [
    ...(lacksKey ? [{ text: t.lacksKey(name), href }] : []),
    ...(clockAhead !== null && Math.abs(clockAhead) > CLOCK_OFF
      ? [{ text: t.clockOff(name, clockWords(clockAhead, locale)), href }]
      : []),
  ]);
  const change = master.step === 'finish' ? [{ text: t.masterKeyUnfinished, href }] : [];
  return [...moves, ...deliveries, ...mails, ...change, ...servers];
}
