import {
  Button,
  DefinitionList,
  Form,
  FormActions,
  LinkButton,
  List,
  Literal,
  Notice,
  Panel,
  Table,
  Text,
  TextLink,
} from '@hitokagi/design-system';
import { consoleName } from '#domain/consoles/consoles.ts';
import type { ConsoleRow } from '#support/db/schema.ts';
import { japanTime } from '#support/primitives/japan-time.ts';
import type { Locale } from '#support/primitives/locale.ts';
import type { WebContext } from '#web/http/context.ts';
import { personPath } from '../accounts/search-page.tsx';
import { renderOperatorPage } from '../shell.tsx';
import type { Visit } from '../visit.ts';
import { grouped, WORDS } from '../words.ts';
import { whatWords, type Attempt, type ChannelName, type Delivery, type RetryProblem } from './channels.ts';
import { answerWords, channelPath, DeliveryChip, deliveryPath, nameOf } from './parts.tsx';
import { texts } from './text.ts';

type Of = { name: ChannelName; entry: Delivery; consoles: readonly ConsoleRow[] };

/** One delivery with every try and what the console answered. */
export function deliveryPage(
  context: WebContext,
  visit: Visit,
  view: Of & { entry: Delivery & { attempts: readonly Attempt[] } },
): Promise<string> {
  const { locale } = visit.shell;
  const t = texts[locale];
  const { name, entry } = view;
  return renderOperatorPage(context, visit, {
    title: t.deliveryTitle(whatWords(entry, locale)),
    job: 'deliveries',
    trail: trail(name, locale),
    actions:
      entry.state === 'failed' ? (
        <LinkButton href={`${deliveryPath(name, entry.deliveryId)}/retry`}>{t.retry}</LinkButton>
      ) : undefined,
    children: (
      <>
        <Panel>
          <DefinitionList items={facts(view, locale)} />
        </Panel>
        <Panel title={t.attempts}>
          <Table
            caption={t.attempts}
            captionHidden
            narrow="stack"
            columns={[
              { label: t.number, align: 'end' },
              { label: t.at, rowHeader: true },
              { label: t.kind },
              { label: t.answer },
              { label: t.took, align: 'end' },
            ]}
            rows={entry.attempts.map((one) => ({
              key: String(one.number),
              cells: [
                String(one.number),
                japanTime(one.at, locale),
                t.kinds[one.kind],
                one.error === null
                  ? `${one.status === null ? '' : `${one.status} `}${t.arrived}`
                  : answerWords(one),
                t.milliseconds(one.tookMs),
              ],
            }))}
            empty={t.noAttempts}
          />
        </Panel>
      </>
    ),
  });
}

/** The page before one delivery is tried again. */
export function retryPage(
  context: WebContext,
  visit: Visit,
  view: Of & { problem: RetryProblem | undefined },
): Promise<string> {
  const { locale } = visit.shell;
  const t = texts[locale];
  const { name, entry, problem } = view;
  const path = deliveryPath(name, entry.deliveryId);
  return renderOperatorPage(context, visit, {
    title: t.retry,
    job: 'deliveries',
    trail: [...trail(name, locale), { href: path, label: whatWords(entry, locale) }],
    lead: t.retryLead,
    children: (
      <Panel width="reading">
        {problem === undefined ? null : (
          <Notice tone="warning" toneLabel={WORDS[locale].pleaseNote} title={t.notDone} live>
            <Text>{t.problems[problem]}</Text>
          </Notice>
        )}
        <DefinitionList items={facts(view, locale)} />
        <Text>{t.whatHappens}</Text>
        <List items={t.retryHappens} />
        <Confirm action={`${path}/retry`} back={path} label={t.retry} locale={locale} />
      </Panel>
    ),
  });
}

/** The page before everything is tried again that was given up for a console. */
export function retryAllPage(
  context: WebContext,
  visit: Visit,
  { name, console, failed }: { name: ChannelName; console: ConsoleRow; failed: number },
): Promise<string> {
  const { locale } = visit.shell;
  const t = texts[locale];
  return renderOperatorPage(context, visit, {
    title: t.retryAllTitle,
    job: 'deliveries',
    console,
    trail: trail(name, locale),
    lead: t.retryAllLead(consoleName(console, locale), t.channels[name]),
    children: (
      <Panel width="reading">
        <Text>{t.whatHappens}</Text>
        <List
          items={[
            t.retryAllCount(grouped(failed)),
            ...t.retryHappens,
            ...(name === 'events' ? [t.retryAllEvents] : []),
          ]}
        />
        <Confirm
          action={`${channelPath(name)}/of/${encodeURIComponent(console.client_id)}/retry`}
          back="/operator/deliveries"
          label={t.retryAll}
          locale={locale}
        />
      </Panel>
    ),
  });
}

function Confirm({
  action,
  back,
  label,
  locale,
}: {
  action: string;
  back: string;
  label: string;
  locale: Locale;
}) {
  return (
    <Form action={action}>
      <FormActions beside>
        <Button>{label}</Button>
        <LinkButton href={back} kind="secondary">
          {texts[locale].back}
        </LinkButton>
      </FormActions>
    </Form>
  );
}

function trail(name: ChannelName, locale: Locale) {
  const t = texts[locale];
  return [
    { href: '/operator/deliveries', label: t.title },
    { href: channelPath(name), label: t.channels[name] },
  ];
}

function facts({ entry, consoles }: Of, locale: Locale) {
  const t = texts[locale];
  const { accountId, toldBy, endedAt, nextTryAt } = entry;
  return [
    { term: t.console, description: nameOf(entry.clientId, consoles, locale) },
    { term: t.what, description: whatWords(entry, locale) },
    { term: t.result, description: <DeliveryChip state={entry.state} locale={locale} /> },
    { term: t.at, description: japanTime(entry.at, locale) },
    { term: t.tries, description: t.triesCount(entry.tries) },
    ...(entry.state === 'waiting'
      ? [{ term: t.nextTry, description: nextTryAt ? japanTime(nextTryAt, locale) : t.noNextTry }]
      : []),
    ...(endedAt ? [{ term: t.ended, description: japanTime(endedAt, locale) }] : []),
    ...(toldBy ? [{ term: t.toldBy, description: t.told[toldBy] }] : []),
    {
      term: t.lastAnswer,
      description: <Literal>{answerWords({ status: entry.lastStatus, error: entry.lastError })}</Literal>,
    },
    ...(accountId === null
      ? []
      : [
          {
            term: t.account,
            description: <Literal>{accountId}</Literal>,
            action: <TextLink href={personPath(accountId)}>{t.openAccount}</TextLink>,
          },
        ]),
    { term: t.id, description: <Literal>{entry.deliveryId}</Literal> },
  ];
}
