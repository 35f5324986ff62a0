import { DefinitionList, LinkButton, Literal, Notice, Panel, Text, TextLink } from '@hitokagi/design-system';
import type { ConsoleCheck } from '#domain/consoles/check.ts';
import { consoleName } from '#domain/consoles/consoles.ts';
import type { ConsoleSecret } from '#domain/consoles/secrets.ts';
import { settingsOf } from '#domain/consoles/settings.ts';
import { includesRole } from '#domain/operators/rights.ts';
import type { ConsoleRow } from '#support/db/schema.ts';
import { japanTime } from '#support/primitives/japan-time.ts';
import type { WebContext } from '#web/http/context.ts';
import { actorWords } from '../actor.ts';
import { consolePath, movePath, withQuery } from '../addresses.ts';
import { renderOperatorPage } from '../shell.tsx';
import type { Visit } from '../visit.ts';
import { WORDS } from '../words.ts';
import { CheckChip } from './list-page.tsx';
import { texts } from './text.ts';
import { SettingsPanels } from './values.tsx';

export type ConsoleView = {
  console: ConsoleRow;
  secrets: readonly ConsoleSecret[];
  check: ConsoleCheck | undefined;
  lastChange: { at: Date; actor: string } | undefined;
  actors: ReadonlyMap<string, string>;
  done: string | undefined;
};

/** Everything that is registered of one console, its secrets, and how it stood when it was checked. */
export function consolePage(context: WebContext, visit: Visit, view: ConsoleView): Promise<string> {
  const { locale } = visit.shell;
  const t = texts[locale];
  const { console, check, lastChange, done } = view;
  const path = consolePath(console);
  const mayChange = includesRole(visit.operator.role, 'administrator');
  const said = done === 'changed' ? t.changedNow : done === 'secret-ended' ? t.secretEnded : undefined;
  return renderOperatorPage(context, visit, {
    title: consoleName(console, locale),
    job: 'consoles',
    console,
    trail: [{ href: '/operator/consoles', label: t.title }],
    actions: mayChange ? (
      <LinkButton href={`${path}/edit`} kind="secondary">
        {t.edit}
      </LinkButton>
    ) : undefined,
    children: (
      <>
        {said === undefined ? null : (
          <Notice tone="success" toneLabel={WORDS[locale].done} live>
            <Text>{said}</Text>
          </Notice>
        )}
        <Panel>
          <DefinitionList
            items={[
              { term: t.clientId, description: <Literal>{console.client_id}</Literal> },
              {
                term: t.checked,
                description: (
                  <>
                    <CheckChip check={check} locale={locale} /> {check ? japanTime(check.at, locale) : null}
                  </>
                ),
                action: <TextLink href={`${path}/check`}>{check ? t.checkPage : t.check}</TextLink>,
              },
              ...(includesRole(visit.operator.role, 'support')
                ? [{ term: t.testTitle, description: <TextLink href={`${path}/test`}>{t.test}</TextLink> }]
                : []),
              {
                term: t.domainsTerm,
                description: <TextLink href={`${path}/domains`}>{t.domainsOpen}</TextLink>,
              },
              {
                term: t.moveTerm,
                description: <TextLink href={movePath(console)}>{t.move}</TextLink>,
              },
              ...(mayChange
                ? [
                    {
                      term: t.directories.title,
                      description: <TextLink href={`${path}/directories`}>{t.directories.open}</TextLink>,
                    },
                  ]
                : []),
              { term: t.legacyPasswords, description: t.legacyPasswordValues[console.legacy_passwords] },
              ...(lastChange
                ? [
                    {
                      term: t.lastChange,
                      description: t.by(
                        japanTime(lastChange.at, locale),
                        actorWords(lastChange.actor, view.actors, locale),
                      ),
                    },
                  ]
                : []),
            ]}
          />
        </Panel>
        <SecretsPanel {...view} visit={visit} mayChange={mayChange} />
        <SettingsPanels settings={settingsOf(console)} locale={locale} />
      </>
    ),
  });
}

function SecretsPanel({
  console,
  secrets,
  visit,
  mayChange,
}: ConsoleView & { visit: Visit; mayChange: boolean }) {
  const { locale } = visit.shell;
  const t = texts[locale];
  const path = consolePath(console);
  const isTwo = secrets.length > 1;
  return (
    <Panel
      title={t.secrets}
      action={mayChange && !isTwo ? <TextLink href={`${path}/secret`}>{t.makeSecret}</TextLink> : undefined}
    >
      <Text quiet>{t.secretsLead}</Text>
      <DefinitionList
        items={secrets.map((secret, at) => ({
          term: secretName(at, secrets.length, locale),
          description: <SecretFacts secret={secret} locale={locale} />,
          ...(mayChange && isTwo
            ? {
                action: (
                  <TextLink href={withQuery(`${path}/end-secret`, { secret: secret.id })}>
                    {t.endSecret}
                  </TextLink>
                ),
              }
            : {}),
        }))}
      />
    </Panel>
  );
}

/** What a secret is called among those of its console. */
export function secretName(at: number, count: number, locale: Visit['shell']['locale']): string {
  const t = texts[locale];
  if (count === 1) return t.secretOne;
  return at === 0 ? t.secretOlder : t.secretNewer;
}

/** When a secret was made and used. */
export function SecretFacts({ secret, locale }: { secret: ConsoleSecret; locale: Visit['shell']['locale'] }) {
  const t = texts[locale];
  return (
    <DefinitionList
      compact
      items={[
        { term: t.madeAt, description: japanTime(secret.madeAt, locale) },
        {
          term: t.lastUsed,
          description: secret.lastUsedAt ? japanTime(secret.lastUsedAt, locale) : t.neverUsed,
        },
      ]}
    />
  );
}
