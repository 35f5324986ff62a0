import { createRemoteJWKSet, customFetch as keysFetch, errors, type JWTVerifyGetKey } from 'jose';
import * as client from 'openid-client';
import type { CheckedOptions } from './checked-options.ts';
import { MINUTE, SECOND } from './durations.ts';
import type { Outbound } from './outbound.ts';

const FRESH_FOR = 10 * MINUTE;
const PAUSE_AFTER_FAILURE = 1 * SECOND;
const KEYS_COOL_DOWN = 30 * SECOND;
const KEYS_KEPT = 10 * MINUTE;
const CLOCKS_AGREE = 2 * SECOND;
/** What the kit knows of the login server from its discovery document. */
export type LoginServer = {
  configuration: client.Configuration;
  /** Signing keys, fetched when needed and again for an unknown `kid`; unknown ones cause a request every 30 s at most. */
  keys: JWTVerifyGetKey;
};

type Known = { server: LoginServer; metadata: client.ServerMetadata; readAt: Date; clockOffset: number };

/** The login server, or null while it cannot be reached and never was. */
export type FindLoginServer = (() => Promise<LoginServer | null>) & {
  /** As far as it is known already, without waiting; while it is not, it is asked for in the background. */
  known(): LoginServer | null;
};

/**
 * Reads the discovery document when it is first needed and again after ten minutes, in the background: once known, sign-in goes
 * on with what is known. While nothing is known, callers share one request and one failure a second.
 */
export function loginServerFinder(options: CheckedOptions, outbound: Outbound): FindLoginServer {
  const { clock, log } = options;
  let known: Known | null = null;
  let underWay: Promise<Known | null> | null = null;
  let failedAt: Date | null = null;

  const find = async (): Promise<LoginServer | null> => {
    const now = clock();
    const pausing = failedAt !== null && Math.abs(now.getTime() - failedAt.getTime()) < PAUSE_AFTER_FAILURE;
    if (known === null) return pausing ? null : ((await readOnce())?.server ?? null);
    if (now.getTime() - known.readAt.getTime() >= FRESH_FOR && !pausing) void readOnce();
    if (Math.abs(clockOffsetOf(options) - known.clockOffset) > CLOCKS_AGREE)
      known = configured(known.metadata, known.readAt, known);
    return known.server;
  };
  return Object.assign(find, {
    known: () => {
      if (known === null) void find();
      return known?.server ?? null;
    },
  });

  function readOnce(): Promise<Known | null> {
    underWay ??= read().finally(() => {
      underWay = null;
    });
    return underWay;
  }

  async function read(): Promise<Known | null> {
    try {
      known = configured(await readMetadata(options, outbound), clock(), known);
    } catch (error) {
      failedAt = clock();
      log.warn(
        { err: error, issuer: options.issuer, known: known !== null },
        'login server: discovery failed',
      );
    }
    return known;
  }

  function configured(metadata: client.ServerMetadata, readAt: Date, before: Known | null): Known {
    const keys = before?.metadata.jwks_uri === metadata.jwks_uri ? before?.server.keys : undefined;
    const configuration = configure(options, outbound, metadata);
    const server = { configuration, keys: keys ?? keysOf(options, metadata, outbound) };
    return { server, metadata, readAt, clockOffset: clockOffsetOf(options) };
  }
}

async function readMetadata(options: CheckedOptions, outbound: Outbound): Promise<client.ServerMetadata> {
  const configuration = await client.discovery(
    options.issuerUrl,
    options.clientId,
    undefined,
    client.None(),
    {
      algorithm: 'oidc',
      execute: options.insecure ? [client.allowInsecureRequests] : [],
      [client.customFetch]: asCustomFetch(outbound),
      timeout: options.timeoutMilliseconds / SECOND,
    },
  );
  const { supportsPKCE: _helper, ...metadata } = configuration.serverMetadata();
  return metadata;
}

function configure(
  options: CheckedOptions,
  outbound: Outbound,
  metadata: client.ServerMetadata,
): client.Configuration {
  const configuration = new client.Configuration(
    metadata,
    options.clientId,
    {
      client_secret: options.clientSecret,
      id_token_signed_response_alg: options.idTokenAlgorithm,
      [client.clockSkew]: Math.round(clockOffsetOf(options) / SECOND),
    },
    client.ClientSecretBasic(options.clientSecret),
  );
  configuration[client.customFetch] = asCustomFetch(outbound);
  configuration.timeout = options.timeoutMilliseconds / SECOND;
  if (options.insecure) client.allowInsecureRequests(configuration);
  return configuration;
}

function keysOf(
  options: CheckedOptions,
  metadata: client.ServerMetadata,
  outbound: Outbound,
): JWTVerifyGetKey {
  if (metadata.jwks_uri === undefined) throw new Error('the discovery document has no jwks_uri');
  const keys = createRemoteJWKSet(new URL(metadata.jwks_uri), {
    timeoutDuration: Math.ceil(options.timeoutMilliseconds),
    // Counted from any request, also the first one: a key that was rotated in right after it would be unknown so long.
    cooldownDuration: Infinity,
    cacheMaxAge: KEYS_KEPT,
    [keysFetch]: outbound,
  });
  let askedAnew: { at: Date; done: Promise<void> } | undefined;
  return async (header, token) => {
    try {
      return await keys(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      const now = options.clock();
      if (!askedAnew || Math.abs(now.getTime() - askedAnew.at.getTime()) >= KEYS_COOL_DOWN)
        askedAnew = {
          at: now,
          done: keys.reload().catch((failure: unknown) => {
            askedAnew = undefined;
            throw failure;
          }),
        };
      await askedAnew.done;
      return keys(header, token);
    }
  };
}

/** The library's request options are fetch's own, under another type. */
function asCustomFetch(outbound: Outbound): client.CustomFetch {
  return (url, options) => outbound(url, options as RequestInit);
}

/** How far the given clock is ahead of the machine's, which the protocol library reads by itself. 0 in production. */
function clockOffsetOf(options: CheckedOptions): number {
  // eslint-disable-next-line no-restricted-syntax -- the difference to the machine's clock is what is asked for
  return options.clock().getTime() - Date.now();
}
