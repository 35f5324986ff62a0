import {
  Button,
  Columns,
  Form,
  FormActions,
  Pager,
  Panel,
  SelectField,
  Table,
  TextField,
  TextLink,
} from '@hitokagi/design-system';
import { consoleName } from '#domain/consoles/consoles.ts';
import type { ConsoleRow } from '#support/db/schema.ts';
import { japanTime } from '#support/primitives/japan-time.ts';
import type { WebContext } from '#web/http/context.ts';
import { withQuery } from '../addresses.ts';
import { renderOperatorPage } from '../shell.tsx';
import type { Visit } from '../visit.ts';
import { shortened } from '../words.ts';
import { whatWords, type ChannelName, type Delivery } from './channels.ts';
import { answerWords, channelPath, DeliveryChip, deliveryPath, nameOf } from './parts.tsx';
import { texts } from './text.ts';

export type ListView = {
  name: ChannelName;
  wanted: {
    console: string | undefined;
    state: Delivery['state'] | undefined;
    account: string | undefined;
  };
  console: ConsoleRow | undefined;
  consoles: readonly ConsoleRow[];
  entries: readonly Delivery[];
  next: string | undefined;
  isFirst: boolean;
};

/** Who was told and who was not, the newest first. */
export function listPage(context: WebContext, visit: Visit, view: ListView): Promise<string> {
  const { locale } = visit.shell;
  const t = texts[locale];
  const { name, wanted, consoles, entries, next } = view;
  const path = channelPath(name);
  const all = { value: '', label: t.all };
  return renderOperatorPage(context, visit, {
    title: t.channels[name],
    job: 'deliveries',
    console: view.console,
    trail: [{ href: '/operator/deliveries', label: t.title }],
    children: (
      <Panel>
        <Form action={path} method="get" role="search" label={t.narrow}>
          <Columns>
            <SelectField
              id="console"
              name="console"
              label={t.console}
              value={wanted.console ?? ''}
              choices={[
                all,
                ...consoles.map((one) => ({ value: one.client_id, label: consoleName(one, locale) })),
              ]}
            />
            <SelectField
              id="state"
              name="state"
              label={t.state}
              value={wanted.state ?? ''}
              choices={[
                all,
                ...(['waiting', 'failed', 'delivered'] as const).map((value) => ({
                  value,
                  label: t.deliveryStates[value],
                })),
              ]}
            />
            <TextField
              id="account"
              name="account"
              label={t.account}
              value={wanted.account}
              autocomplete="off"
            />
          </Columns>
          <FormActions beside>
            <Button kind="secondary">{t.show}</Button>
          </FormActions>
        </Form>
        <Table
          caption={t.channels[name]}
          captionHidden
          narrow="stack"
          columns={[
            { label: t.at, sorted: 'descending' },
            { label: t.what, rowHeader: true },
            { label: t.console },
            { label: t.result },
            { label: t.tries, align: 'end' },
            { label: t.lastAnswer },
          ]}
          rows={entries.map((one) => ({
            key: one.deliveryId,
            cells: [
              japanTime(one.at, locale),
              <TextLink href={deliveryPath(name, one.deliveryId)}>{whatWords(one, locale)}</TextLink>,
              nameOf(one.clientId, consoles, locale),
              <DeliveryChip state={one.state} locale={locale} />,
              t.triesCount(one.tries),
              shortened(answerWords({ status: one.lastStatus, error: one.lastError })),
            ],
          }))}
          empty={t.nothing}
        />
        <Pager
          label={t.pages}
          position={t.shown(entries.length)}
          previous={view.isFirst ? undefined : { href: withQuery(path, wanted), label: t.newest }}
          next={
            next === undefined
              ? undefined
              : { href: withQuery(path, { ...wanted, after: next }), label: t.older }
          }
        />
      </Panel>
    ),
  });
}
