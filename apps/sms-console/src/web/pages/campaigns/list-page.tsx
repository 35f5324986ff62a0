import { LinkButton, PageHead, Pager, Panel, Table, Text, TextLink } from '@hitokagi/design-system';
import { pathOf, routes } from '#app/routes.ts';
import type { Campaign } from '#domain/campaigns/campaigns.ts';
import type { Person } from '#domain/people/people.ts';
import { mayDo } from '#domain/people/roles.ts';
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
};

/** The company's campaigns, newest first. */
export function CampaignsPage({ view, person, campaigns, next, isFirst }: CampaignsPageProps) {
  const text = campaignTexts[view.locale];
  const compose = mayDo(person.role, 'send') ? (
    <LinkButton href={routes.compose}>{text.compose}</LinkButton>
  ) : undefined;
  return (
    <ConsoleLayout view={view} title={text.title} person={person} current="campaigns">
      <PageHead title={text.title} lead={text.lead} actions={compose} />
      <Panel>
        <Table
          caption={text.title}
          captionHidden
          columns={[
            { label: text.name, rowHeader: true },
            { label: text.state },
            { label: text.sendAt },
            { label: text.by },
          ]}
          empty={<Text>{text.empty}</Text>}
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
          previous={isFirst ? undefined : { href: routes.campaigns, label: text.newest }}
          next={
            next === null
              ? undefined
              : { href: `${routes.campaigns}?${new URLSearchParams({ before: next })}`, label: text.older }
          }
        />
      </Panel>
    </ConsoleLayout>
  );
}
