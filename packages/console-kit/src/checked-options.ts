import { HOUR, MINUTE, SECOND } from './durations.ts';
import { memoryEndedSessionsStore } from './stores/memory-stores.ts';
import type { ConsoleKitOptions, EndedSessionsStore } from './options.ts';

const SHORTEST_COOKIE_KEY = 32;
const TIMEOUT = 3 * SECOND;
const PLAN_INTERVAL = 5 * SECOND;
const LEGACY_SIGN_IN_INTERVAL = 10 * SECOND;
const ENDED_SESSIONS_INTERVAL = 1 * MINUTE;
const LOGIN_ID_INTERVAL = 5 * SECOND;
const REGISTRATION_INTERVAL = 5 * SECOND;
const LOGIN_ID_COMPARE_INTERVAL = 24 * HOUR;
const PLAN_WAIT_SECONDS = 20;
const LONGEST_PLAN_WAIT_SECONDS = 25;

/** The kit's options after checking: addresses as URLs, defaults filled in. */
export type CheckedOptions = ConsoleKitOptions & {
  issuerUrl: URL;
  consoleOrigin: string;
  redirectUri: string;
  /** Plain HTTP to the login server: only on this machine, for development. */
  insecure: boolean;
  idTokenAlgorithm: 'ES256' | 'RS256';
  timeoutMilliseconds: number;
  planIntervalMilliseconds: number;
  legacySignInIntervalMilliseconds: number;
  endedSessions: EndedSessionsStore;
  registrationIntervalMilliseconds: number;
  endedSessionsIntervalMilliseconds: number;
  loginIdIntervalMilliseconds: number;
  loginIdCompareIntervalMilliseconds: number;
  planWaitSeconds: number;
};

/** Checks what cannot be put right later; throws an Error that says which option is wrong and how it should look. */
export function checkedOptions(options: ConsoleKitOptions): CheckedOptions {
  const issuerUrl = urlOption('issuer', options.issuer);
  const insecure = issuerUrl.protocol === 'http:';
  if (insecure && !isLoopback(issuerUrl.hostname)) {
    throw wrong('issuer', 'must be https; http is for loopback hosts in development only');
  }
  if (issuerUrl.search !== '' || issuerUrl.hash !== '') throw wrong('issuer', 'has no query and no fragment');
  const consoleUrl = urlOption('consoleUrl', options.consoleUrl);
  if (
    consoleUrl.pathname !== '/' ||
    consoleUrl.search !== '' ||
    consoleUrl.hash !== '' ||
    consoleUrl.username !== ''
  ) {
    throw wrong('consoleUrl', 'is an origin such as https://console.example.co.jp, without a path');
  }
  if (options.clientId === '') throw wrong('clientId', 'is empty');
  if (options.clientSecret === '') throw wrong('clientSecret', 'is empty');
  if (options.cookieKey.length < SHORTEST_COOKIE_KEY) {
    throw wrong('cookieKey', `needs at least ${SHORTEST_COOKIE_KEY} characters`);
  }
  const { idTokenAlgorithm = 'ES256' } = options;
  if (!['ES256', 'RS256'].includes(idTokenAlgorithm)) throw wrong('idTokenAlgorithm', 'is ES256 or RS256');
  const timeoutMilliseconds = options.timeoutMilliseconds ?? TIMEOUT;
  if (!(timeoutMilliseconds > 0)) throw wrong('timeoutMilliseconds', 'must be more than 0');
  const planIntervalMilliseconds = options.planIntervalMilliseconds ?? PLAN_INTERVAL;
  if (!(planIntervalMilliseconds > 0)) throw wrong('planIntervalMilliseconds', 'must be more than 0');
  const legacySignInIntervalMilliseconds =
    options.legacySignInIntervalMilliseconds ?? LEGACY_SIGN_IN_INTERVAL;
  if (!(legacySignInIntervalMilliseconds > 0))
    throw wrong('legacySignInIntervalMilliseconds', 'must be more than 0');
  const registrationIntervalMilliseconds = options.registrationIntervalMilliseconds ?? REGISTRATION_INTERVAL;
  if (!(registrationIntervalMilliseconds > 0))
    throw wrong('registrationIntervalMilliseconds', 'must be more than 0');
  const endedSessionsIntervalMilliseconds =
    options.endedSessionsIntervalMilliseconds ?? ENDED_SESSIONS_INTERVAL;
  if (!(endedSessionsIntervalMilliseconds >= 0))
    throw wrong('endedSessionsIntervalMilliseconds', 'must be 0 or more');
  const loginIdIntervalMilliseconds = options.loginIdIntervalMilliseconds ?? LOGIN_ID_INTERVAL;
  if (!(loginIdIntervalMilliseconds > 0)) throw wrong('loginIdIntervalMilliseconds', 'must be more than 0');
  const loginIdCompareIntervalMilliseconds =
    options.loginIdCompareIntervalMilliseconds ?? LOGIN_ID_COMPARE_INTERVAL;
  if (!(loginIdCompareIntervalMilliseconds >= 0))
    throw wrong('loginIdCompareIntervalMilliseconds', 'must not be less than 0');
  const planWaitSeconds = options.planWaitSeconds ?? PLAN_WAIT_SECONDS;
  if (
    !Number.isInteger(planWaitSeconds) ||
    planWaitSeconds < 0 ||
    planWaitSeconds > LONGEST_PLAN_WAIT_SECONDS
  ) {
    throw wrong('planWaitSeconds', `is a whole number from 0 to ${LONGEST_PLAN_WAIT_SECONDS}`);
  }
  return {
    ...options,
    issuerUrl,
    insecure,
    idTokenAlgorithm,
    consoleOrigin: consoleUrl.origin,
    redirectUri: `${consoleUrl.origin}/auth/callback`,
    timeoutMilliseconds,
    planIntervalMilliseconds,
    legacySignInIntervalMilliseconds,
    registrationIntervalMilliseconds,
    endedSessions: options.endedSessions ?? memoryEndedSessionsStore(),
    endedSessionsIntervalMilliseconds,
    loginIdIntervalMilliseconds,
    loginIdCompareIntervalMilliseconds,
    planWaitSeconds,
  };
}

/** An address of the login server below its issuer, such as `/reset`. */
export function belowIssuer(options: CheckedOptions, path: string): URL {
  return new URL(options.issuerUrl.href.replace(/\/$/u, '') + path);
}

function urlOption(name: string, value: string): URL {
  const url = URL.parse(value);
  if (url === null || !['http:', 'https:'].includes(url.protocol))
    throw wrong(name, 'must be an http or https URL');
  return url;
}

function isLoopback(hostname: string): boolean {
  return (
    hostname === 'localhost' ||
    hostname.endsWith('.localhost') ||
    hostname === '[::1]' ||
    /^127\.\d+\.\d+\.\d+$/u.test(hostname)
  );
}

function wrong(option: string, sentence: string): Error {
  return new Error(`console-kit: option ${option} ${sentence}`);
}
