import { DefinitionList, Literal, Panel } from '@hitokagi/design-system';
import type { ComponentChildren } from 'preact';
import { CONSOLE_SCOPES } from '#domain/consoles/scopes.ts';
import type { ConsoleSettings, SettingName } from '#domain/consoles/settings.ts';
import type { Locale } from '#support/primitives/locale.ts';
import { grouped } from '../words.ts';
import { texts } from './text.ts';

/** What is registered, in the order in which it is asked for. */
export const GROUPS = {
  names: ['nameJa', 'nameEn', 'keyColour'],
  addresses: [
    'homeUrl',
    'initiateLoginUri',
    'redirectUris',
    'postLogoutRedirectUris',
    'backchannelLogoutUri',
    'eventUri',
    'legacyLoginUrl',
    'domains',
  ],
  protocol: ['idTokenAlg', 'requirePkce'],
  sessions: ['signInMaxAgeMinutes', 'sessionIdleMinutes', 'sessionAbsoluteMinutes'],
  check: ['checkUrl', 'checkUserId'],
  support: ['supportContactJa', 'supportContactEn'],
  api: ['apiScopes'],
} as const satisfies Readonly<Record<string, readonly SettingName[]>>;
export const GROUP_NAMES = Object.keys(GROUPS) as (keyof typeof GROUPS)[];

/** All settings, a panel a group. */
export function SettingsPanels({ settings, locale }: { settings: ConsoleSettings; locale: Locale }) {
  const t = texts[locale];
  return (
    <>
      {GROUP_NAMES.map((group) => (
        <Panel key={group} title={t.groups[group]} level={3}>
          <DefinitionList
            items={GROUPS[group].map((name) => ({
              term: t.settings[name],
              description: valueOf(settings, name, locale),
            }))}
          />
        </Panel>
      ))}
    </>
  );
}

/** One setting as people read it. */
export function valueOf(settings: ConsoleSettings, name: SettingName, locale: Locale): ComponentChildren {
  const t = texts[locale];
  const value = settings[name];
  if (value === null || value === '') return t.notSet;
  if (typeof value === 'boolean') return value ? t.yes : t.no;
  if (typeof value === 'number') return t.minutes(grouped(value));
  if (name === 'apiScopes') {
    const scopes = CONSOLE_SCOPES.filter((one) => settings.apiScopes.includes(one));
    if (scopes.length === 0) return t.noScopes;
    return scopes.map((one) => (
      <div key={one}>
        <Literal>{one}</Literal> {t.scopes[one]}
      </div>
    ));
  }
  if (typeof value === 'object') {
    if (value.length === 0) return t.notSet;
    return value.map((one) => (
      <div key={one}>
        <Literal>{one}</Literal>
      </div>
    ));
  }
  return /^(name|support)/.test(name) ? value : <Literal>{value}</Literal>;
}
