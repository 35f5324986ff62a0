import { Columns, DefinitionList, List, Panel, Share, Text } from '@hitokagi/design-system';
import { consoleName } from '#domain/consoles/consoles.ts';
import { whatIsMissing } from '#domain/migration/duty.ts';
import type { PlanChange } from '#domain/migration/history.ts';
import type { PlanStanding } from '#domain/migration/plan-standing.ts';
import { remindersAhead } from '#domain/migration/reminders.ts';
import type { ProgressSummary } from '#domain/migration/summary.ts';
import type { ConsoleRow } from '#support/db/schema.ts';
import { fullMinute, japanDate, japanDaysBetween, japanTime } from '#support/primitives/japan-time.ts';
import type { Locale } from '#support/primitives/locale.ts';
import type { WebContext } from '#web/http/context.ts';
import { actorWords } from '../actor.ts';
import { renderOperatorPage } from '../shell.tsx';
import type { Visit } from '../visit.ts';
import { grouped, percent } from '../words.ts';
import { forecastWords } from './forecast-words.ts';
import { texts } from './status-text.ts';
import { texts as migrationTexts } from './text.ts';
import { movePath } from '../addresses.ts';

type View = {
  console: ConsoleRow;
  standing: PlanStanding;
  summary: ProgressSummary;
  lastChange: PlanChange | undefined;
  actors: ReadonlyMap<string, string>;
  /** Who may set dates, by name. */
  administrators: readonly string[];
};

/** How one console's move stands, for people who decide on it and do not run it: one page of A4, without what only operators need. */
export function statusPage(context: WebContext, visit: Visit, view: View): Promise<string> {
  const { locale } = visit.shell;
  const t = texts[locale];
  const { console, standing, summary } = view;
  const name = consoleName(console, locale);
  return renderOperatorPage(context, visit, {
    title: t.title(name),
    job: 'migration',
    console,
    trail: [
      { href: '/operator/migration', label: migrationTexts[locale].title },
      { href: movePath(console), label: name },
    ],
    lead: t.asOf(japanTime(visit.now, locale)),
    banner: t.print,
    children: (
      <>
        <Panel title={t.now}>
          <Now standing={standing} summary={summary} locale={locale} />
        </Panel>
        <Panel title={t.risks}>
          <List items={risksOf(view, visit.now, locale)} />
        </Panel>
        <Columns>
          <Panel title={t.outlook}>
            <Text>{forecastWords(summary.forecast, locale)}</Text>
          </Panel>
          <Panel title={t.dates}>
            <Dates standing={standing} now={visit.now} locale={locale} />
          </Panel>
        </Columns>
        <Panel title={t.decides}>
          <Text>
            {view.administrators.length > 0 ? t.who(namesOf(view.administrators, locale)) : t.nobody}
          </Text>
          <Text>{t.rules}</Text>
          <Text quiet>
            {view.lastChange ? lastChangeWords(view.lastChange, view.actors, locale) : null}{' '}
            {t.counted(japanTime(summary.at, locale))}
          </Text>
        </Panel>
      </>
    ),
  });
}

function Now({ standing, summary, locale }: Pick<View, 'standing' | 'summary'> & { locale: Locale }) {
  const t = texts[locale];
  const { people, states, withPassword, stillLegacy, mailUnreachable } = summary.progress;
  const moved = states['signed-in-unified'];
  const count = (n: number): string => t.count(grouped(n));
  return (
    <>
      <Text>{t.phases[standing.closedAt ? 'closed' : standing.phase]}</Text>
      <Share
        part={moved}
        whole={people}
        label={t.movedLabel(percent(moved, people))}
        words={t.movedWords(grouped(moved), grouped(people), percent(moved, people))}
      />
      <DefinitionList
        compact
        items={[
          { term: t.people, description: count(people) },
          { term: t.moved, description: count(moved) },
          { term: t.notMoved, description: count(people - moved) },
          { term: t.withPassword, description: count(Math.max(0, withPassword - moved)) },
          { term: t.stillLegacy, description: count(stillLegacy.all) },
          { term: t.unreachable, description: count(mailUnreachable) },
        ]}
      />
    </>
  );
}

/** What could stop the cut-over, or trouble people after it, the strongest first. */
function risksOf({ standing, summary }: View, now: Date, locale: Locale): string[] {
  const t = texts[locale];
  const { risk } = t;
  if (standing.closedAt) return [t.nothing];
  const { states, unknownUsers } = summary.progress;
  const { announcement, linkAt, cutOverAt, told, earliestCutOverAt } = standing;
  const isPast = standing.phase === 'unified';
  const open = announcement && !isPast ? announcement : { underWay: 0, unsettled: 0, untold: 0 };
  const some = (n: number, words: (count: string) => string): string[] => (n > 0 ? [words(grouped(n))] : []);
  const notMoved = states['never-seen'] + states['code-requested'];
  const risks = [
    ...(linkAt ? [] : [risk.noLinkTime]),
    ...(told || isPast || standing.audience === 0 ? [] : [risk.notTold]),
    ...some(open.unsettled, risk.unsettled),
    ...some(open.underWay, risk.underWay),
    ...some(open.untold, risk.untold),
    ...(!cutOverAt && earliestCutOverAt && !whatIsMissing(standing, standing, now)
      ? [risk.noCutOver(japanTime(fullMinute(earliestCutOverAt), locale))]
      : []),
    ...some(states.unreachable, risk.lockedOut),
    ...some(unknownUsers, risk.unknownUsers),
    ...some(notMoved, risk.mustSetPassword),
    ...(isPast ? [risk.toClose] : []),
  ];
  return risks.length > 0 ? risks : [t.nothing];
}

function Dates({ standing, now, locale }: { standing: PlanStanding; now: Date; locale: Locale }) {
  const t = texts[locale];
  const { linkAt, announceAt, cutOverAt, closedAt, earliestCutOverAt, told } = standing;
  const moment = (at: Date | null): string => {
    if (!at) return t.undetermined;
    const words = japanTime(at, locale);
    return at > now ? t.daysLeft(words, japanDaysBetween(now, at)) : t.passed(words);
  };
  const ahead = cutOverAt ? remindersAhead(cutOverAt, now) : [];
  return (
    <DefinitionList
      items={[
        { term: t.linkAt, description: moment(linkAt) },
        {
          term: t.announceAt,
          description:
            announceAt && told
              ? t.announcedFor(japanTime(announceAt, locale), japanTime(told.cutOverAt, locale))
              : moment(announceAt),
        },
        ...(!cutOverAt && earliestCutOverAt
          ? [{ term: t.earliest, description: japanTime(fullMinute(earliestCutOverAt), locale) }]
          : []),
        ...(cutOverAt && cutOverAt > now
          ? [
              {
                term: t.reminders,
                description:
                  ahead.length > 0
                    ? namesOf(
                        ahead.map((at) => japanDate(at, locale)),
                        locale,
                      )
                    : t.noneAhead,
              },
            ]
          : []),
        { term: t.cutOverAt, description: moment(cutOverAt) },
        ...(closedAt ? [{ term: t.closedAt, description: moment(closedAt) }] : []),
      ]}
    />
  );
}

function lastChangeWords(change: PlanChange, actors: ReadonlyMap<string, string>, locale: Locale): string {
  return texts[locale].lastChange(
    japanTime(change.at, locale),
    migrationTexts[locale].changes[change.action],
    actorWords(change.actor, actors, locale),
  );
}

function namesOf(names: readonly string[], locale: Locale): string {
  return names.join(locale === 'ja' ? '、' : ', ');
}
