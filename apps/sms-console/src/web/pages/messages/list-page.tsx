import {
  Button,
  Columns,
  ErrorSummary,
  Filters,
  Form,
  FormActions,
  LinkButton,
  PageHead,
  Pager,
  Panel,
  SelectField,
  Table,
  Text,
  TextField,
  TextLink,
} from '@hitokagi/design-system';
import { messagesUrl, pathOf, routes } from '#app/routes.ts';
import type { Campaign } from '#domain/campaigns/campaigns.ts';
import type { Message } from '#domain/messages/accept-messages.ts';
import type { Person } from '#domain/people/people.ts';
import { numberText } from '#domain/recipients/recipient-number.ts';
import type { MessageState } from '#support/db/schema.ts';
import { ConsoleLayout, type View } from '#web/http/layout.tsx';
import { grouped } from '#web/http/sending-words.tsx';
import { momentText } from '#web/http/times.ts';
import { campaignTexts } from '#web/pages/campaigns/text.ts';
import { MESSAGE_STATES } from '#web/pages/campaigns/parts.tsx';
import { MessageChip } from './parts.tsx';
import { messageTexts } from './text.ts';

/** The filters as they stand in the address; '' for one that is not set. */
export type Asked = { campaign: string; state: MessageState | ''; number: string };
export type MessagesPageProps = {
  view: View;
  person: Person;
  campaign: Campaign | null;
  asked: Asked;
  /** The number that was asked for is none. */
  isBadNumber: boolean;
  messages: readonly Message[];
  next: string | null;
  isFirst: boolean;
};

/** What became of each message, newest first, by state and number. */
export function MessagesPage(props: MessagesPageProps) {
  const { view, person, campaign, asked, messages, next, isFirst, isBadNumber } = props;
  const { locale } = view;
  const text = messageTexts[locale];
  const trail = [
    { href: routes.campaigns, label: text.results },
    ...(campaign === null
      ? []
      : [{ href: pathOf(routes.campaign, { id: campaign.id }), label: campaign.name || text.campaign }]),
  ];
  return (
    <ConsoleLayout view={view} title={text.title} person={person} current="campaigns">
      <PageHead
        title={text.title}
        lead={campaign === null ? text.lead : text.leadOf(campaign.name || text.campaign)}
        trail={trail}
        actions={
          <LinkButton kind="secondary" href={messagesUrl(asked, routes.messagesExport)}>
            {text.exportLink}
          </LinkButton>
        }
      />
      <ErrorSummary
        title={text.problems}
        errors={isBadNumber ? [{ fieldId: 'number', message: text.badNumber }] : []}
      />
      <Panel>
        <FilterForm {...props} />
        <InForce view={view} asked={asked} />
        <Table
          caption={text.title}
          captionHidden
          columns={[
            { label: text.number, rowHeader: true },
            { label: text.state },
            { label: text.accepted },
            { label: text.settledAt },
            { label: text.parts, align: 'end' },
          ]}
          empty={<Text>{text.empty}</Text>}
          rows={messages.map((one) => ({
            key: one.id,
            cells: [
              <TextLink href={pathOf(routes.message, { id: one.id })}>{numberText(one.to)}</TextLink>,
              <MessageChip state={one.state} locale={locale} />,
              momentText(one.acceptedAt, locale),
              one.settledAt === null ? '–' : momentText(one.settledAt, locale),
              one.parts === null ? '–' : grouped(one.parts),
            ],
          }))}
        />
        <Pager
          label={text.title}
          position=""
          previous={isFirst ? undefined : { href: messagesUrl(asked), label: text.newest }}
          next={
            next === null ? undefined : { href: messagesUrl({ ...asked, after: next }), label: text.older }
          }
        />
      </Panel>
    </ConsoleLayout>
  );
}

function FilterForm({ view, asked, isBadNumber }: MessagesPageProps) {
  const text = messageTexts[view.locale];
  return (
    <Form
      action={routes.messages}
      method="get"
      role="search"
      hidden={asked.campaign === '' ? [] : [{ name: 'campaign', value: asked.campaign }]}
    >
      <Columns>
        <SelectField
          id="state"
          name="state"
          label={text.state}
          value={asked.state}
          width="medium"
          choices={[
            { value: '', label: text.anyState },
            ...MESSAGE_STATES.map((state) => ({
              value: state,
              label: campaignTexts[view.locale].messageStates[state],
            })),
          ]}
        />
        <TextField
          id="number"
          name="number"
          label={text.number}
          help={text.numberHelp}
          value={asked.number}
          inputMode="tel"
          autocomplete="off"
          width="medium"
          error={isBadNumber ? text.badNumber : undefined}
        />
      </Columns>
      <FormActions beside>
        <Button kind="secondary">{text.filter}</Button>
      </FormActions>
    </Form>
  );
}

function InForce({ view, asked }: { view: View; asked: Asked }) {
  const text = messageTexts[view.locale];
  const set = [
    ...(asked.state === ''
      ? []
      : [['state', campaignTexts[view.locale].messageStates[asked.state]] as const]),
    ...(asked.number === '' ? [] : [['number', asked.number] as const]),
  ];
  return (
    <Filters
      label={text.filters}
      filters={set.map(([name, label]) => ({
        label,
        removeHref: messagesUrl({ ...asked, [name]: '' }),
        removeLabel: text.remove(label),
      }))}
    />
  );
}
