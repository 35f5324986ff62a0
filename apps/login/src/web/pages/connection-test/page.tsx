import {
  Chip,
  DefinitionList,
  Heading,
  Lead,
  List,
  Literal,
  Notice,
  Panel,
  ReachOutcome,
  ReachTest,
  Text,
  TextLink,
  UnreachedNames,
} from '@hitokagi/design-system';
import { consoleName } from '#domain/consoles/consoles.ts';
import type { DomainList } from '#domain/domain-lists/lists.ts';
import type { ConsoleRow } from '#support/db/schema.ts';
import { japanDate } from '#support/primitives/japan-time.ts';
import { CONNECTION_TEST_PATH, REACHED_WITHIN } from '#web/http/other-host.tsx';
import { renderPage, type Shell } from '#web/http/shell.tsx';
import type { HostTest } from './tests.ts';
import { texts } from './text.ts';

export type ConnectionTestView = {
  tests: readonly HostTest[];
  consoles: readonly ConsoleRow[];
  chosen: { console: ConsoleRow; list: DomainList } | undefined;
};

/** What the browser that shows this page can reach, tried by the page itself; and what an administrator must allow. */
export function connectionTestPage(shell: Shell, view: ConnectionTestView): string {
  const { locale } = shell;
  const t = texts[locale];
  const { tests, chosen } = view;
  const name = chosen && consoleName(chosen.console, locale);
  return renderPage(shell, {
    title: t.title,
    consoleBadge: name === undefined ? undefined : { label: t.badge, name },
    heading: (
      <>
        <Heading>{t.title}</Heading>
        <Lead>{name === undefined ? t.lead : t.leadOf(name)}</Lead>
      </>
    ),
    children: (
      <>
        <noscript>
          <Notice tone="info" toneLabel={t.information}>
            <Text>{t.withoutScript}</Text>
          </Notice>
        </noscript>
        <ReachOutcome
          reached={
            <Notice tone="success" toneLabel={t.done} title={t.allReached}>
              <Text>{t.allReachedBody}</Text>
            </Notice>
          }
          unreached={
            <Notice tone="warning" toneLabel={t.pleaseNote} title={t.someUnreached}>
              <Text>{t.someUnreachedBody}</Text>
              <UnreachedNames />
            </Notice>
          }
        />
        <DefinitionList
          items={tests.map((test) => ({
            term: test.name,
            description: <Tested shell={shell} test={test} />,
          }))}
        />
        <Text>
          <TextLink href="/sign-in">{t.toLogin}</TextLink>
        </Text>
      </>
    ),
    below: (
      <>
        {chosen ? <ForAdministrators shell={shell} chosen={chosen} /> : null}
        <Consoles shell={shell} {...view} />
      </>
    ),
  });
}

function Tested({ shell, test }: { shell: Shell; test: HostTest }) {
  const t = texts[shell.locale];
  const { url, elseAny, mark, name, origin, purpose } = test;
  const open =
    elseAny === undefined ? null : (
      <TextLink href={origin} newTab>
        {t.open}
      </TextLink>
    );
  return (
    <>
      <Text quiet>{t.purposes[purpose]}</Text>
      <ReachTest
        url={url}
        elseAny={elseAny}
        limit={REACHED_WITHIN}
        name={name}
        waiting={
          <Chip tone="info" shape="clock">
            {t.waiting}
          </Chip>
        }
        reached={
          <Chip tone="success" shape="check">
            {t.reached}
          </Chip>
        }
        unreached={
          elseAny === undefined ? (
            <Chip tone="danger" shape="cross">
              {t.unreached}
            </Chip>
          ) : (
            <>
              <Chip tone="warning" shape="triangle">
                {t.unsure}
              </Chip>
              <Text quiet>{t.unsureHelp}</Text>
            </>
          )
        }
        withoutScript={
          mark === undefined ? (
            <Text quiet>{t.openToSee}</Text>
          ) : (
            <img src={mark} alt={t.seeMark(name)} width={24} height={24} />
          )
        }
      />
      {open}
    </>
  );
}

function ForAdministrators({
  shell,
  chosen: { console, list },
}: {
  shell: Shell;
  chosen: { console: ConsoleRow; list: DomainList };
}) {
  const { locale } = shell;
  const t = texts[locale];
  const path = `${CONNECTION_TEST_PATH}/${encodeURIComponent(console.client_id)}`;
  const mails = list.entries.filter(({ purpose }) => purpose === 'mail');
  return (
    <Panel title={t.listTitle}>
      <Text>{t.listLead(consoleName(console, locale))}</Text>
      <DefinitionList
        compact
        items={[
          { term: t.version, description: t.versionOf(list.version) },
          { term: t.publishedAt, description: japanDate(list.madeAt, locale) },
          { term: t.validFrom, description: japanDate(list.validFrom, locale) },
          ...mails.map(({ host }) => ({ term: t.mail, description: <Literal>{host}</Literal> })),
        ]}
      />
      <List
        items={[
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

function Consoles({ shell, consoles, chosen }: ConnectionTestView & { shell: Shell }) {
  const t = texts[shell.locale];
  const others = consoles.filter(({ id }) => id !== chosen?.console.id);
  if (others.length === 0) return null;
  return (
    <Panel title={t.consolesTitle}>
      <Text>{t.consolesLead}</Text>
      <List
        items={others.map((console) => (
          <TextLink
            key={console.id}
            href={`${CONNECTION_TEST_PATH}/${encodeURIComponent(console.client_id)}`}
          >
            {consoleName(console, shell.locale)}
          </TextLink>
        ))}
      />
    </Panel>
  );
}
