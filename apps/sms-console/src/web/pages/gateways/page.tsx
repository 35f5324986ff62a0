import { DefinitionList, Literal, PageHead, Panel, Table, Text } from '@hitokagi/design-system';
import { routes } from '#app/routes.ts';
import type { GatewayStanding, QueueStanding } from '#domain/delivery/gateway-states.ts';
import type { Person } from '#domain/people/people.ts';
import { ConsoleLayout, type View } from '#web/http/layout.tsx';
import { momentText } from '#web/http/times.ts';
import { gatewayTexts } from './text.ts';

export type GatewaysPageProps = {
  view: View;
  person: Person;
  gateways: readonly GatewayStanding[];
  queue: QueueStanding;
};

/** How sending goes: the gateways, and what of the company's messages waits (R29). */
export function GatewaysPage(props: GatewaysPageProps) {
  const { view, person, queue } = props;
  const text = gatewayTexts[view.locale];
  const items = [
    { term: text.queue.codes, description: text.queue.count(queue.waiting.codes) },
    { term: text.queue.single, description: text.queue.count(queue.waiting.single) },
    { term: text.queue.campaigns, description: text.queue.count(queue.waiting.campaigns) },
    { term: text.queue.inDoubt, description: text.queue.count(queue.inDoubt) },
    { term: text.queue.withoutReceipt, description: text.queue.count(queue.withoutReceipt) },
  ];
  return (
    <ConsoleLayout view={view} title={text.title} person={person} current="settings">
      <PageHead
        title={text.title}
        lead={text.lead}
        trail={[{ href: routes.settings, label: text.settings }]}
      />
      <GatewayList {...props} />
      <Panel title={text.queue.title(person.company)} id="queue">
        <DefinitionList items={items} />
      </Panel>
    </ConsoleLayout>
  );
}

function GatewayList({ view, gateways }: GatewaysPageProps) {
  const text = gatewayTexts[view.locale].gateways;
  return (
    <Panel title={text.title} id="gateways">
      <Table
        caption={text.title}
        captionHidden
        columns={[
          { label: text.name, rowHeader: true },
          { label: text.state },
          { label: text.since },
          { label: text.lastMinute },
          { label: text.speed },
          { label: text.error },
        ]}
        empty={<Text>{text.empty}</Text>}
        rows={gateways.map((one) => ({
          key: one.gateway,
          cells: [
            one.gateway,
            text.states[one.state],
            momentText(one.since, view.locale),
            one.lastMinute.toLocaleString(view.locale),
            Math.round(one.perSecond).toLocaleString(view.locale),
            one.lastError === null ? (
              text.none
            ) : (
              <>
                <Literal>{one.lastError}</Literal>
                {one.lastErrorAt === null ? null : (
                  <Text quiet>{momentText(one.lastErrorAt, view.locale)}</Text>
                )}
              </>
            ),
          ],
        }))}
      />
    </Panel>
  );
}
