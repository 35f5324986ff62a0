import { contrastWithWhite } from '#support/primitives/contrast.ts';
import { outboundRefusal } from '#support/primitives/outbound.ts';
import { isConsoleScope } from './scopes.ts';
import type { ConsoleSettings, SettingName } from './settings.ts';

export type FaultCode =
  | 'client-id-malformed'
  | 'missing'
  | 'too-long'
  | 'control-character'
  | 'too-many'
  | 'twice'
  | 'address-malformed'
  | 'address-not-https'
  | 'address-fragment'
  | 'address-wildcard'
  | 'address-internal'
  | 'address-elsewhere'
  | 'domain-malformed'
  | 'colour-malformed'
  | 'colour-contrast'
  | 'minutes-malformed'
  | 'absolute-below-idle'
  | 'scope-unknown';

/** What is wrong with one value; `value` is the text that is meant, where there are several. */
export type SettingFault = { field: SettingName | 'clientId'; code: FaultCode; value: string };

const LONGEST_NAME = 100;
const LONGEST_CONTACT = 500;
const LONGEST_ADDRESS = 2_000;
const MOST_ADDRESSES = 20;
const MOST_DOMAINS = 50;
/** A year, in minutes. */
const LONGEST_SESSION = 365 * 24 * 60;
/** Least contrast of text (WCAG 2.2 AA): buttons in the key colour carry white text. */
const TEXT_CONTRAST = 4.5;

export function isClientId(text: string): boolean {
  return /^[a-z0-9][a-z0-9-]{0,39}$/.test(text);
}

/**
 * Everything that is wrong with what is to be registered; an empty list when it can be. Addresses where people are sent lie on the origin of the home page or on one of the
 * console's domains, so that nobody can be led elsewhere with a code (RFC 9700 §4.1); https, but for hosts that the installation names as internal.
 */
export function faultsOf(
  settings: ConsoleSettings,
  allowedInternalHosts: readonly string[],
): readonly SettingFault[] {
  const faults: SettingFault[] = [];
  const fault = (field: SettingName, code: FaultCode, value = ''): void =>
    void faults.push({ field, code, value });

  for (const field of ['nameJa', 'nameEn'] as const) text(field, LONGEST_NAME, true);
  for (const field of ['supportContactJa', 'supportContactEn'] as const) text(field, LONGEST_CONTACT, false);

  if (settings.homeUrl === '') fault('homeUrl', 'missing');
  else address('homeUrl', settings.homeUrl);
  if (settings.redirectUris.length === 0) fault('redirectUris', 'missing');
  for (const field of ['redirectUris', 'postLogoutRedirectUris'] as const) {
    several(field, MOST_ADDRESSES);
    for (const value of settings[field]) address(field, value, 'own');
  }
  for (const [field, where] of [
    ['initiateLoginUri', 'own'],
    ['legacyLoginUrl', 'any'],
    ['checkUrl', 'own'],
    ['backchannelLogoutUri', 'called'],
    ['eventUri', 'called'],
  ] as const) {
    const value = settings[field];
    if (value !== null) address(field, value, where);
  }

  if (settings.checkUserId !== null) text('checkUserId', LONGEST_NAME, true);
  several('domains', MOST_DOMAINS);
  for (const domain of settings.domains)
    if (!isHostName(domain)) fault('domains', 'domain-malformed', domain);

  const colour = settings.keyColour;
  if (colour !== null && !/^#[0-9a-f]{6}$/.test(colour)) fault('keyColour', 'colour-malformed', colour);
  else if (colour !== null && contrastWithWhite(colour) < TEXT_CONTRAST)
    fault('keyColour', 'colour-contrast', contrastWithWhite(colour).toFixed(1));

  for (const field of ['sessionIdleMinutes', 'sessionAbsoluteMinutes', 'signInMaxAgeMinutes'] as const) {
    const minutes = settings[field];
    if (minutes !== null && !(Number.isInteger(minutes) && minutes >= 1 && minutes <= LONGEST_SESSION))
      fault(field, 'minutes-malformed');
  }
  const { sessionIdleMinutes: idle, sessionAbsoluteMinutes: absolute } = settings;
  if (idle !== null && absolute !== null && absolute < idle)
    fault('sessionAbsoluteMinutes', 'absolute-below-idle');
  for (const scope of settings.apiScopes)
    if (!isConsoleScope(scope)) fault('apiScopes', 'scope-unknown', scope);
  return faults;

  function text(
    field: 'nameJa' | 'nameEn' | 'supportContactJa' | 'supportContactEn' | 'checkUserId',
    longest: number,
    needed: boolean,
  ) {
    const value = settings[field] ?? '';
    if (needed && value.trim() === '') fault(field, 'missing');
    if ([...value].length > longest) fault(field, 'too-long', String(longest));
    if (/\p{Cc}/u.test(value)) fault(field, 'control-character');
  }

  function several(field: 'redirectUris' | 'postLogoutRedirectUris' | 'domains', most: number): void {
    const values = settings[field];
    if (values.length > most) fault(field, 'too-many', String(most));
    const double = values.find((value, at) => values.indexOf(value) !== at);
    if (double !== undefined) fault(field, 'twice', double);
  }

  /** `own`: a person is sent there with what is theirs; `called`: this server itself calls it. */
  function address(field: SettingName, value: string, where: 'own' | 'any' | 'called' = 'any'): void {
    const code = addressFault(value, where);
    if (code) fault(field, code, value);
  }

  function addressFault(value: string, where: 'own' | 'any' | 'called'): FaultCode | undefined {
    if (value.length > LONGEST_ADDRESS) return 'too-long';
    if (value.includes('*')) return 'address-wildcard';
    const url = URL.canParse(value) ? new URL(value) : undefined;
    if (!url || /[\s\\\p{Cc}]/u.test(value) || !/^https?:\/\/[^/]/i.test(value)) return 'address-malformed';
    if (value.includes('#')) return 'address-fragment';
    if (url.username !== '' || url.password !== '') return 'address-malformed';
    if (url.protocol !== 'https:' && !isLocal(url)) return 'address-not-https';
    if (where === 'called' && outboundRefusal(value, allowedInternalHosts)) return 'address-internal';
    return where === 'own' && !isOwn(url) ? 'address-elsewhere' : undefined;
  }

  /** The machine itself, or a host that the installation names. */
  function isLocal({ hostname }: URL): boolean {
    return (
      /(^|\.)localhost\.?$/.test(hostname) || allowedInternalHosts.includes(hostname.replace(/^\[|\]$/g, ''))
    );
  }

  function isOwn(url: URL): boolean {
    const home = URL.canParse(settings.homeUrl) ? new URL(settings.homeUrl) : undefined;
    return url.origin === home?.origin || settings.domains.includes(url.hostname);
  }
}

/** A host name as it stands in a URL: IDN as A-labels, no port, at least two labels or localhost. */
function isHostName(text: string): boolean {
  return (
    text.length <= 253 &&
    URL.canParse(`https://${text}/`) &&
    new URL(`https://${text}/`).host === text &&
    (/^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$/.test(text) || text === 'localhost')
  );
}
