import { LinkButton, Literal, Notice, Panel, Table, Text, TextLink } from '@hitokagi/design-system';
import type { DeliveryHealth } from '#domain/delivery/health.ts';
import type { RetryAllResult } from '#domain/events/again.ts';
import type { ConsoleRow } from '#support/db/schema.ts';
import { japanTime } from '#support/primitives/japan-time.ts';
import type { Locale } from '#support/primitives/locale.ts';
import type { WebContext } from '#web/http/context.ts';
import { withQuery } from '../addresses.ts';
import { renderOperatorPage } from '../shell.tsx';
import type { Visit } from '../visit.ts';
import { grouped, WORDS } from '../words.ts';
import { CHANNEL_NAMES, type ChannelName } from './channels.ts';
import { channelPath, HealthChip, nameOf } from './parts.tsx';
import { texts } from './text.ts';

type Health = DeliveryHealth & { lastAskedAt?: Date | null };

export type HealthView = {
  health: Readonly<Record<ChannelName, readonly Health[]>>;
  consoles: readonly ConsoleRow[];
  /** Whether this operator may look at single deliveries and have them tried again. */
  seesLists: boolean;
  /** What the order that was just given has done. */
  done: RetryAllResult | undefined;
};

/** How each console takes what it is told, of logouts and of events. */
export function healthPage(context: WebContext, visit: Visit, view: HealthView): Promise<string> {
  const { locale } = visit.shell;
  const t = texts[locale];
  const { done } = view;
  return renderOperatorPage(context, visit, {
    title: t.title,
    job: 'deliveries',
    lead: t.lead,
    children: (
      <>
        {done ? (
          <Notice tone="success" toneLabel={WORDS[locale].done} title={t.doneTitle} live>
            <Text>
              {t.doneWords(grouped(done.retried))}
              {done.skipped > 0 ? ` ${t.doneSkipped(grouped(done.skipped))}` : ''}
              {done.left > 0 ? ` ${t.doneLeft(grouped(done.left))}` : ''}
            </Text>
          </Notice>
        ) : null}
        {CHANNEL_NAMES.map((name) => (
          <Panel key={name} title={t.healthOf[name]} id={name}>
            <ChannelHealth name={name} view={view} locale={locale} />
            {view.seesLists ? (
              <Text>
                <TextLink href={channelPath(name)}>{t.allDeliveries}</TextLink>
              </Text>
            ) : null}
          </Panel>
        ))}
        <Text quiet>{t.help}</Text>
      </>
    ),
  });
}

function ChannelHealth({ name, view, locale }: { name: ChannelName; view: HealthView; locale: Locale }) {
  const t = texts[locale];
  const { consoles, seesLists } = view;
  const list = (clientId: string, state: string, count: number) =>
    seesLists && count > 0 ? (
      <TextLink href={withQuery(channelPath(name), { console: clientId, state })}>{grouped(count)}</TextLink>
    ) : (
      grouped(count)
    );
  return (
    <Table
      caption={t.healthOf[name]}
      captionHidden
      narrow="stack"
      columns={[
        { label: t.console, rowHeader: true },
        { label: t.state },
        { label: t.waiting, align: 'end' },
        { label: t.failed, align: 'end' },
        { label: t.detail },
      ]}
      rows={view.health[name].map((one) => ({
        key: one.consoleId,
        cells: [
          nameOf(one.clientId, consoles, locale),
          <HealthChip state={one.state} locale={locale} />,
          list(one.clientId, 'waiting', one.waiting),
          list(one.clientId, 'failed', one.failed),
          <>
            {details(one, locale).map((line) => (
              <Text key={line}>{line}</Text>
            ))}
            {one.lastError === null ? null : (
              <Text>
                <Literal>{one.lastError}</Literal>
              </Text>
            )}
            {seesLists && one.failed > 0 ? (
              <LinkButton
                href={`${channelPath(name)}/of/${encodeURIComponent(one.clientId)}/retry`}
                kind="secondary"
                small
              >
                {t.retryAll}
              </LinkButton>
            ) : null}
          </>,
        ],
      }))}
      empty={t.noConsoles[name]}
    />
  );
}

function details(one: Health, locale: Locale): string[] {
  const t = texts[locale];
  const at = (moment: Date): string => japanTime(moment, locale);
  return [
    ...(one.failingSince && one.state !== 'answering' ? [t.failingSince(at(one.failingSince))] : []),
    one.lastSuccessAt ? t.lastSuccess(at(one.lastSuccessAt)) : t.neverDelivered,
    ...(one.oldestWaitingSince ? [t.oldest(at(one.oldestWaitingSince))] : []),
    ...(one.lastAskedAt ? [t.lastAsked(at(one.lastAskedAt))] : []),
  ];
}
