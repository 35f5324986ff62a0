import { BigNumber, Columns, More, Notice, Panel, StatusList, TextLink } from '@hitokagi/design-system';
import type { DeliveryHealth } from '#domain/delivery/health.ts';
import { consoleName } from '#domain/consoles/consoles.ts';
import { includesRole } from '#domain/operators/rights.ts';
import type { SignInHour } from '#domain/migration/sign-in-hours.ts';
import { japanTime } from '#support/primitives/japan-time.ts';
import type { Locale } from '#support/primitives/locale.ts';
import type { WebContext } from '#web/http/context.ts';
import { MovesTable } from '../moves-table.tsx';
import { HoursChart } from '../hours-chart.tsx';
import { renderOperatorPage } from '../shell.tsx';
import type { Visit } from '../visit.ts';
import { grouped, percent, WORDS } from '../words.ts';
import { texts } from './text.ts';
import { attentionOf } from './attention.ts';
import type { OverviewView } from './view.ts';

/** What needs somebody must not push the figures off the first screen. */
const AT_ONCE = 5;

export function overviewPage(context: WebContext, visit: Visit, view: OverviewView): Promise<string> {
  const { locale } = visit.shell;
  const t = texts[locale];
  const words = WORDS[locale];
  const seesLists = includesRole(visit.operator.role, 'support');
  const attention = attentionOf(view, locale, seesLists);
  return renderOperatorPage(context, visit, {
    title: t.title,
    job: 'overview',
    lead: t.asOf(japanTime(visit.now, locale)),
    children: (
      <>
        {attention.length === 0 ? (
          <Notice tone="success" toneLabel={words.done} title={t.nothingToDo} />
        ) : (
          <Notice tone="warning" toneLabel={words.pleaseNote} title={t.toDo(attention.length)}>
            <AttentionList list={attention.slice(0, AT_ONCE)} />
            {attention.length > AT_ONCE ? (
              <More summary={t.more(attention.length - AT_ONCE)}>
                <AttentionList list={attention.slice(AT_ONCE)} />
              </More>
            ) : null}
          </Notice>
        )}
        <BigNumbers view={view} locale={locale} seesLists={seesLists} />
        <Panel title={t.consoles}>
          <MovesTable moves={view.moves} visit={visit} />
        </Panel>
        <Panel title={t.signIns}>
          <Hours hours={view.hours} locale={locale} />
        </Panel>
        <Panel title={t.health}>
          <StatusList label={t.health} items={healthItems(view, locale)} />
        </Panel>
      </>
    ),
  });
}

function AttentionList({ list }: { list: ReturnType<typeof attentionOf> }) {
  return (
    <ul class="ui-list">
      {list.map((one) => (
        <li key={one.text}>
          {one.href === undefined ? one.text : <TextLink href={one.href}>{one.text}</TextLink>}
        </li>
      ))}
    </ul>
  );
}

function BigNumbers({
  view,
  locale,
  seesLists,
}: {
  view: OverviewView;
  locale: Locale;
  /** Whether the lists behind the figures may be seen. */
  seesLists: boolean;
}) {
  const t = texts[locale];
  const words = WORDS[locale];
  const open = view.moves.filter(({ plan }) => !plan.closedAt);
  const people = sum(open, ({ summary }) => summary.progress.people);
  const moved = sum(open, ({ summary }) => summary.progress.states['signed-in-unified']);
  const deliveries = [...view.logouts, ...view.events];
  const waiting = sum(deliveries, (one) => one.waiting);
  const signIns = sum(view.hours, (one) => one.unified);
  const refused = sum(view.hours, (one) => one.refused);
  return (
    <Columns count={4}>
      <BigNumber
        label={t.notMoved}
        value={grouped(people - moved)}
        unit={words.people}
        comparison={t.ofPeople(grouped(people), percent(people - moved, people))}
        href="/operator/migration"
        linkLabel={words.list}
      />
      <BigNumber
        label={t.refused}
        value={grouped(refused)}
        unit={words.items}
        comparison={t.besideSignIns(grouped(signIns))}
      />
      <BigNumber
        label={t.mailsWaiting}
        value={grouped(view.mail.waiting)}
        unit={words.mails}
        comparison={t.deferred(grouped(view.mail.deferred), grouped(view.mail.refusedToday))}
        {...(seesLists ? { href: '/operator/mail?fate=waiting', linkLabel: words.list } : {})}
      />
      <BigNumber
        label={t.deliveriesWaiting}
        value={grouped(waiting)}
        unit={words.items}
        comparison={t.givenUp(grouped(sum(deliveries, (one) => one.failed)))}
        href="/operator/deliveries"
        linkLabel={words.list}
      />
    </Columns>
  );
}

function Hours({ hours, locale }: { hours: readonly SignInHour[]; locale: Locale }) {
  const t = texts[locale];
  return (
    <HoursChart
      hours={hours.map((one) => ({ at: one.at, figures: [one.unified, one.legacy, one.refused] }))}
      names={[t.unified, t.legacy, t.refusedSeries]}
      words={{ ...t, caption: t.signIns }}
      locale={locale}
    />
  );
}

function healthItems(view: OverviewView, locale: Locale) {
  const t = texts[locale];
  const nameOf = (consoleId: string): string => {
    const found = view.moves.find((move) => move.console.id === consoleId);
    return found ? consoleName(found.console, locale) : consoleId;
  };
  const { mail } = view;
  const channels = [
    [t.logoutChannel, view.logouts],
    [t.eventChannel, view.events],
  ] as const;
  return [
    {
      name: t.mailServer,
      state: mail.deferred > 0 ? stateOf('failing', locale) : stateOf('answering', locale),
      detail: mail.oldestWaitingSince ? t.oldest(japanTime(mail.oldestWaitingSince, locale)) : undefined,
    },
    ...channels.flatMap(([channel, consoles]) =>
      consoles.map((one) => ({
        name: `${channel}: ${nameOf(one.consoleId)}`,
        state: stateOf(one.state, locale),
        detail:
          one.failingSince && one.state !== 'answering'
            ? t.failing(japanTime(one.failingSince, locale), one.waiting)
            : undefined,
      })),
    ),
  ];
}

function stateOf(state: DeliveryHealth['state'], locale: Locale) {
  const t = texts[locale];
  switch (state) {
    case 'answering':
      return { tone: 'success', shape: 'check', label: t.answering } as const;
    case 'failing':
      return { tone: 'warning', shape: 'triangle', label: t.failingState } as const;
    case 'spared':
      return { tone: 'danger', shape: 'cross', label: t.silent } as const;
  }
}

function sum<T>(list: readonly T[], value: (one: T) => number): number {
  return list.reduce((total, one) => total + value(one), 0);
}
