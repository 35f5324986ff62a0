import {
  Button,
  Columns,
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
import type { Person } from '#domain/people/people.ts';
import { mayDo } from '#domain/people/roles.ts';
import type { CampaignState } from '#support/db/schema.ts';
import { ConsoleLayout, type View } from '#web/http/layout.tsx';
import { momentText } from '#web/http/times.ts';
import { CampaignChip } from './parts.tsx';
import { campaignTexts } from './text.ts';

export type CampaignsPageProps = {
  view: View;
  person: Person;
  campaigns: readonly Campaign[];
  next: string | null;
  isFirst: boolean;
  asked: AskedCampaigns;
};

/** The filters as they stand in the address. */
export type AskedCampaigns = { name: string; state: string; from: string; until: string };
const STATES = Object.keys(campaignTexts.ja.states) as CampaignState[];

/** The company's campaigns, newest first. */
export function CampaignsPage({ view, person, campaigns, next, isFirst, asked }: CampaignsPageProps) {
  const text = campaignTexts[view.locale];
  const compose = mayDo(person.role, 'send') ? (
    <LinkButton href={routes.compose}>{text.compose}</LinkButton>
  ) : undefined;
  return (
    <ConsoleLayout view={view} title={text.title} person={person} current="campaigns">
      <PageHead title={text.title} lead={text.lead} actions={compose} />
      <FormActions beside>
        <LinkButton kind="text" href={routes.messages}>
          {text.allMessages}
        </LinkButton>
        <LinkButton kind="text" href={routes.months}>
          {text.months}
        </LinkButton>
      </FormActions>
      <Panel>
        <FilterForm view={view} asked={asked} />
        <Table
          caption={text.title}
          captionHidden
          columns={[
            { label: text.name, rowHeader: true },
            { label: text.state },
            { label: text.sendAt },
            { label: text.by },
          ]}
          empty={
            <Text>{Object.values(asked).some((one) => one !== '') ? text.nothingFound : text.empty}</Text>
          }
          rows={campaigns.map((one) => ({
            key: one.id,
            cells: [
              <TextLink href={pathOf(routes.campaign, { id: one.id })}>{one.name || one.id}</TextLink>,
              <CampaignChip state={one.state} locale={view.locale} />,
              momentText(one.sendAt ?? one.createdAt, view.locale),
              one.createdBy ?? '–',
            ],
          }))}
        />
        <Pager
          label={text.title}
          position=""
          previous={isFirst ? undefined : { href: messagesUrl(asked, routes.campaigns), label: text.newest }}
          next={
            next === null
              ? undefined
              : { href: messagesUrl({ ...asked, before: next }, routes.campaigns), label: text.older }
          }
        />
      </Panel>
    </ConsoleLayout>
  );
}

function FilterForm({ view, asked }: { view: View; asked: AskedCampaigns }) {
  const text = campaignTexts[view.locale];
  return (
    <Form action={routes.campaigns} method="get" role="search">
      <Columns>
        <TextField
          id="name"
          name="name"
          label={text.name}
          value={asked.name}
          autocomplete="off"
          width="medium"
        />
        <SelectField
          id="state"
          name="state"
          label={text.state}
          value={asked.state}
          width="medium"
          choices={[
            { value: '', label: text.anyState },
            ...STATES.map((state) => ({ value: state, label: text.states[state] })),
          ]}
        />
        <TextField id="from" name="from" type="date" label={text.from} value={asked.from} width="medium" />
        <TextField
          id="until"
          name="until"
          type="date"
          label={text.until}
          value={asked.until}
          width="medium"
        />
      </Columns>
      <FormActions beside>
        <Button kind="secondary">{text.filter}</Button>
      </FormActions>
    </Form>
  );
}
