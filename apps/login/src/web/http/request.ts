import type { FastifyReply, FastifyRequest } from 'fastify';
import { brandAt } from '#domain/consoles/consoles.ts';
import { KNOWN_FOR } from '#domain/credentials/known-browsers.ts';
import type { Client } from '#domain/sign-in/client.ts';
import { SECOND } from '#support/primitives/durations.ts';
import { clientNetwork } from '#support/primitives/client-network.ts';
import type { ConsoleRow } from '#support/db/schema.ts';
import { localeFromAcceptLanguage, localeFromTags, type Locale } from '#support/primitives/locale.ts';
import { keyedHash, newSecret, secretHash } from '#support/primitives/secrets.ts';
import type { WebContext } from './context.ts';
import { isSplit, originAsked } from './hosts.ts';
import type { Shell } from './shell.tsx';

/** Who is calling, for limits and the audit log. */
export function clientOf(request: FastifyRequest): Client {
  return {
    ip: request.ip,
    network: clientNetwork(request.ip),
    requestId: request.id,
    userAgent: userAgentOf(request),
  };
}

/** Longer than what browsers send; a longer text tells a person nothing more. */
const LONGEST_USER_AGENT = 400;

/** What the browser calls itself, bounded and without control characters; null when it says nothing. */
export function userAgentOf(request: FastifyRequest): string | null {
  const text = (request.headers['user-agent'] ?? '').replace(/\p{C}+/gu, ' ').trim();
  if (text.length <= LONGEST_USER_AGENT) return text || null;
  return [...text].slice(0, LONGEST_USER_AGENT).join('');
}

/**
 * The language of a page (R8): what the person just chose on a page of ours, the console's request (`ui_locales`), the account's choice, the browser;
 * Japanese when nobody says anything.
 */
export function localeOf(
  request: FastifyRequest,
  wishes: { uiLocales?: string | null; account?: Locale | null } = {},
): Locale {
  return (
    localeFromTags(cookiesOf(request)?.[LANGUAGE_COOKIE]) ??
    localeFromTags(wishes.uiLocales) ??
    wishes.account ??
    localeFromAcceptLanguage(request.headers['accept-language']) ??
    'ja'
  );
}

/** A request that has no route, because its path is too long, has not had its cookies read. */
function cookiesOf(request: FastifyRequest): FastifyRequest['cookies'] | undefined {
  return request.cookies;
}

export const LANGUAGE_COOKIE = 'lang';

export function shellOf(context: WebContext, request: FastifyRequest, locale: Locale): Shell {
  return {
    brand: context.brand,
    passwordRules: context.passwordRules,
    locale,
    path: ownPath(request.method === 'GET' ? request.url : (request.url.split('?')[0] ?? '/')),
    requestId: request.id,
    ...(isSplit(context) ? hostsAround(context, request) : {}),
  };
}

function hostsAround(context: WebContext, request: FastifyRequest) {
  const { pagesUrl, issuer } = context;
  return {
    otherOrigin: originAsked(request, context) === issuer ? pagesUrl : issuer,
    ownHosts: [pagesUrl, issuer].map((origin) => new URL(origin).host),
  };
}

/** The same on the way to a console: in its colour, and with whom it has people ask. */
export function shellAt(
  context: WebContext,
  request: FastifyRequest,
  locale: Locale,
  console: ConsoleRow | undefined,
): Shell {
  const shell = shellOf(context, request, locale);
  return console ? { ...shell, brand: brandAt(shell.brand, console) } : shell;
}

/** A form field as text; absent, repeated and over-long values are empty. */
export function field(request: FastifyRequest, name: string, maximumLength = 1_000): string {
  const value = (request.body as Record<string, unknown> | undefined)?.[name];
  return typeof value === 'string' && value.length <= maximumLength ? value : '';
}

/** A password that is too long is refused for that reason, so its field is read as far as a body can reach. */
export const LONGEST_PASSWORD_FIELD = 64 * 1024;

/** A query parameter as text, or undefined when absent, repeated or over-long. */
export function query(request: FastifyRequest, name: string): string | undefined {
  const value = (request.query as Record<string, unknown>)[name];
  return typeof value === 'string' && value.length <= 2_000 ? value : undefined;
}

const BROWSER_COOKIE_LIFE = 24 * 60 * 60;

/** Hash of the secret that ties requests for codes to this browser; undefined when it has none yet. */
export function browserHash(context: WebContext, request: FastifyRequest): string | undefined {
  const secret = request.cookies[browserCookie(context)];
  return secret ? secretHash(secret) : undefined;
}

/** The same, giving the browser a secret if it has none. Only a POST may call this: opening a page changes nothing. */
export function ensureBrowserHash(context: WebContext, request: FastifyRequest, reply: FastifyReply): string {
  const secret = request.cookies[browserCookie(context)] ?? newSecret();
  reply.setCookie(browserCookie(context), secret, {
    path: '/',
    httpOnly: true,
    sameSite: 'lax',
    secure: context.secure,
    maxAge: BROWSER_COOKIE_LIFE,
  });
  return secretHash(secret);
}

function browserCookie(context: WebContext): string {
  return context.secure ? '__Host-browser' : 'browser';
}

/** A client that types a password, and how to keep its browser known: by the secret in its cookie its failures are counted apart from those of strangers (C3). */
export type TypingClient = Client & {
  /** Gives the browser its secret for another 90 days. Only after a proof: a refusal looks the same in every browser. */
  keep(reply: FastifyReply): void;
};

export function typingClientOf(context: WebContext, request: FastifyRequest): TypingClient {
  const cookie = context.secure ? '__Host-known' : 'known';
  const kept = request.cookies[cookie] ?? '';
  const secret = /^[\w-]{43}$/.test(kept) ? kept : newSecret();
  return {
    ...clientOf(request),
    browserHash: keyedHash(context.knownBrowserKey, secret),
    keep: (reply) =>
      void reply.setCookie(cookie, secret, {
        path: '/',
        httpOnly: true,
        sameSite: 'lax',
        secure: context.secure,
        maxAge: KNOWN_FOR / SECOND,
      }),
  };
}

/** A path of our own origin, or the fallback: never another site, whatever a form says. */
export function ownPath(text: string, fallback = '/'): string {
  return /^\/(?![/\\])[\u0021-\u007e]*$/.test(text) && !text.includes('\\') ? text : fallback;
}

/**
 * The sign-in page that leads on to a page of our own. `interrupted`: what the person did there was not done, because nobody was signed in any more; `fresh`: who is
 * signed in is asked for the password once more.
 */
export function signInPathTo(
  returnPath: string,
  options: { interrupted?: boolean; fresh?: boolean } = {},
): string {
  const query = new URLSearchParams({
    return_path: returnPath,
    ...(options.interrupted ? { interrupted: '1' } : {}),
    ...(options.fresh ? { fresh: '1' } : {}),
  });
  return `/sign-in?${query.toString()}`;
}

export function sendPage(reply: FastifyReply, html: string, status = 200): FastifyReply {
  return reply.code(status).type('text/html; charset=utf-8').header('cache-control', 'no-store').send(html);
}
