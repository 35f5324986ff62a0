import { BigNumber, Columns, LinkButton, List, Panel, Table, Text, TextLink } from '@hitokagi/design-system';
import { composeUrl, pathOf, routes } from '#app/routes.ts';
import type { Campaign } from '#domain/campaigns/campaigns.ts';
import { campaignName } from '#domain/campaigns/confirm.ts';
import type { Draft } from '#domain/drafts/drafts.ts';
import type { Usage } from '#domain/messages/quota.ts';
import type { Person } from '#domain/people/people.ts';
import { mayDo } from '#domain/people/roles.ts';
import type { View } from '#web/http/layout.tsx';
import { grouped } from '#web/http/sending-words.tsx';
import { momentText } from '#web/http/times.ts';
import { homeTexts } from './text.ts';

/** What somebody who sends wants to see first. */
export type SendingNews = {
  campaigns: readonly Campaign[];
  drafts: readonly Draft[];
  month: Usage;
};

/** This month's total, what was begun and what was sent lately. */
export function SendingPanels({ view, person, news }: { view: View; person: Person; news: SendingNews }) {
  const text = homeTexts[view.locale].sending;
  const { month, drafts } = news;
  const maySend = mayDo(person.role, 'send');
  return (
    <>
      {maySend ? (
        <div>
          <LinkButton href={routes.compose} id="compose">
            {text.compose}
          </LinkButton>
        </div>
      ) : null}
      <Columns>
        <BigNumber
          label={text.month}
          value={grouped(month.messages)}
          unit={text.unit}
          comparison={
            month.limit === null
              ? text.parts(grouped(month.parts))
              : text.partsOf(grouped(month.parts), grouped(month.limit))
          }
          href={routes.campaigns}
          linkLabel={text.results}
        />
        <Panel title={text.drafts}>
          {drafts.length === 0 ? (
            <Text>{text.noDrafts}</Text>
          ) : (
            <List
              items={drafts.map((draft) => (
                <>
                  <TextLink href={composeUrl({ draft: draft.id })}>
                    {campaignName(draft.content.name, draft.content.body) || text.unnamed}
                  </TextLink>{' '}
                  ({momentText(draft.savedAt, view.locale)})
                </>
              ))}
            />
          )}
        </Panel>
      </Columns>
      <Panel title={text.recent} action={<TextLink href={routes.campaigns}>{text.all}</TextLink>}>
        <Table
          caption={text.recent}
          captionHidden
          columns={[{ label: text.name, rowHeader: true }, { label: text.state }, { label: text.at }]}
          empty={<Text>{maySend ? text.none : text.noneForViewers}</Text>}
          rows={news.campaigns.map((one) => ({
            key: one.id,
            cells: [
              <TextLink href={pathOf(routes.campaign, { id: one.id })}>{one.name || one.id}</TextLink>,
              text.states[one.state],
              momentText(one.sendAt ?? one.createdAt, view.locale),
            ],
          }))}
        />
      </Panel>
    </>
  );
}
