import {
  Beside,
  DefinitionList,
  PageHead,
  Panel,
  Phone,
  Table,
  Text,
  TextLink,
  Timeline,
} from '@hitokagi/design-system';
import { messagesUrl, pathOf, routes } from '#app/routes.ts';
import type { Message } from '#domain/messages/accept-messages.ts';
import type { wayOf } from '#domain/messages/way.ts';
import type { Person } from '#domain/people/people.ts';
import { numberText } from '#domain/recipients/recipient-number.ts';
import { ConsoleLayout, type View } from '#web/http/layout.tsx';
import { momentText } from '#web/http/times.ts';
import { campaignTexts } from '#web/pages/campaigns/text.ts';
import { MessageChip } from './parts.tsx';
import { reasonText } from './reason.ts';
import { messageTexts } from './text.ts';

/** One message: how it stands and why, its way with times, its parts. */
export function MessagePage({
  view,
  person,
  message,
  way,
}: {
  view: View;
  person: Person;
  message: Message;
  way: Awaited<ReturnType<typeof wayOf>>;
}) {
  const { locale } = view;
  const text = messageTexts[locale];
  const states = campaignTexts[locale].messageStates;
  const campaign = message.campaignId;
  const title = `${text.one} ${numberText(message.to)}`;
  const optional = (term: string, at: Date | null) =>
    at === null ? [] : [{ term, description: momentText(at, locale) }];
  const steps = [
    { state: text.accepted, at: message.acceptedAt, fault: null },
    ...way.steps.map(({ state, at, fault }) => ({ state: states[state], at, fault })),
  ];
  return (
    <ConsoleLayout view={view} title={title} person={person} current="campaigns">
      <PageHead
        title={title}
        trail={[
          { href: routes.campaigns, label: text.results },
          {
            href: messagesUrl(campaign === null ? {} : { campaign }),
            label: text.title,
          },
        ]}
      />
      <Beside>
        <Panel title={text.state}>
          <DefinitionList
            items={[
              {
                term: text.state,
                description: <MessageChip state={message.state} locale={locale} />,
              },
              ...(message.fault === null
                ? []
                : [{ term: text.reason, description: reasonText(message.fault, locale) }]),
              ...optional(text.accepted, message.acceptedAt),
              ...optional(text.dueAt, message.dueAt),
              ...optional(text.expiresAt, message.expiresAt),
              ...optional(text.sentAt, message.sentAt),
              ...optional(text.settledAt, message.settledAt),
              ...(way.gateway === null ? [] : [{ term: text.gateway, description: way.gateway }]),
              ...(campaign === null
                ? []
                : [
                    {
                      term: text.campaign,
                      description: (
                        <TextLink href={pathOf(routes.campaign, { id: campaign })}>{text.results}</TextLink>
                      ),
                    },
                  ]),
            ]}
          />
        </Panel>
        <Panel title={text.body}>
          <Phone label={text.body} sender="SMS" text={message.text} empty="" />
        </Panel>
      </Beside>
      <Panel title={text.way}>
        <Timeline
          label={text.way}
          items={steps.map(({ state, at, fault }) => ({
            time: momentText(at, locale),
            dateTime: at.toISOString(),
            title: state,
            children: fault === null ? undefined : <Text quiet>{reasonText(fault, locale)}</Text>,
          }))}
        />
        {way.parts.length === 0 ? null : (
          <Table
            caption={text.partsOf}
            columns={[{ label: text.parts, rowHeader: true }, { label: text.state }, { label: text.reason }]}
            rows={way.parts.map((part) => ({
              key: String(part.number),
              cells: [
                text.partNumber(part.number, way.parts.length),
                text.partStates[part.state] ?? part.state,
                part.fault ?? '–',
              ],
            }))}
          />
        )}
      </Panel>
    </ConsoleLayout>
  );
}
