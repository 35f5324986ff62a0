import { Chip, DefinitionList, LinkButton, Literal, Notice, Panel, Text } from '@hitokagi/design-system';
import type { StoredSettings } from '#domain/settings/change.ts';
import { SETTING_NAMES } from '#domain/settings/names.ts';
import { SETTING_GROUPS, settingOf, type SettingKey } from '#domain/settings/table.ts';
import { japanTime } from '#support/primitives/japan-time.ts';
import type { Locale } from '#support/primitives/locale.ts';
import type { WebContext } from '#web/http/context.ts';
import { actorWords } from '../actor.ts';
import { renderOperatorPage } from '../shell.tsx';
import type { Visit } from '../visit.ts';
import { WORDS } from '../words.ts';
import { keysOf } from './keys-of.ts';
import { texts } from './text.ts';
import { valueWords } from './value-words.ts';

export type ListView = {
  stored: StoredSettings;
  actors: ReadonlyMap<string, string>;
  mayChange: boolean;
  /** What was saved a moment ago: a group, or nothing. */
  saved: string | undefined;
};

/** All settings by group, each with its value and whether it is the default. */
export function listPage(context: WebContext, visit: Visit, view: ListView): Promise<string> {
  const { locale } = visit.shell;
  const t = texts[locale];
  const { stored, actors, mayChange, saved } = view;
  const { groups } = SETTING_NAMES[locale];
  return renderOperatorPage(context, visit, {
    title: t.title,
    job: 'settings',
    lead: t.lead,
    children: (
      <>
        {saved === undefined ? null : saved === 'nothing' ? (
          <Notice tone="info" toneLabel={WORDS[locale].info} title={t.unchangedTitle} live>
            <Text>{t.unchanged}</Text>
          </Notice>
        ) : (
          <Notice tone="success" toneLabel={WORDS[locale].done} title={t.savedTitle} live>
            <Text>{t.saved}</Text>
          </Notice>
        )}
        <Text quiet>
          {t.lastChange}:{' '}
          {stored.changedAt
            ? t.changedBy(
                japanTime(stored.changedAt, locale),
                actorWords(stored.changedBy ?? 'system', actors, locale),
              )
            : t.never}
        </Text>
        {SETTING_GROUPS.map((group) => (
          <Panel
            key={group}
            title={groups[group].name}
            id={group}
            action={
              mayChange ? (
                <LinkButton href={`/operator/settings/${group}`} kind="secondary" small>
                  {t.change(groups[group].name)}
                </LinkButton>
              ) : undefined
            }
          >
            <Text quiet>{groups[group].lead}</Text>
            <DefinitionList
              items={keysOf(group).map((key) => ({
                term: SETTING_NAMES[locale].settings[key].name,
                description: <Value settingKey={key} stored={stored} locale={locale} />,
              }))}
            />
          </Panel>
        ))}
      </>
    ),
  });
}

function Value({
  settingKey,
  stored,
  locale,
}: {
  settingKey: SettingKey;
  stored: StoredSettings;
  locale: Locale;
}) {
  const value = stored.values[settingKey];
  const words = valueWords(settingKey, value, locale);
  const { form } = settingOf(settingKey);
  const isOwn = value !== stored.defaults[settingKey];
  return (
    <>
      {form === 'colour' || form === 'address' ? (
        <Literal>{words}</Literal>
      ) : (
        words.split('\n').map((line, i) => (
          <>
            {i > 0 ? <br /> : null}
            {line}
          </>
        ))
      )}{' '}
      {isOwn ? (
        <Chip tone="info" shape="ring">
          {texts[locale].ownValue}
        </Chip>
      ) : null}
    </>
  );
}
