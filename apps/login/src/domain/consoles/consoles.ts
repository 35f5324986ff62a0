import { sql } from 'kysely';
import type { Db } from '#support/db/database.ts';
import type { ConsoleRow } from '#support/db/schema.ts';
import { recordEvent } from '#support/audit/record.ts';
import { newId } from '#support/primitives/ids.ts';
import { outboundRefusal } from '#support/primitives/outbound.ts';
import { secretHash } from '#support/primitives/secrets.ts';
import type { Brand } from '#support/primitives/brand.ts';
import type { Locale } from '#support/primitives/locale.ts';
import { registerEventStream } from './event-stream.ts';

/** What an operator says of a console that joins (R19). Addresses are absolute URLs, compared exactly as registered. */
export type ConsoleRegistration = {
  clientId: string;
  clientSecret: string;
  nameJa: string;
  nameEn: string;
  homeUrl: string;
  initiateLoginUri?: string | null;
  /** The page of the console's earlier login, for the way back during the parallel period. */
  legacyLoginUrl?: string | null;
  redirectUris: readonly string[];
  postLogoutRedirectUris?: readonly string[];
  backchannelLogoutUri?: string | null;
  /** Where the console takes security event tokens (R24); it gets a push stream there. */
  eventUri?: string | null;
  idTokenAlg?: 'RS256' | 'ES256';
  /** Off only for a console that cannot do PKCE (RFC 7636); on for all others. */
  requirePkce?: boolean;
};

export type RegisterConsoleResult =
  | { ok: true; consoleId: string }
  | { ok: false; reason: 'client-id-malformed' | 'address-malformed' | 'address-internal'; detail: string };

/**
 * Registers a console, or replaces what was registered under the same client id; links and plan stay. An address that this server itself would call is refused when it is an
 * internal one that the installation does not name.
 */
export async function registerConsole(
  db: Db,
  registration: ConsoleRegistration,
  by: { actor: string; now: Date; allowedInternalHosts: readonly string[] },
): Promise<RegisterConsoleResult> {
  if (!/^[a-z0-9][a-z0-9-]{0,39}$/.test(registration.clientId))
    return { ok: false, reason: 'client-id-malformed', detail: registration.clientId };
  const addresses = [
    registration.homeUrl,
    ...registration.redirectUris,
    ...(registration.postLogoutRedirectUris ?? []),
    ...[
      registration.initiateLoginUri,
      registration.legacyLoginUrl,
      registration.backchannelLogoutUri,
      registration.eventUri,
    ].filter((uri) => uri != null),
  ];
  const malformed = addresses.find((uri) => !isHttpUrl(uri));
  if (malformed !== undefined) return { ok: false, reason: 'address-malformed', detail: malformed };
  for (const called of [registration.backchannelLogoutUri, registration.eventUri]) {
    const refusal = called == null ? undefined : outboundRefusal(called, by.allowedInternalHosts);
    if (called != null && refusal) return { ok: false, reason: refusal, detail: called };
  }

  const values = {
    client_secret_hash: secretHash(registration.clientSecret),
    name_ja: registration.nameJa,
    name_en: registration.nameEn,
    home_url: registration.homeUrl,
    initiate_login_uri: registration.initiateLoginUri ?? null,
    legacy_login_url: registration.legacyLoginUrl ?? null,
    redirect_uris: [...registration.redirectUris],
    post_logout_redirect_uris: [...(registration.postLogoutRedirectUris ?? [])],
    backchannel_logout_uri: registration.backchannelLogoutUri ?? null,
    event_uri: registration.eventUri ?? null,
    id_token_alg: registration.idTokenAlg ?? ('RS256' as const),
    require_pkce: registration.requirePkce ?? true,
    updated_at: by.now,
  };
  return db.transaction().execute(async (trx) => {
    const before = await trx
      .selectFrom('console')
      .select('event_uri')
      .where('client_id', '=', registration.clientId)
      .executeTakeFirst();
    const row = await trx
      .insertInto('console')
      .values({ id: newId('con', by.now), client_id: registration.clientId, created_at: by.now, ...values })
      .onConflict((c) =>
        c.column('client_id').doUpdateSet({
          ...values,
          revision: sql`console.revision + 1`,
          secret_made_at: sql`case when console.client_secret_hash = ${values.client_secret_hash} then console.secret_made_at else ${by.now}::timestamptz end`,
          // A secret that was made beside the one given here stays; with another one the console begins anew.
          second_secret_hash: sql`case when console.client_secret_hash = ${values.client_secret_hash} then console.second_secret_hash end`,
          second_secret_made_at: sql`case when console.client_secret_hash = ${values.client_secret_hash} then console.second_secret_made_at end`,
        }),
      )
      .returning('id')
      .executeTakeFirstOrThrow();
    await trx
      .insertInto('migration_plan')
      .values({ console_id: row.id, link_at: null, announce_at: null, cut_over_at: null, updated_at: by.now })
      .onConflict((c) => c.doNothing())
      .execute();
    await registerEventStream(
      trx,
      row.id,
      { before: before?.event_uri ?? null, now: values.event_uri },
      by.now,
    );
    await recordEvent(trx, {
      at: by.now,
      action: 'console.registered',
      actor: by.actor,
      consoleId: row.id,
      detail: { clientId: registration.clientId, homeUrl: registration.homeUrl },
    });
    await sql`select pg_notify(${CONSOLES_CHANGED}, '')`.execute(trx);
    return { ok: true, consoleId: row.id };
  });
}

/** Consoles by client id and by id, from memory: they are read at every step and change seldom. */
export type ConsoleDirectory = {
  byClientId(clientId: string): Promise<ConsoleRow | undefined>;
  byId(consoleId: string): Promise<ConsoleRow | undefined>;
  all(): Promise<readonly ConsoleRow[]>;
  /** Reads anew at the next call; called when a console was registered, on whichever node (see CONSOLES_CHANGED). */
  forget(): void;
};

/** The notification that `registerConsole` sends with its commit. */
export const CONSOLES_CHANGED = 'consoles_changed';

/**
 * Reads all consoles in one statement and keeps them until told to forget, at the longest `maxAge` milliseconds, in case a notification was lost.
 * @param elapsed milliseconds since any fixed moment
 */
export function consoleDirectory(db: Db, elapsed: () => number, maxAge: number): ConsoleDirectory {
  let known: { readAt: number; rows: Promise<ConsoleRow[]> } | undefined;
  const rows = (): Promise<ConsoleRow[]> => {
    if (!known || elapsed() - known.readAt >= maxAge) {
      const reading = {
        readAt: elapsed(),
        rows: db.selectFrom('console').selectAll().orderBy('created_at').orderBy('id').execute(),
      };
      known = reading;
      reading.rows.catch(() => {
        if (known === reading) known = undefined;
      });
    }
    return known.rows;
  };
  return {
    byClientId: async (clientId) => (await rows()).find((row) => row.client_id === clientId),
    byId: async (consoleId) => (await rows()).find((row) => row.id === consoleId),
    all: rows,
    forget: () => (known = undefined),
  };
}

/** The console's name in the reader's language. */
export function consoleName(console: Pick<ConsoleRow, 'name_ja' | 'name_en'>, locale: Locale): string {
  return locale === 'ja' ? console.name_ja : console.name_en;
}

/** The brand as it looks and speaks on the way to a console: what the console has of its own goes before. */
export function brandAt(
  brand: Brand,
  console: Pick<ConsoleRow, 'key_colour' | 'support_contact_ja' | 'support_contact_en'>,
): Brand {
  return {
    ...brand,
    keyColour: console.key_colour ?? brand.keyColour,
    support: {
      ja: console.support_contact_ja || brand.support.ja,
      en: console.support_contact_en || brand.support.en,
    },
  };
}

/**
 * Where to send a person so that the console starts a sign-in by itself (OpenID Connect Core §4), or its home page when it cannot.
 * @param targetLinkUri passed on only when it is an address of the console's own origin
 */
export function consoleEntrance(
  console: ConsoleRow,
  issuer: string,
  options: { loginHint?: string; targetLinkUri?: string | null } = {},
): string {
  const { initiate_login_uri: entrance, home_url: home } = console;
  if (!entrance) return home;
  const url = new URL(entrance);
  url.searchParams.set('iss', issuer);
  if (options.loginHint) url.searchParams.set('login_hint', options.loginHint);
  if (options.targetLinkUri && isAddressOf(console, options.targetLinkUri))
    url.searchParams.set('target_link_uri', options.targetLinkUri);
  return url.href;
}

/** Whether an address lies on the console's own origin. */
export function isAddressOf(console: Pick<ConsoleRow, 'home_url'>, address: string): boolean {
  return isHttpUrl(address) && new URL(address).origin === new URL(console.home_url).origin;
}

function isHttpUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  return (
    (url.protocol === 'https:' || url.protocol === 'http:') &&
    url.username === '' &&
    url.password === '' &&
    url.hash === ''
  );
}
