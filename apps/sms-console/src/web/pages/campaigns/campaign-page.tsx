import {
  BarChart,
  Beside,
  DefinitionList,
  FormActions,
  LinkButton,
  PageHead,
  Panel,
  Phone,
  RefreshRegion,
  Table,
  Text,
  TextLink,
} from '@hitokagi/design-system';
import { messagesUrl, pathOf, routes } from '#app/routes.ts';
import { ACTS_IN } from '#domain/campaigns/acts.ts';
import type { Campaign, MessageCounts } from '#domain/campaigns/campaigns.ts';
import type { Person } from '#domain/people/people.ts';
import { mayDo } from '#domain/people/roles.ts';
import { ConsoleLayout, type View } from '#web/http/layout.tsx';
import { grouped } from '#web/http/sending-words.tsx';
import { momentText } from '#web/http/times.ts';
import { CampaignChip, MESSAGE_STATES } from './parts.tsx';
import { campaignTexts } from './text.ts';

export type CampaignPageProps = { view: View; person: Person; campaign: Campaign; counts: MessageCounts };

const WATCH_EVERY = 3;
const RELOAD_EVERY = 10;
/** One campaign: how it stands, how its messages stand, and what can be done. */
export function CampaignPage({ view, person, campaign, counts }: CampaignPageProps) {
  const { locale } = view;
  const text = campaignTexts[locale];
  const path = pathOf(routes.campaign, { id: campaign.id });
  const isMoving = campaign.work !== null || ['preparing', 'sending'].includes(campaign.state);
  return (
    <ConsoleLayout
      view={view}
      title={campaign.name || text.one}
      person={person}
      current="campaigns"
      reloadSeconds={isMoving ? RELOAD_EVERY : undefined}
    >
      <PageHead title={campaign.name || text.one} trail={[{ href: routes.campaigns, label: text.title }]} />
      <RefreshRegion id="campaign" url={path} seconds={isMoving ? WATCH_EVERY : undefined}>
        <Beside>
          <Panel title={text.standing}>
            <DefinitionList
              items={[
                {
                  term: text.state,
                  description: (
                    <>
                      <CampaignChip state={campaign.state} locale={locale} />
                      <Text quiet>{text.stateWords[campaign.state]}</Text>
                    </>
                  ),
                },
                { term: text.sendAt, description: momentText(campaign.sendAt ?? campaign.createdAt, locale) },
                { term: text.messages, description: text.messagesOf(grouped(counts.all)) },
                { term: text.parts, description: text.partsOf(grouped(counts.parts)) },
                { term: text.by, description: campaign.createdBy ?? '–' },
              ]}
            />
            {mayDo(person.role, 'send') ? <Acts view={view} campaign={campaign} /> : null}
            <StateChart view={view} counts={counts} />
            <Table
              caption={text.byState}
              columns={[
                { label: text.state, rowHeader: true },
                { label: text.messages, align: 'end' },
              ]}
              empty={<Text>{text.nothingYet}</Text>}
              rows={MESSAGE_STATES.filter((state) => counts[state] > 0).map((state) => ({
                key: state,
                cells: [
                  <TextLink href={messagesUrl({ campaign: campaign.id, state })}>
                    {text.messageStates[state]}
                  </TextLink>,
                  grouped(counts[state]),
                ],
              }))}
            />
            <FormActions beside>
              <LinkButton kind="secondary" href={messagesUrl({ campaign: campaign.id })}>
                {text.eachMessage}
              </LinkButton>
            </FormActions>
          </Panel>
          <Panel title={text.body}>
            <Phone label={text.body} sender="SMS" text={campaign.body} empty="" />
          </Panel>
        </Beside>
      </RefreshRegion>
    </ConsoleLayout>
  );
}

function StateChart({ view, counts }: Pick<CampaignPageProps, 'view' | 'counts'>) {
  const text = campaignTexts[view.locale];
  const there = MESSAGE_STATES.filter((state) => counts[state] > 0);
  if (there.length === 0) return null;
  return (
    <BarChart
      label={text.chart}
      series={[{ name: text.messages, total: grouped(counts.all) }]}
      scale={grouped}
      bars={there.map((state) => ({
        label: text.shortStates[state],
        title: `${text.messageStates[state]}: ${grouped(counts[state])}`,
        values: [counts[state]],
      }))}
    />
  );
}

function Acts({ view, campaign }: Pick<CampaignPageProps, 'view' | 'campaign'>) {
  const text = campaignTexts[view.locale];
  const acts = ACTS_IN[campaign.state];
  if (acts.length === 0) return null;
  return (
    <FormActions beside>
      {acts.map((act) => (
        <LinkButton
          kind={act === 'resume' ? 'primary' : act === 'pause' ? 'secondary' : 'text'}
          href={pathOf(routes.campaignAct, { id: campaign.id, act })}
        >
          {text.acts[act].link}
        </LinkButton>
      ))}
    </FormActions>
  );
}
