import { Button, Form, FormActions, LinkButton, PageHead, Panel, Text } from '@hitokagi/design-system';
import { pathOf, routes } from '#app/routes.ts';
import type { CampaignAct } from '#domain/campaigns/acts.ts';
import type { Campaign, MessageCounts } from '#domain/campaigns/campaigns.ts';
import type { Person } from '#domain/people/people.ts';
import { ConsoleLayout, csrfField, type View } from '#web/http/layout.tsx';
import { grouped } from '#web/http/sending-words.tsx';
import { campaignTexts } from './text.ts';

export type ActPageProps = {
  view: View;
  person: Person;
  campaign: Campaign;
  counts: MessageCounts;
  act: CampaignAct;
  /** False when the campaign stands so that this cannot be done (any more). */
  possible: boolean;
};

/** Says what pausing, resuming or cancelling does to how many messages, and asks. */
export function ActPage({ view, person, campaign, counts, act, possible }: ActPageProps) {
  const all = campaignTexts[view.locale];
  const text = all.acts[act];
  const path = pathOf(routes.campaign, { id: campaign.id });
  const waiting = counts.queued + counts.held;
  return (
    <ConsoleLayout view={view} title={text.title} person={person} current="campaigns">
      <PageHead
        title={text.title}
        lead={possible ? text.lead(campaign.name) : all.impossible(all.states[campaign.state])}
        trail={[
          { href: routes.campaigns, label: all.title },
          { href: path, label: campaign.name || all.one },
        ]}
      />
      <Panel width="reading">
        {possible ? (
          <Form action={pathOf(routes.campaignAct, { id: campaign.id, act })} hidden={[csrfField(view)]}>
            <Text>{text.effect(grouped(waiting), grouped(counts.all - waiting))}</Text>
            <FormActions beside>
              <Button kind={act === 'cancel' ? 'danger' : 'primary'}>{text.button}</Button>
              <LinkButton kind="text" href={path}>
                {all.back}
              </LinkButton>
            </FormActions>
          </Form>
        ) : (
          <LinkButton href={path}>{all.back}</LinkButton>
        )}
      </Panel>
    </ConsoleLayout>
  );
}
