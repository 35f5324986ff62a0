import {
  BarChart,
  BigNumber,
  Columns,
  DefinitionList,
  LinkButton,
  More,
  Panel,
  Table,
  Text,
  TextLink,
  Timeline,
} from '@hitokagi/design-system';
import { consoleName } from '#domain/consoles/consoles.ts';
import type { PlanChange } from '#domain/migration/history.ts';
import type { PlanStanding } from '#domain/migration/plan-standing.ts';
import type { ProgressDay } from '#domain/migration/series.ts';
import type { ProgressSummary } from '#domain/migration/summary.ts';
import { includesRole } from '#domain/operators/rights.ts';
import type { ConsoleRow } from '#support/db/schema.ts';
import { japanDate, japanTime } from '#support/primitives/japan-time.ts';
import type { Locale } from '#support/primitives/locale.ts';
import type { WebContext } from '#web/http/context.ts';
import { actorWords } from '../actor.ts';
import { nextMoment } from '../next-moment.ts';
import { PhaseChip } from '../phase-chip.tsx';
import { renderOperatorPage } from '../shell.tsx';
import type { Visit } from '../visit.ts';
import { grouped, percent, WORDS } from '../words.ts';
import { Acts, Done } from './acts/panel.tsx';
import { earliestWords } from './earliest.ts';
import { forecastWords } from './forecast-words.ts';
import { texts as statusTexts } from './status-text.ts';
import { texts } from './text.ts';
import { movePath, noticePath, withQuery } from '../addresses.ts';

type View = {
  console: ConsoleRow;
  standing: PlanStanding;
  summary: ProgressSummary;
  history: readonly PlanChange[];
  /** Names of those who changed the plan, by their actor. */
  actors: ReadonlyMap<string, string>;
  /** The change that has just been made here. */
  done: PlanChange | undefined;
};

/** How one console's move stands: plan, people, days, forecast, who changed what. */
export function consolePage(context: WebContext, visit: Visit, view: View): Promise<string> {
  const { locale } = visit.shell;
  const t = texts[locale];
  const { console, standing, summary } = view;
  const path = movePath(console);
  return renderOperatorPage(context, visit, {
    title: t.consoleTitle(consoleName(console, locale)),
    job: 'migration',
    console,
    trail: [{ href: '/operator/migration', label: t.title }],
    lead: (
      <>
        <PhaseChip phase={standing.phase} closed={standing.closedAt !== null} locale={locale} />{' '}
        {nextMoment(standing, visit.now, locale)}
      </>
    ),
    actions: (
      <>
        <LinkButton href={`${path}/status`} kind="secondary">
          {statusTexts[locale].open}
        </LinkButton>
        <LinkButton href={`${path}/rehearsal`} kind="secondary">
          {t.rehearsal}
        </LinkButton>
      </>
    ),
    children: (
      <>
        {view.done ? <Done change={view.done} locale={locale} /> : null}
        <Figures view={view} visit={visit} />
        <Columns>
          <Panel title={t.plan}>
            <Plan standing={standing} now={visit.now} locale={locale} />
          </Panel>
          <Panel
            title={t.duty}
            action={
              <TextLink href={withQuery('/operator/notices', { console: console.client_id })}>
                {t.allNotices}
              </TextLink>
            }
          >
            <Duty standing={standing} now={visit.now} locale={locale} />
          </Panel>
        </Columns>
        <Acts standing={standing} path={path} visit={visit} />
        <Panel title={t.days} action={<TextLink href={`${path}/days.csv`}>{t.csv}</TextLink>}>
          <Days days={summary.days.slice(-60)} locale={locale} />
          <Text>{forecastWords(summary.forecast, locale)}</Text>
          <Text quiet>{t.countedAt(japanTime(summary.at, locale))}</Text>
        </Panel>
        <Panel title={t.history}>
          <History history={view.history} actors={view.actors} locale={locale} />
        </Panel>
      </>
    ),
  });
}

function Figures({ view, visit }: { view: View; visit: Visit }) {
  const { locale } = visit.shell;
  const t = texts[locale];
  const words = WORDS[locale];
  const { people, states, withPassword, mailUnreachable, stillLegacy } = view.summary.progress;
  const mayList = includesRole(visit.operator.role, 'support');
  const listOf = (state: string) =>
    mayList ? { href: `${movePath(view.console)}/people?state=${state}`, linkLabel: words.list } : {};
  const moved = states['signed-in-unified'];
  return (
    <Columns count={4}>
      <BigNumber
        label={t.notMoved}
        value={grouped(people - moved)}
        unit={words.people}
        comparison={t.movedOf(grouped(people), grouped(moved), percent(moved, people))}
        {...listOf('not-moved')}
      />
      <BigNumber
        label={t.passwordSet}
        value={grouped(withPassword)}
        unit={words.people}
        comparison={t.shareOfPeople(percent(withPassword, people))}
        {...listOf('password-set')}
      />
      <BigNumber
        label={t.stillLegacy}
        value={grouped(stillLegacy.all)}
        unit={words.people}
        comparison={stillLegacy.lastAt ? t.lastLegacy(japanTime(stillLegacy.lastAt, locale)) : t.neverLegacy}
        {...listOf('still-legacy')}
      />
      <BigNumber
        label={t.unreachable}
        value={grouped(mailUnreachable)}
        unit={words.people}
        comparison={t.unreachableWithout(grouped(states.unreachable))}
        {...listOf('unreachable')}
      />
    </Columns>
  );
}

function Plan({ standing, now, locale }: { standing: PlanStanding; now: Date; locale: Locale }) {
  const t = texts[locale];
  const moment = (at: Date | null, title: string) => ({
    time: at ? japanTime(at, locale) : WORDS[locale].undetermined,
    dateTime: at?.toISOString(),
    title,
    ...(at === null
      ? ({ tone: 'warning', shape: 'ring' } as const)
      : at <= now
        ? ({ tone: 'success', shape: 'check' } as const)
        : ({ tone: 'info', shape: 'clock' } as const)),
  });
  return (
    <Timeline
      label={t.plan}
      items={[
        moment(standing.linkAt, t.linkAt),
        moment(standing.announceAt, t.announceAt),
        moment(standing.cutOverAt, t.cutOverAt),
        ...(standing.closedAt ? [moment(standing.closedAt, t.closedAt)] : []),
      ]}
    />
  );
}

function Duty({ standing, now, locale }: { standing: PlanStanding; now: Date; locale: Locale }) {
  const t = texts[locale];
  const { announcement, audience, told } = standing;
  const count = (n: number): string => t.peopleCount(grouped(n));
  return (
    <DefinitionList
      items={[
        { term: t.audience, description: count(audience) },
        {
          term: t.toldDate,
          description: told ? japanTime(told.cutOverAt, locale) : t.notTold,
        },
        ...(announcement
          ? [
              {
                term: t.accepted,
                description: (
                  <TextLink href={noticePath(announcement.noticeId)}>{count(announcement.accepted)}</TextLink>
                ),
              },
              { term: t.underWay, description: count(announcement.underWay) },
              { term: t.unsettled, description: count(announcement.unsettled) },
              { term: t.untold, description: count(announcement.untold) },
            ]
          : []),
        {
          term: t.earliest,
          description: earliestWords(standing, now, locale),
        },
      ]}
    />
  );
}

function Days({ days, locale }: { days: readonly ProgressDay[]; locale: Locale }) {
  const t = texts[locale];
  const names = [t.usedUnified, t.usedLegacy];
  const figures = (one: ProgressDay): readonly number[] => [one.usedUnified, one.usedLegacy];
  const dayOf = (one: ProgressDay): Date => new Date(`${one.day}T00:00:00+09:00`);
  const last = days.at(-1);
  return (
    <>
      <BarChart
        label={t.daysLabel}
        series={names.map((name, index) => ({
          name,
          total: last ? t.today(grouped(figures(last)[index] ?? 0)) : '',
        }))}
        bars={days.map((one, index) => ({
          values: figures(one),
          title: `${japanDate(dayOf(one), locale)} ${names.map((name, at) => `${name} ${grouped(figures(one)[at] ?? 0)}`).join(', ')}`,
          label: (days.length - 1 - index) % 7 === 0 ? one.day.slice(5).replace('-', '/') : undefined,
          shaded: [0, 6].includes(new Date(`${one.day}T00:00:00Z`).getUTCDay()),
        }))}
        scale={grouped}
      />
      <More summary={t.asTable}>
        <Table
          caption={t.days}
          captionHidden
          narrow="scroll"
          columns={[
            { label: t.day, rowHeader: true },
            { label: t.newlyMoved, align: 'end' },
            { label: t.movedTotal, align: 'end' },
            { label: t.passwordsSet, align: 'end' },
            { label: t.usedUnified, align: 'end' },
            { label: t.usedLegacy, align: 'end' },
          ]}
          rows={days.toReversed().map((one) => ({
            key: one.day,
            cells: [
              japanDate(dayOf(one), locale),
              grouped(one.newlyMoved),
              grouped(one.moved),
              grouped(one.passwordsSet),
              grouped(one.usedUnified),
              grouped(one.usedLegacy),
            ],
          }))}
        />
      </More>
    </>
  );
}

function History({
  history,
  actors,
  locale,
}: Pick<View, 'history' | 'actors'> & {
  locale: Locale;
}) {
  const t = texts[locale];
  return (
    <Table
      caption={t.history}
      captionHidden
      narrow="scroll"
      columns={[
        { label: t.when, rowHeader: true },
        { label: t.change },
        { label: t.cutOverAt },
        { label: t.who },
        { label: t.note },
      ]}
      rows={history.map((one) => ({
        key: String(one.revision),
        cells: [
          japanTime(one.at, locale),
          t.changes[one.action],
          one.cutOverAt ? japanTime(one.cutOverAt, locale) : WORDS[locale].undetermined,
          actorWords(one.actor, actors, locale),
          one.note,
        ],
      }))}
      empty={t.noHistory}
    />
  );
}
