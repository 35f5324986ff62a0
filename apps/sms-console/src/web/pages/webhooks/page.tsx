import {
  Button,
  Chip,
  ErrorSummary,
  Form,
  FormActions,
  LinkButton,
  Literal,
  Notice,
  PageHead,
  Pager,
  Panel,
  Secret,
  Table,
  Text,
  TextField,
  Unseen,
  type ShapeName,
  type Tone,
} from '@hitokagi/design-system';
import { messagesUrl, pathOf, routes } from '#app/routes.ts';
import type { Person } from '#domain/people/people.ts';
import type { AddedEndpoint, WebhookEndpoint } from '#domain/webhooks/endpoints.ts';
import type { WebhookDelivery } from '#domain/webhooks/list.ts';
import { ConsoleLayout, csrfField, type View } from '#web/http/layout.tsx';
import { momentText } from '#web/http/times.ts';
import { webhookTexts } from './text.ts';

export type WebhooksPageProps = {
  view: View;
  person: Person;
  endpoints: readonly WebhookEndpoint[];
  typed: string;
  fault: Extract<AddedEndpoint, { ok: false }>['reason'] | null;
  /** A secret that was made by this request: the only page that ever shows it. */
  made: string | null;
};

/** The addresses of a company that are told of results, and registering another. */
export function WebhooksPage({ view, person, endpoints, typed, fault, made }: WebhooksPageProps) {
  const text = webhookTexts[view.locale];
  const error = fault === null ? undefined : text.add.errors[fault];
  return (
    <ConsoleLayout view={view} title={text.title} person={person} current="settings">
      <PageHead
        title={text.title}
        lead={text.lead}
        trail={[{ href: routes.settings, label: text.settings }]}
      />
      <MadeSecret view={view} made={made} />
      <Panel>
        <Table
          caption={text.caption(person.company)}
          captionHidden
          columns={[{ label: text.url, rowHeader: true }, { label: text.createdAt }, { label: text.action }]}
          empty={<Text>{text.empty}</Text>}
          rows={endpoints.map((one) => ({
            key: one.id,
            cells: [
              <Literal>{one.url}</Literal>,
              momentText(one.createdAt, view.locale),
              <LinkButton kind="secondary" small href={pathOf(routes.settingsWebhook, { id: one.id })}>
                {text.show}
                <Unseen>: {one.url}</Unseen>
              </LinkButton>,
            ],
          }))}
        />
      </Panel>
      <Panel title={text.add.title} width="reading">
        <ErrorSummary
          title={text.problems}
          errors={error === undefined ? [] : [{ fieldId: 'url', message: error }]}
        />
        <Form action={routes.settingsWebhooks} hidden={[csrfField(view)]}>
          <TextField
            id="url"
            name="url"
            type="url"
            label={text.url}
            help={text.add.help}
            value={typed}
            autocomplete="off"
            error={error}
            required
          />
          <FormActions>
            <Button>{text.add.button}</Button>
          </FormActions>
        </Form>
      </Panel>
    </ConsoleLayout>
  );
}

const LOOK = {
  waiting: { tone: 'info', shape: 'clock' },
  delivered: { tone: 'success', shape: 'check' },
  failed: { tone: 'danger', shape: 'cross' },
} as const satisfies Record<WebhookDelivery['state'], { tone: Tone; shape: ShapeName }>;

export type WebhookPageProps = {
  view: View;
  person: Person;
  endpoint: WebhookEndpoint;
  deliveries: readonly WebhookDelivery[];
  next: string | null;
  isFirst: boolean;
  failedOnly: boolean;
  made: string | null;
  /** The secret was not changed: two are valid already. */
  mustWait: boolean;
  now: Date;
};

/** One address: what was sent there, its secret, removing it. */
export function WebhookPage(props: WebhookPageProps) {
  const { view, person, endpoint, made, mustWait, now } = props;
  const text = webhookTexts[view.locale];
  const both = endpoint.previousSecretEndsAt;
  return (
    <ConsoleLayout view={view} title={text.title} person={person} current="settings">
      <PageHead
        title={text.title}
        lead={<Literal>{endpoint.url}</Literal>}
        trail={[
          { href: routes.settings, label: text.settings },
          { href: routes.settingsWebhooks, label: text.title },
        ]}
      />
      <MadeSecret view={view} made={made} />
      <ErrorSummary title={text.problems} errors={mustWait ? [{ message: text.secret.wait }] : []} />
      <Deliveries {...props} />
      <Panel title={text.secret.title} width="reading">
        <Form action={pathOf(routes.settingsWebhookSecret, { id: endpoint.id })} hidden={[csrfField(view)]}>
          <Text>{text.secret.effect}</Text>
          {both === null || both <= now ? null : (
            <Text>{text.secret.both(momentText(both, view.locale))}</Text>
          )}
          <FormActions>
            <Button kind="secondary">{text.secret.change}</Button>
          </FormActions>
        </Form>
      </Panel>
      <Panel title={text.remove.title} width="reading">
        <Form action={pathOf(routes.settingsWebhookRemove, { id: endpoint.id })} hidden={[csrfField(view)]}>
          <Text>{text.remove.effect}</Text>
          <FormActions>
            <Button kind="danger">{text.remove.button}</Button>
          </FormActions>
        </Form>
      </Panel>
    </ConsoleLayout>
  );
}

function Deliveries({ view, endpoint, deliveries, next, isFirst, failedOnly }: WebhookPageProps) {
  const text = webhookTexts[view.locale].deliveries;
  const path = pathOf(routes.settingsWebhook, { id: endpoint.id });
  const only = { only: failedOnly ? 'failed' : '' };
  return (
    <Panel
      title={text.title}
      action={
        <LinkButton kind="text" small href={failedOnly ? path : messagesUrl({ only: 'failed' }, path)}>
          {failedOnly ? text.all : text.failed}
        </LinkButton>
      }
    >
      <Text quiet>{text.lead}</Text>
      <Table
        caption={text.title}
        captionHidden
        columns={[
          { label: text.kind, rowHeader: true },
          { label: text.state },
          { label: text.answer },
          { label: text.tries, align: 'end' },
          { label: text.at },
        ]}
        empty={<Text>{text.none}</Text>}
        rows={deliveries.map((one) => ({
          key: one.id,
          cells: [
            <Literal>{one.kind}</Literal>,
            <>
              <Chip tone={LOOK[one.state].tone} shape={LOOK[one.state].shape}>
                {text.states[one.state]}
              </Chip>
              {one.state === 'delivered' ? null : (
                <Form
                  action={pathOf(routes.settingsWebhookRetry, { id: endpoint.id })}
                  hidden={[csrfField(view), { name: 'delivery', value: one.id }]}
                >
                  <Button kind="secondary" small>
                    {text.retry}
                    <Unseen>: {one.id}</Unseen>
                  </Button>
                </Form>
              )}
            </>,
            one.lastAnswer === null ? '–' : (text.answers[one.lastAnswer] ?? one.lastAnswer),
            String(one.tries),
            one.lastTryAt === null ? '–' : momentText(one.lastTryAt, view.locale),
          ],
        }))}
      />
      <Pager
        label={text.title}
        position=""
        previous={isFirst ? undefined : { href: messagesUrl(only, path), label: text.newest }}
        next={
          next === null ? undefined : { href: messagesUrl({ ...only, after: next }, path), label: text.older }
        }
      />
    </Panel>
  );
}

function MadeSecret({ view, made }: { view: View; made: string | null }) {
  const text = webhookTexts[view.locale].secret;
  if (made === null) return null;
  return (
    <Notice tone="success" toneLabel={text.label} title={text.title} live>
      <Text>
        <Secret>{made}</Secret>
      </Text>
      <Text>{text.once}</Text>
    </Notice>
  );
}
