import {
  Button,
  ErrorSummary,
  Form,
  FormActions,
  LinkButton,
  Literal,
  Name,
  Notice,
  PageHead,
  Panel,
  RadioGroup,
  Secret,
  SelectField,
  Table,
  Text,
  TextField,
  Unseen,
} from '@hitokagi/design-system';
import { revokeApiKeyUrl, routes } from '#app/routes.ts';
import type { ApiKey, CreatedKey } from '#domain/api-keys/api-keys.ts';
import type { Person } from '#domain/people/people.ts';
import { ConsoleLayout, csrfField, type View } from '#web/http/layout.tsx';
import { momentText } from '#web/http/times.ts';
import { apiKeyTexts } from './text.ts';

export type ApiKeysPageProps = {
  view: View;
  person: Person;
  keys: readonly ApiKey[];
  now: Date;
  /** A key that was made by this request: the only page that ever shows it. */
  made: { name: string; secret: string } | null;
  typed: Typed;
  fault: Extract<CreatedKey, { ok: false }>['reason'] | null;
};

/** What the form had. */
export type Typed = { name: string; may: string; ends: string };
/** What a key may do, and after how many days it ends; '' for never. */
export const MAY = ['both', 'send', 'read'] as const;
export const ENDS = ['', '90', '365'] as const;

/** The API keys of a company: those in use, and making another (R31). */
export function ApiKeysPage(props: ApiKeysPageProps) {
  const { view, person, made } = props;
  const text = apiKeyTexts[view.locale];
  return (
    <ConsoleLayout view={view} title={text.title} person={person} current="settings">
      <PageHead
        title={text.title}
        lead={text.lead}
        trail={[{ href: routes.settings, label: text.settings }]}
      />
      {made === null ? null : (
        <Notice tone="success" toneLabel={text.made.label} title={text.made.title(made.name)} live>
          <Text>
            <Secret>{made.secret}</Secret>
          </Text>
          <Text>{text.made.once}</Text>
        </Notice>
      )}
      <KeyList {...props} />
      <NewKey {...props} />
    </ConsoleLayout>
  );
}

function KeyList({ view, person, keys, now }: ApiKeysPageProps) {
  const text = apiKeyTexts[view.locale].list;
  return (
    <Panel title={text.title} id="keys">
      <Table
        caption={text.caption(person.company)}
        captionHidden
        columns={[
          { label: text.name, rowHeader: true },
          { label: text.hint },
          { label: text.may },
          { label: text.createdAt },
          { label: text.lastUsedAt },
          { label: text.action },
        ]}
        empty={<Text>{text.empty}</Text>}
        rows={keys.map((key) => ({
          key: key.id,
          cells: [
            key.name,
            <Literal>…{key.hint}</Literal>,
            text.mays[mayOf(key)],
            <>
              <Moment at={key.createdAt} view={view} />
              {key.createdBy === null ? null : (
                <>
                  <br />
                  <Name>{key.createdBy}</Name>
                </>
              )}
            </>,
            <>
              {key.lastUsedAt === null ? text.neverUsed : <Moment at={key.lastUsedAt} view={view} />}
              {key.expiresAt === null ? null : (
                <>
                  <br />
                  {key.expiresAt <= now ? text.ended : text.ends} <Moment at={key.expiresAt} view={view} />
                </>
              )}
            </>,
            <LinkButton kind="secondary" small href={revokeApiKeyUrl(key.id)}>
              {text.revoke}
              <Unseen>: {key.name}</Unseen>
            </LinkButton>,
          ],
        }))}
      />
    </Panel>
  );
}

function NewKey({ view, typed, fault }: ApiKeysPageProps) {
  const all = apiKeyTexts[view.locale];
  const text = all.create;
  const error = fault === null ? undefined : text.errors[fault];
  return (
    <Panel title={text.title} id="new-key" width="reading">
      <ErrorSummary
        title={all.errorTitle}
        errors={error === undefined ? [] : [{ fieldId: 'name', message: error }]}
      />
      <Form action={routes.settingsApiKeys} hidden={[csrfField(view)]}>
        <TextField
          id="name"
          name="name"
          label={text.name}
          help={text.help}
          value={typed.name}
          autocomplete="off"
          enterKeyHint="done"
          error={error}
          required
        />
        <RadioGroup
          id="may"
          name="may"
          label={text.may}
          value={typed.may === '' ? 'both' : typed.may}
          choices={MAY.map((may) => ({ value: may, label: all.list.mays[may] }))}
        />
        <SelectField
          id="ends"
          name="ends"
          label={text.ends}
          help={text.endsHelp}
          value={typed.ends}
          width="medium"
          choices={ENDS.map((days) => ({ value: days, label: text.days(days) }))}
        />
        <FormActions beside>
          <Button>{text.button}</Button>
        </FormActions>
      </Form>
    </Panel>
  );
}

/** Asks before a key is revoked, because that cannot be taken back. */
export function RevokeKeyPage({
  view,
  person,
  apiKey,
}: {
  view: View;
  person: Person;
  apiKey: ApiKey | null;
}) {
  const all = apiKeyTexts[view.locale];
  const text = all.revoke;
  return (
    <ConsoleLayout view={view} title={text.title} person={person} current="settings">
      <PageHead
        title={text.title}
        lead={apiKey === null ? text.gone : text.lead(apiKey.name)}
        trail={[
          { href: routes.settings, label: all.settings },
          { href: routes.settingsApiKeys, label: all.title },
        ]}
      />
      <Panel width="reading">
        {apiKey === null ? (
          <LinkButton href={routes.settingsApiKeys}>{all.title}</LinkButton>
        ) : (
          <Form action={revokeApiKeyUrl(apiKey.id)} hidden={[csrfField(view)]}>
            <Text>{text.effect}</Text>
            <FormActions beside>
              <Button kind="danger">{text.button}</Button>
              <LinkButton kind="text" href={routes.settingsApiKeys}>
                {text.back}
              </LinkButton>
            </FormActions>
          </Form>
        )}
      </Panel>
    </ConsoleLayout>
  );
}

function mayOf({ scopes }: ApiKey): (typeof MAY)[number] {
  return scopes.length === 2 ? 'both' : (scopes[0] ?? 'read');
}

function Moment({ at, view }: { at: Date; view: View }) {
  return <time dateTime={at.toISOString()}>{momentText(at, view.locale)}</time>;
}
