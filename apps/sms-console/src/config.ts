import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { BRAND_IDS, type BrandId } from '#domain/brand.ts';
import { readGatewaySettings, type GatewaySettings } from '#domain/delivery/gateway-settings.ts';
import type { SessionTimeouts } from '#domain/console-sessions/find-session.ts';
import { SECOND } from '#support/primitives/durations.ts';

/** Everything that this program is told by its environment, read once. */
export type Config = {
  readonly port: number;
  /** The console's own origin as browsers see it, without a slash at the end. */
  readonly url: string;
  readonly brand: BrandId;
  readonly databaseUrl: string;
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** What secrets in the database are sealed with: the first seals, all open. The client secret is the last; alone unless others are named. */
  readonly storedSecretsKeys: readonly string[];
  readonly smtpUrl: string;
  readonly timeouts: SessionTimeouts;
  /** Milliseconds between comparisons of all e-mail addresses with the login IDs; 0: never. */
  readonly loginIdCompareInterval: number;
  /** How often the login server is asked which sessions have ended, in milliseconds; 0: never. */
  readonly endedSessionsInterval: number;
  /** Addresses or networks of reverse proxies whose X-Forwarded-For is believed; none by default. */
  readonly trustedProxies: readonly string[];
  /** Requests a minute that one API key may make. */
  readonly apiRequestsPerMinute: number;
  /** Opens the internal API for verification codes; without one there is no such API. */
  readonly codesKey: string | null;
  /** Host names inside that webhooks may lead to, by http too; none by default. */
  readonly webhookHosts: readonly string[];
  /** Where messages leave; none: they wait in the queue. */
  readonly gateways: readonly GatewaySettings[];
};

export type SeedConfig = {
  readonly databaseUrl: string;
  readonly sampleFile: string;
  /** Which console it is; null when nobody says so. */
  readonly brand: BrandId | null;
};

export class ConfigError extends Error {}

/** Reads the configuration of the console. Throws ConfigError with one clear sentence for each thing to put right. */
export function readConfig(environment: Readonly<Record<string, string | undefined>> = process.env): Config {
  const read = parse(consoleEnvironment, environment);
  if (environment.NODE_ENV === 'production') refuseSamples(read);
  return Object.freeze({
    port: read.CONSOLE_PORT,
    url: new URL(read.CONSOLE_URL).origin,
    brand: read.CONSOLE_BRAND,
    databaseUrl: read.DATABASE_URL,
    issuer: read.CONSOLE_ISSUER,
    clientId: read.CONSOLE_CLIENT_ID,
    clientSecret: read.CONSOLE_CLIENT_SECRET,
    storedSecretsKeys: [...read.CONSOLE_STORED_SECRETS_KEYS, read.CONSOLE_CLIENT_SECRET],
    smtpUrl: read.CONSOLE_SMTP_URL,
    timeouts: {
      idle: read.CONSOLE_SESSION_IDLE_SECONDS * SECOND,
      absolute: read.CONSOLE_SESSION_ABSOLUTE_SECONDS * SECOND,
    },
    loginIdCompareInterval: read.CONSOLE_LOGIN_ID_COMPARE_SECONDS * SECOND,
    endedSessionsInterval: read.CONSOLE_ENDED_SESSIONS_SECONDS * SECOND,
    trustedProxies: read.CONSOLE_TRUSTED_PROXIES,
    apiRequestsPerMinute: read.CONSOLE_API_REQUESTS_PER_MINUTE,
    codesKey: read.CONSOLE_CODES_KEY ?? null,
    webhookHosts: read.CONSOLE_WEBHOOK_HOSTS,
    gateways: read.CONSOLE_SMPP_GATEWAYS,
  });
}

/** Reads what the seed program needs: the database and the CSV file of sample people. */
export function readSeedConfig(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): SeedConfig {
  const read = parse(seedEnvironment, environment);
  return {
    databaseUrl: read.DATABASE_URL,
    sampleFile: read.CONSOLE_SAMPLE_FILE,
    brand: read.CONSOLE_BRAND ?? null,
  };
}

const origin = (what: string) =>
  z
    .string({ error: `is missing: ${what}` })
    .refine((value) => URL.canParse(value) && /^https?:$/.test(new URL(value).protocol), {
      error: `must be an http or https address: ${what}`,
    });
const text = (what: string) =>
  z
    .string({ error: `is missing: ${what}` })
    .trim()
    .min(1, { error: `is empty: ${what}` });
const seconds = (what: string, fallback: number) =>
  z.coerce
    .number({ error: `must be a number of seconds: ${what}` })
    .int()
    .min(1, { error: `must be at least 1: ${what}` })
    .default(fallback);
const list = () =>
  z
    .string()
    .default('')
    .transform((text) =>
      text
        .split(',')
        .map((one) => one.trim())
        .filter((one) => one !== ''),
    );
const databaseUrl = z
  .string({ error: "is missing: the address of the console's own PostgreSQL database" })
  .regex(/^postgres(ql)?:\/\//, { error: 'must begin with postgres://' });

const consoleEnvironment = z.object({
  CONSOLE_PORT: z.coerce
    .number({ error: 'must be the port number to listen on' })
    .int()
    .min(0)
    .max(65_535, { error: 'must be a port number' }),
  CONSOLE_URL: origin('the address at which browsers see this console, such as http://localhost:4200'),
  CONSOLE_BRAND: z.enum(BRAND_IDS, { error: `must be one of ${BRAND_IDS.join(', ')}` }),
  DATABASE_URL: databaseUrl,
  CONSOLE_ISSUER: origin('the issuer of the unified login, such as http://localhost:4100'),
  CONSOLE_CLIENT_ID: text('the client id of this console at the unified login'),
  CONSOLE_CLIENT_SECRET: text('the client secret of this console at the unified login'),
  CONSOLE_SMTP_URL: z
    .string({ error: 'is missing: the mail server, such as smtp://localhost:4425' })
    .regex(/^smtps?:\/\//, { error: 'must begin with smtp:// or smtps://' }),
  CONSOLE_SESSION_IDLE_SECONDS: seconds('how long a session lives without a request', 1_800),
  CONSOLE_SESSION_ABSOLUTE_SECONDS: seconds('how long a session lives in all', 43_200),
  CONSOLE_ENDED_SESSIONS_SECONDS: z.coerce
    .number({ error: 'must be a number of seconds between questions for ended sessions, 0 for never' })
    .int()
    .min(0, { error: 'must be 0 or more: seconds between questions for ended sessions' })
    .default(60),
  CONSOLE_LOGIN_ID_COMPARE_SECONDS: z.coerce
    .number({ error: 'must be a number of seconds between comparisons of addresses, 0 for never' })
    .int()
    .min(0, { error: 'must be 0 or more: seconds between comparisons of addresses' })
    .default(86_400),
  CONSOLE_API_REQUESTS_PER_MINUTE: z.coerce
    .number({ error: 'must be a number: requests a minute of one API key' })
    .int()
    .min(1, { error: 'must be at least 1: requests a minute of one API key' })
    .default(600),
  CONSOLE_SMPP_GATEWAYS: z
    .string()
    .default('[]')
    .transform((json, context) => {
      const read = readGatewaySettings(json, (path) => readFileSync(path, 'utf8'));
      if (read.ok) return read.gateways;
      context.addIssue({ code: 'custom', message: read.problem });
      return z.NEVER;
    }),
  CONSOLE_TRUSTED_PROXIES: list(),
  CONSOLE_CODES_KEY: z
    .string()
    .regex(/^[\x21-\x7e]{32,200}$/, {
      error: 'must be 32 to 200 printable ASCII characters: the key of the internal API for codes',
    })
    .optional(),
  CONSOLE_STORED_SECRETS_KEYS: list().refine((keys) => keys.every((key) => /^[\x21-\x7e]{16,}$/.test(key)), {
    error:
      'must be keys of at least 16 printable ASCII characters, separated by commas, the one in use first',
  }),
  CONSOLE_WEBHOOK_HOSTS: list(),
});
const seedEnvironment = z.object({
  DATABASE_URL: databaseUrl,
  CONSOLE_SAMPLE_FILE: text('the CSV file of sample people'),
  CONSOLE_BRAND: z.enum(BRAND_IDS, { error: `must be one of ${BRAND_IDS.join(', ')}` }).optional(),
});

/** U2: what stands in an example is known to everybody, and nobody reads over the shoulder of https. */
function refuseSamples(read: z.infer<typeof consoleEnvironment>): void {
  const faults = (['CONSOLE_URL', 'CONSOLE_ISSUER'] as const)
    .filter((name) => !read[name].startsWith('https://'))
    .map((name) => `${name} must begin with https:// in production`);
  const secrets = {
    CONSOLE_CLIENT_SECRET: [read.CONSOLE_CLIENT_SECRET],
    CONSOLE_CODES_KEY: read.CONSOLE_CODES_KEY === undefined ? [] : [read.CONSOLE_CODES_KEY],
    CONSOLE_STORED_SECRETS_KEYS: read.CONSOLE_STORED_SECRETS_KEYS,
  };
  for (const [name, values] of Object.entries(secrets))
    if (values.some(isKnownToAll))
      faults.push(`${name} is a sample: make one of your own, for example with "openssl rand -base64 33"`);
  if (faults.length > 0) throw new ConfigError(`The console cannot start: ${faults.join('; ')}.`);
}

/** Secrets of examples, and texts that nobody drew: whoever reads our sources would have them. */
function isKnownToAll(secret: string): boolean {
  return /sample|example|change.?me|replace.?me|見本/i.test(secret) || new Set(secret).size < 10;
}

function parse<T extends z.ZodType>(
  schema: T,
  environment: Readonly<Record<string, string | undefined>>,
): z.infer<T> {
  const result = schema.safeParse(environment);
  if (result.success) return result.data;
  const faults = result.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`);
  throw new ConfigError(`The console cannot start: ${faults.join('; ')}.`);
}
