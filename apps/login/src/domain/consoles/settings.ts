import type { ConsoleRow } from '#support/db/schema.ts';
import { CONSOLE_SCOPES, isConsoleScope } from './scopes.ts';

/** All that an operator registers of a console (R19) and may change later; addresses are absolute URLs, compared exactly as registered. */
export type ConsoleSettings = {
  nameJa: string;
  nameEn: string;
  homeUrl: string;
  /** Starts a sign-in (OpenID Connect Core §4). */
  initiateLoginUri: string | null;
  redirectUris: readonly string[];
  postLogoutRedirectUris: readonly string[];
  backchannelLogoutUri: string | null;
  /** Where the console takes security event tokens (R24). */
  eventUri: string | null;
  /** The page of the console's earlier login. */
  legacyLoginUrl: string | null;
  /** Host names of the console beside the one of its home page (R22). */
  domains: readonly string[];
  idTokenAlg: 'RS256' | 'ES256';
  /** Off only for a console that cannot do PKCE (RFC 7636). */
  requirePkce: boolean;
  /** #rrggbb; null: the brand of the unified login. */
  keyColour: string | null;
  /** Whom the console's people ask; one sentence each, empty where there is none. */
  supportContactJa: string;
  supportContactEn: string;
  /** The console's own time-outs in minutes, for the support desk; the login server acts on them only where it keeps the sessions itself, behind nginx (R10). */
  sessionIdleMinutes: number | null;
  sessionAbsoluteMinutes: number | null;
  /** A sign-in that is older than so many minutes is asked for once more when somebody enters this console. */
  signInMaxAgeMinutes: number | null;
  /** A page that only people who are signed in see; null: the page where a sign-in ends. For the readiness check, as is the next. */
  checkUrl: string | null;
  /** The console's own user id of its test user; null: 'hitokagi-check'. */
  checkUserId: string | null;
  /** Names of `CONSOLE_SCOPES`: what its client id and secret may ask beside signing people in; empty: nothing. */
  apiScopes: readonly string[];
};

export type SettingName = keyof ConsoleSettings;

/** What a console has that is registered with its names alone. */
export const PLAIN_SETTINGS: ConsoleSettings = {
  nameJa: '',
  nameEn: '',
  homeUrl: '',
  initiateLoginUri: null,
  redirectUris: [],
  postLogoutRedirectUris: [],
  backchannelLogoutUri: null,
  eventUri: null,
  legacyLoginUrl: null,
  domains: [],
  idTokenAlg: 'RS256',
  requirePkce: true,
  keyColour: null,
  supportContactJa: '',
  supportContactEn: '',
  sessionIdleMinutes: null,
  sessionAbsoluteMinutes: null,
  signInMaxAgeMinutes: null,
  checkUrl: null,
  checkUserId: null,
  apiScopes: CONSOLE_SCOPES,
};

export const SETTING_NAMES = Object.keys(PLAIN_SETTINGS) as readonly SettingName[];

/** What is registered of a console. */
export function settingsOf(row: ConsoleRow): ConsoleSettings {
  return {
    nameJa: row.name_ja,
    nameEn: row.name_en,
    homeUrl: row.home_url,
    initiateLoginUri: row.initiate_login_uri,
    redirectUris: row.redirect_uris,
    postLogoutRedirectUris: row.post_logout_redirect_uris,
    backchannelLogoutUri: row.backchannel_logout_uri,
    eventUri: row.event_uri,
    legacyLoginUrl: row.legacy_login_url,
    domains: row.domains,
    idTokenAlg: row.id_token_alg,
    requirePkce: row.require_pkce,
    keyColour: row.key_colour,
    supportContactJa: row.support_contact_ja,
    supportContactEn: row.support_contact_en,
    sessionIdleMinutes: row.session_idle_minutes,
    sessionAbsoluteMinutes: row.session_absolute_minutes,
    signInMaxAgeMinutes: row.sign_in_max_age_minutes,
    checkUrl: row.check_url,
    checkUserId: row.check_user_id,
    apiScopes: inOrder(row.api_scopes),
  };
}

/** The columns that hold the settings. */
export function columnsOf(settings: ConsoleSettings) {
  return {
    name_ja: settings.nameJa,
    name_en: settings.nameEn,
    home_url: settings.homeUrl,
    initiate_login_uri: settings.initiateLoginUri,
    redirect_uris: [...settings.redirectUris],
    post_logout_redirect_uris: [...settings.postLogoutRedirectUris],
    backchannel_logout_uri: settings.backchannelLogoutUri,
    event_uri: settings.eventUri,
    legacy_login_url: settings.legacyLoginUrl,
    domains: [...settings.domains],
    id_token_alg: settings.idTokenAlg,
    require_pkce: settings.requirePkce,
    key_colour: settings.keyColour,
    support_contact_ja: settings.supportContactJa,
    support_contact_en: settings.supportContactEn,
    session_idle_minutes: settings.sessionIdleMinutes,
    session_absolute_minutes: settings.sessionAbsoluteMinutes,
    sign_in_max_age_minutes: settings.signInMaxAgeMinutes,
    check_url: settings.checkUrl,
    check_user_id: settings.checkUserId,
    api_scopes: inOrder(settings.apiScopes),
  };
}

/** In the order of the list, so that the same scopes are the same value; what is none of them comes last, and is refused. */
function inOrder(scopes: readonly string[]): string[] {
  const known = CONSOLE_SCOPES.filter((one) => scopes.includes(one));
  return [...known, ...scopes.filter((one) => !isConsoleScope(one))];
}

/** The settings in which two differ. */
export function differences(one: ConsoleSettings, other: ConsoleSettings): readonly SettingName[] {
  const value = (of: ConsoleSettings, name: SettingName): string =>
    JSON.stringify(name === 'apiScopes' ? inOrder(of.apiScopes) : of[name]);
  return SETTING_NAMES.filter((name) => value(one, name) !== value(other, name));
}
