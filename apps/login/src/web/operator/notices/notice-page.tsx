import {
  Columns,
  DefinitionList,
  Letter,
  LinkButton,
  Notice,
  Panel,
  Progress,
  RefreshRegion,
  Text,
  TextLink,
} from '@hitokagi/design-system';
import { consoleName } from '#domain/consoles/consoles.ts';
import type { NoticeProgress } from '#domain/notices/progress.ts';
import type { RecipientFilter } from '#domain/notices/recipients.ts';
import { includesRole } from '#domain/operators/rights.ts';
import type { ConsoleRow } from '#support/db/schema.ts';
import type { RenderedMail } from '#support/mail/mail.ts';
import { japanTime } from '#support/primitives/japan-time.ts';
import { LOCALES, type Locale } from '#support/primitives/locale.ts';
import type { WebContext } from '#web/http/context.ts';
import { actorWords } from '../actor.ts';
import { movePath, noticePath } from '../addresses.ts';
import { renderOperatorPage } from '../shell.tsx';
import type { Visit } from '../visit.ts';
import { grouped, WORDS } from '../words.ts';
import { NoticeChip, noticeName } from './marks.tsx';
import { texts } from './text.ts';

type View = {
  notice: NoticeProgress;
  console: ConsoleRow;
  mails: { readonly [L in Locale]: RenderedMail };
  actors: ReadonlyMap<string, string>;
  /** It has just been cancelled here. */
  cancelled: boolean;
};

/** Seconds between two looks at a notice that is being sent. */
const LOOK_AGAIN = 3;
const LOOK_AGAIN_WITHOUT_SCRIPT = 15;

/** One notice: how far it is, whom it did not reach, what it is about, what it says. */
export function noticePage(context: WebContext, visit: Visit, view: View): Promise<string> {
  const { locale } = visit.shell;
  const t = texts[locale];
  const { notice, console } = view;
  const path = noticePath(notice.id);
  const mayList = includesRole(visit.operator.role, 'support');
  const isUnfinished = notice.waiting + notice.queued > 0 && notice.state !== 'planned';
  const mayCancel =
    includesRole(visit.operator.role, 'administrator') &&
    (notice.state === 'planned' || notice.state === 'sending');
  return renderOperatorPage(context, visit, {
    title: noticeName(notice, locale),
    job: 'notices',
    console,
    trail: [{ href: '/operator/notices', label: t.title }],
    lead: (
      <>
        <NoticeChip state={notice.state} locale={locale} /> {consoleName(console, locale)}
      </>
    ),
    ...(isUnfinished ? { reloadSeconds: LOOK_AGAIN_WITHOUT_SCRIPT } : {}),
    actions: mayCancel ? (
      <LinkButton href={`${path}/cancel`} kind="secondary">
        {t.cancel}
      </LinkButton>
    ) : undefined,
    children: (
      <>
        {view.cancelled ? (
          <Notice tone="success" toneLabel={WORDS[locale].done} title={t.done.cancelled} live>
            <Text>{t.done.cancelledWords(grouped(notice.dropped))}</Text>
          </Notice>
        ) : null}
        {notice.unreached > 0 ? (
          <Notice
            tone="warning"
            toneLabel={WORDS[locale].pleaseNote}
            title={t.toSettle(grouped(notice.unreached))}
          >
            <Text>{t.toSettleLead}</Text>
            {mayList ? (
              <LinkButton href={`${path}/people?state=unreached`} kind="secondary">
                {t.settle}
              </LinkButton>
            ) : null}
          </Notice>
        ) : null}
        <Panel
          title={t.live}
          action={mayList ? <TextLink href={`${path}/people`}>{t.peopleTitle}</TextLink> : undefined}
        >
          <RefreshRegion
            id="notice-progress"
            url={`${path}?live=1`}
            seconds={isUnfinished ? LOOK_AGAIN : undefined}
          >
            <Figures notice={notice} mayList={mayList} locale={locale} />
          </RefreshRegion>
        </Panel>
        <Panel title={t.about}>
          <About view={view} locale={locale} />
        </Panel>
        <Panel title={t.letters} action={<TextLink href={`${path}/letter`}>{t.toLetter}</TextLink>}>
          <Text quiet>{t.lettersLead}</Text>
          <Columns>
            {LOCALES.map((language) => (
              <Letter
                key={language}
                label={t.letterOf[language]}
                lang={language}
                subject={view.mails[language].subject}
                text={view.mails[language].text}
              />
            ))}
          </Columns>
        </Panel>
      </>
    ),
  });
}

function Figures({ notice, mayList, locale }: { notice: NoticeProgress; mayList: boolean; locale: Locale }) {
  const t = texts[locale];
  const done = notice.total - notice.waiting - notice.queued;
  const item = (term: string, count: number, filter: RecipientFilter, help?: string) => ({
    term,
    description: (
      <>
        {t.people(grouped(count))}
        {help === undefined ? null : <Text quiet>{help}</Text>}
      </>
    ),
    action:
      mayList && count > 0 ? (
        <TextLink href={`${noticePath(notice.id)}/people?state=${filter}`}>{t.seeList}</TextLink>
      ) : undefined,
  });
  return (
    <>
      {notice.state === 'planned' ? <Text>{t.startsAt(japanTime(notice.sendAt, locale))}</Text> : null}
      <Progress
        label={t.progressLabel}
        value={done}
        max={Math.max(notice.total, 1)}
        valueText={notice.total === 0 ? t.nobody : t.doneOf(grouped(done), grouped(notice.total))}
      />
      <DefinitionList
        compact
        items={[
          item(t.accepted, notice.accepted, 'accepted', t.acceptedHelp),
          item(t.unreached, notice.unreached, 'unreached'),
          item(t.refused, notice.refused, 'refused'),
          item(t.bounced, notice.bounced, 'bounced'),
          ...(notice.waiting > 0 ? [item(t.waiting, notice.waiting, 'waiting')] : []),
          ...(notice.queued > 0
            ? [item(t.queued, notice.queued, 'queued'), item(t.deferred, notice.deferred, 'deferred')]
            : []),
          ...(notice.dropped > 0 ? [item(t.dropped, notice.dropped, 'dropped')] : []),
          ...(notice.state === 'sending'
            ? [
                { term: t.perMinute, description: t.perMinuteWords(grouped(notice.perMinute)) },
                {
                  term: t.estimatedEnd,
                  description: notice.estimatedEndAt
                    ? japanTime(notice.estimatedEndAt, locale)
                    : t.noEstimate,
                },
              ]
            : []),
        ]}
      />
      {notice.state === 'sending' ? <Text quiet>{t.itself}</Text> : null}
    </>
  );
}

function About({ view, locale }: { view: View; locale: Locale }) {
  const t = texts[locale];
  const { notice, console, actors } = view;
  return (
    <DefinitionList
      items={[
        {
          term: t.console,
          description: <TextLink href={movePath(console)}>{consoleName(console, locale)}</TextLink>,
        },
        { term: t.kind, description: noticeName(notice, locale) },
        {
          term: t.audience,
          description: (
            <>
              {t.people(grouped(notice.total))}
              <Text quiet>{t.audiences[notice.kind === 'reminder' ? 'not-moved' : 'everybody']}</Text>
            </>
          ),
        },
        {
          term: t.names,
          description: notice.cutOverAt ? japanTime(notice.cutOverAt, locale) : t.namesNone,
        },
        { term: t.sendAt, description: japanTime(notice.sendAt, locale) },
        {
          term: t.madeAt,
          description: t.madeBy(
            japanTime(notice.createdAt, locale),
            actorWords(notice.createdBy, actors, locale),
          ),
        },
        ...(notice.cancelledAt
          ? [{ term: t.cancelledAt, description: japanTime(notice.cancelledAt, locale) }]
          : notice.endedAt
            ? [{ term: t.endedAt, description: japanTime(notice.endedAt, locale) }]
            : []),
        {
          term: t.wording,
          description: Object.keys(notice.texts).length > 0 ? t.wordingOwn : t.wordingBrand,
        },
      ]}
    />
  );
}
