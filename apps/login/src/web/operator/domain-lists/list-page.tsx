import {
  DefinitionList,
  LinkButton,
  List,
  Literal,
  Notice,
  Panel,
  Table,
  Text,
  TextLink,
} from '@hitokagi/design-system';
import type { DomainChanges } from '#domain/domain-lists/entries.ts';
import type { DomainList } from '#domain/domain-lists/lists.ts';
import { includesRole } from '#domain/operators/rights.ts';
import type { ConsoleRow } from '#support/db/schema.ts';
import { japanDate, japanTime } from '#support/primitives/japan-time.ts';
import type { WebContext } from '#web/http/context.ts';
import { CONNECTION_TEST_PATH } from '#web/http/other-host.tsx';
import { actorWords } from '../actor.ts';
import { noticePath } from '../addresses.ts';
import { renderOperatorPage } from '../shell.tsx';
import type { Visit } from '../visit.ts';
import { WORDS } from '../words.ts';
import { about, Changes, domainsPath, EntryTable } from './parts.tsx';
import { texts } from './text.ts';

type View = {
  console: ConsoleRow;
  lists: readonly [DomainList, ...DomainList[]];
  /** What is needed now against the published list. */
  changes: DomainChanges;
  actors: ReadonlyMap<string, string>;
  refused: string | undefined;
  /** The version that was published just now. */
  published: number | undefined;
};

/** The list that customers are handed, whether it is what the configuration says, and the versions so far. */
export function listPage(context: WebContext, visit: Visit, view: View): Promise<string> {
  const { locale } = visit.shell;
  const t = texts[locale];
  const { console, lists, changes, refused, published } = view;
  const [list] = lists;
  const differs = changes.added.length + changes.removed.length > 0;
  const mayPublish = differs && includesRole(visit.operator.role, 'administrator');
  return renderOperatorPage(context, visit, {
    ...about(console, locale),
    title: t.title,
    lead: t.lead,
    actions: mayPublish ? (
      <LinkButton href={`${domainsPath(console)}/publish`} kind="secondary">
        {t.publish}
      </LinkButton>
    ) : undefined,
    children: (
      <>
        {refused === undefined ? null : (
          <Notice tone="warning" toneLabel={WORDS[locale].pleaseNote} title={WORDS[locale].notPossible} live>
            <Text>{refused}</Text>
          </Notice>
        )}
        {published === undefined ? null : (
          <Notice tone="success" toneLabel={WORDS[locale].done} live>
            <Text>
              {t.done(published)} {list.noticeId === null ? null : t.doneMails}
            </Text>
          </Notice>
        )}
        {differs ? (
          <Notice tone="warning" toneLabel={WORDS[locale].pleaseNote} title={t.differs}>
            <Text>{t.differsBody}</Text>
            <Changes changes={changes} locale={locale} />
          </Notice>
        ) : null}
        <Panel title={t.published}>
          <Facts {...view} visit={visit} />
          <EntryTable entries={list.entries} locale={locale} />
        </Panel>
        <HandOut context={context} console={console} visit={visit} />
        <History {...view} visit={visit} />
      </>
    ),
  });
}

function Facts({ lists: [list], visit, actors }: View & { visit: Visit }) {
  const { locale } = visit.shell;
  const t = texts[locale];
  return (
    <DefinitionList
      items={[
        { term: t.version, description: t.versionOf(list.version) },
        {
          term: t.publishedAt,
          description: t.by(japanTime(list.madeAt, locale), actorWords(list.madeBy, actors, locale)),
        },
        { term: t.validFrom, description: japanDate(list.validFrom, locale) },
        {
          term: t.notice,
          description:
            list.noticeId === null ? (
              t.noNotice
            ) : (
              <TextLink href={noticePath(list.noticeId)}>{t.seeNotice}</TextLink>
            ),
        },
      ]}
    />
  );
}

function HandOut({ context, console, visit }: { context: WebContext; console: ConsoleRow; visit: Visit }) {
  const { locale } = visit.shell;
  const t = texts[locale];
  const path = `${CONNECTION_TEST_PATH}/${encodeURIComponent(console.client_id)}`;
  return (
    <Panel title={t.handOut} width="reading">
      <List
        items={[
          <>
            <TextLink href={path}>{t.testPage}</TextLink> <Literal>{`${context.pagesUrl}${path}`}</Literal>
          </>,
          <TextLink key="text" href={`${path}/domains.txt?ui_locales=${locale}`}>
            {t.asText}
          </TextLink>,
          <TextLink key="json" href={`${path}/domains.json`}>
            {t.asJson}
          </TextLink>,
        ]}
      />
    </Panel>
  );
}

function History({ lists, actors, visit }: View & { visit: Visit }) {
  const { locale } = visit.shell;
  const t = texts[locale];
  if (lists.length < 2) return null;
  return (
    <Panel title={t.history}>
      <Table
        caption={t.history}
        captionHidden
        columns={[
          { label: t.version, rowHeader: true },
          { label: t.publishedAt },
          { label: t.validFrom },
          { label: t.notice },
        ]}
        rows={lists.map((list) => ({
          key: String(list.version),
          cells: [
            t.versionOf(list.version),
            t.by(japanTime(list.madeAt, locale), actorWords(list.madeBy, actors, locale)),
            japanDate(list.validFrom, locale),
            list.noticeId === null ? (
              t.noNotice
            ) : (
              <TextLink key="notice" href={noticePath(list.noticeId)}>
                {t.seeNotice}
              </TextLink>
            ),
          ],
        }))}
      />
    </Panel>
  );
}
