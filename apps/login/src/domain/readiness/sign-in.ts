import { consoleEntrance } from '#domain/consoles/consoles.ts';
import { fault, noAnswer, notChecked, pass, type Finding } from '#domain/consoles/findings.ts';
import { whatWasGiven } from './altered-answer.ts';
import type { CheckBrowser, Place } from './check-browser.ts';
import { isAtLoginServer, newBrowser, type CheckRun } from './run.ts';

/** How one sees in a browser whether somebody is signed in. */
export type Telling = { url: string; isIn(place: Place): boolean };

export type FirstSignIn = { browser: CheckBrowser; telling: Telling; landing: Place };

/** Where a sign-in ended. */
export type SignedIn = {
  /** The request to the login server; undefined when the console never came to it. */
  request: string | undefined;
  /** The answer to the console; undefined when the login server gave none. */
  callback: string | undefined;
  place: Place;
};

/** Signs in as a person would who has an SSO session, from the entrance on; the console must not ask the login server again afterwards. */
export async function signIn(
  run: CheckRun,
  browser: CheckBrowser,
  options: {
    entrance?: string;
    /** What becomes of the answer on its way. */
    alter?(callback: URL): void;
    /** Where the answer arrives, if not where the sign-in began. */
    arrivesIn?: CheckBrowser;
  } = {},
): Promise<SignedIn> {
  const atLoginServer = (url: string): boolean => isAtLoginServer(run, url);
  const entrance = options.entrance ?? consoleEntrance(run.console, run.tools.issuer);
  const begun = await browser.go(entrance, { stopAt: atLoginServer });
  if (begun.at !== 'stopped') return { request: undefined, callback: undefined, place: begun };
  const answered = await browser.go(begun.url, { stopAt: (url) => isAnswer(run, url) });
  if (answered.at !== 'stopped') return { request: begun.url, callback: undefined, place: answered };
  const callback = new URL(answered.url);
  options.alter?.(callback);
  const place = await (options.arrivesIn ?? browser).go(callback.href, { stopAt: atLoginServer });
  return { request: begun.url, callback: callback.href, place };
}

/** The sign-in on which all else rests: it must work, and one must be able to see that it did. */
export async function firstSignIn(
  run: CheckRun,
): Promise<{ findings: readonly Finding[]; done?: FirstSignIn }> {
  const browser = newBrowser(run);
  const { request, callback, place } = await signIn(run, browser);
  const stop = (finding: Finding) => ({ findings: [finding] });
  if (place.at === 'nowhere') return stop(noAnswer('sign-in', withoutQuery(place.url), place.failure));
  if (place.at === 'elsewhere') return stop(fault('sign-in', 'leads-elsewhere', entranceOf(run), place.url));
  if (place.at === 'login-server') return stop(notAnswered(request ?? place.url, place.status));
  if (place.at === 'circle' || place.at === 'stopped')
    return stop(fault('sign-in', 'redirect-circle', withoutQuery(callback ?? place.url)));
  const { url, page } = place;
  if (callback === undefined)
    return stop(fault('sign-in', 'leads-nowhere', entranceOf(run), String(page.status)));
  const { redeemed } = await whatWasGiven(run.tools.db, run.account.id);
  const address = withoutQuery(callback);
  const status = String(page.status);
  if (!redeemed) return stop(fault('sign-in', 'code-not-redeemed', address, status));
  if (page.status >= 500) return stop(fault('sign-in', 'answers-error', withoutQuery(url), status));
  // Whoever has no user there must be refused, and there is nothing wrong with that.
  if (page.status >= 400)
    return stop(notChecked('sign-in', 'test-user-unknown', run.account.consoleUserId, status));
  const telling = await howToTell(run, run.console.check_url ?? url);
  const looked = run.console.check_url === null ? place : await lookAt(run, browser, telling);
  if (telling.isIn(looked))
    return {
      findings: [pass('sign-in', withoutQuery(telling.url))],
      done: { browser, telling, landing: place },
    };
  const hasCookie = browser.jar.of(url).length > 0;
  return stop(
    run.console.check_url === null && hasCookie
      ? notChecked('sign-in', 'page-says-nothing', withoutQuery(url))
      : fault('sign-in', 'sign-in-failed', withoutQuery(telling.url), status),
  );
}

/** Looks at the page that tells whether somebody is signed in; never signs in again by it. */
export function lookAt(run: CheckRun, browser: CheckBrowser, telling: Telling): Promise<Place> {
  return browser.go(telling.url, { stopAt: (url) => isAtLoginServer(run, url) });
}

export async function isSignedIn(run: CheckRun, browser: CheckBrowser, telling: Telling): Promise<boolean> {
  return telling.isIn(await lookAt(run, browser, telling));
}

/** A page that strangers do not get says it by being there; one that they get too, by naming the test user. */
async function howToTell(run: CheckRun, url: string): Promise<Telling> {
  const strangers = await newBrowser(run).go(url, { stopAt: (one) => isAtLoginServer(run, one) });
  const isOpen = isPageAt(strangers, url);
  const { emailAddress, consoleUserId } = run.account;
  return {
    url,
    isIn(place) {
      if (!isPageAt(place, url)) return false;
      return (
        !isOpen ||
        (place.at === 'console' &&
          [emailAddress, consoleUserId].some((words) => place.page.body.includes(words)))
      );
    },
  };
}

function isPageAt(place: Place, url: string): boolean {
  return (
    place.at === 'console' &&
    place.page.status >= 200 &&
    place.page.status < 300 &&
    new URL(place.url).pathname === new URL(url).pathname
  );
}

/** The login server showed a page in place of an answer. */
function notAnswered(request: string, status: number): Finding {
  const asked = new URL(request).searchParams;
  if (status >= 400) return fault('sign-in', 'request-refused', withoutQuery(request), String(status));
  return asked.get('response_mode') === 'form_post'
    ? notChecked('sign-in', 'answer-by-form')
    : notChecked('sign-in', 'always-asks', '', asked.get('prompt') ?? '');
}

function isAnswer({ console }: CheckRun, url: string): boolean {
  const { searchParams } = new URL(url);
  return (
    (searchParams.has('code') || searchParams.has('error')) &&
    console.redirect_uris.some((one) => withoutQuery(one) === withoutQuery(url))
  );
}

function entranceOf({ console }: CheckRun): string {
  return console.initiate_login_uri ?? console.home_url;
}

/** Codes and hints stay out of what is kept. */
export function withoutQuery(url: string): string {
  const { origin, pathname } = new URL(url);
  return origin + pathname;
}
