import type { FastifyRequest } from 'fastify';
import {
  PLAIN_SETTINGS,
  SETTING_NAMES,
  type ConsoleSettings,
  type SettingName,
} from '#domain/consoles/settings.ts';

export type FieldName = SettingName | 'clientId';
const FIELDS: readonly FieldName[] = ['clientId', ...SETTING_NAMES];

/** A form as it was typed; addresses and domains one a line. */
export type Given = Record<FieldName, string>;

/** What was typed, whatever it is; without characters that cannot be stored. */
export function givenIn(request: FastifyRequest): Given {
  const body = (request.body ?? {}) as Record<string, unknown>;
  return given((name) => {
    const value = body[name];
    // Boxes that were ticked come one by one.
    if (Array.isArray(value))
      return value
        .filter((one) => typeof one === 'string')
        .join('\n')
        .replaceAll('\0', '');
    return typeof value === 'string' ? value.replaceAll('\0', '').replaceAll('\r\n', '\n') : '';
  });
}

/** What the form began with, as it was sent along; undefined when it is none of ours. */
export function baseIn(text: string): Given | undefined {
  try {
    const values = JSON.parse(text) as Record<string, unknown>;
    return given((name) => (typeof values[name] === 'string' ? values[name] : ''));
  } catch {
    return undefined;
  }
}

/** The values as a form sends them along. */
export function hiddenValues(form: Given): { name: string; value: string }[] {
  return FIELDS.map((name) => ({ name, value: form[name] }));
}

/** The form of a console that is to be registered. */
export function emptyForm(): Given {
  return formOf('', { ...PLAIN_SETTINGS, idTokenAlg: 'ES256' });
}

/** The form with what is registered. */
export function formOf(clientId: string, settings: ConsoleSettings): Given {
  return given((name) => {
    if (name === 'clientId') return clientId;
    const value = settings[name];
    if (value === null) return '';
    if (typeof value === 'boolean') return value ? 'yes' : '';
    return typeof value === 'object' ? value.join('\n') : String(value);
  });
}

/** What a form asks for; the domain says what is wrong with it. */
export function settingsIn(form: Given): ConsoleSettings {
  const text = (name: FieldName): string => form[name].trim();
  const orNull = (name: FieldName): string | null => (text(name) === '' ? null : text(name));
  const lines = (name: FieldName): string[] =>
    form[name]
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '');
  const minutes = (name: FieldName): number | null => {
    const typed = text(name).normalize('NFKC');
    if (typed === '') return null;
    // What is no number is a length that no rule takes.
    return /^\d{1,9}$/.test(typed) ? Number(typed) : 0;
  };
  return {
    nameJa: text('nameJa'),
    nameEn: text('nameEn'),
    homeUrl: text('homeUrl'),
    initiateLoginUri: orNull('initiateLoginUri'),
    redirectUris: lines('redirectUris'),
    postLogoutRedirectUris: lines('postLogoutRedirectUris'),
    backchannelLogoutUri: orNull('backchannelLogoutUri'),
    eventUri: orNull('eventUri'),
    legacyLoginUrl: orNull('legacyLoginUrl'),
    domains: lines('domains'),
    idTokenAlg: form.idTokenAlg === 'RS256' ? 'RS256' : 'ES256',
    requirePkce: form.requirePkce !== '',
    keyColour: orNull('keyColour')?.toLowerCase() ?? null,
    supportContactJa: text('supportContactJa'),
    supportContactEn: text('supportContactEn'),
    sessionIdleMinutes: minutes('sessionIdleMinutes'),
    sessionAbsoluteMinutes: minutes('sessionAbsoluteMinutes'),
    signInMaxAgeMinutes: minutes('signInMaxAgeMinutes'),
    checkUrl: orNull('checkUrl'),
    checkUserId: orNull('checkUserId'),
    apiScopes: lines('apiScopes'),
  };
}

/**
 * Brings together what an operator typed and what another one changed meanwhile: what was typed stays, what was not touched follows.
 * @param base what the form began with
 * @param current what is registered now
 */
export function merged(typed: Given, base: Given, current: Given): Given {
  return given((name) => (typed[name].trim() === base[name].trim() ? current[name] : typed[name]));
}

/** The settings that differ between two forms. */
export function differing(one: Given, other: Given): readonly SettingName[] {
  return SETTING_NAMES.filter((name) => one[name].trim() !== other[name].trim());
}

function given(valueOf: (name: FieldName) => string): Given {
  return Object.fromEntries(FIELDS.map((name) => [name, valueOf(name)])) as Given;
}
