import { z } from 'zod';
import { SECOND } from '#support/primitives/durations.ts';
import type { EnvironmentSettings } from '#domain/settings/table.ts';
import { ownAddresses } from './addresses.ts';

/** Everything that the environment decides, read once and frozen. */
export type Config = {
  readonly production: boolean;
  readonly port: number;
  readonly host: string;
  /** What consoles know this server by, and where programs call it. */
  readonly issuer: string;
  /** What people open; the same as the issuer unless pages and API have a host each. */
  readonly pagesUrl: string;
  /** Undefined: the embedded PostgreSQL in the data folder. */
  readonly databaseUrl: string | undefined;
  /** PostgreSQL itself where `databaseUrl` leads to a pooler; otherwise the same. For whatever has to keep its connection. */
  readonly databaseDirectUrl: string | undefined;
  /** Whether statements stay prepared on a connection: not behind a pooler that hands out connections by transaction, unless it is said to carry them. */
  readonly namedStatements: boolean;
  readonly databaseConnections: number;
  /** Milliseconds that a request waits for a connection to the database before it is told to come again. */
  readonly databaseWait: number;
  readonly dataFolder: string;
  /** Master keys before it, or beside it, while one takes the place of another. */
  readonly previousSecrets: readonly string[];
  /** The master key; undefined outside production means the one that is made once in the data folder. */
  readonly secret: string | undefined;
  readonly smtpUrl: string;
  /** Milliseconds that a mail server is given for one mail. */
  readonly mailTimeLimit: number;
  /** Seconds before a mail that was not taken is tried a second time; the pauses grow. */
  readonly mailRetryAfter: number;
  /** Host names on internal addresses that logout deliveries may go to. */
  readonly allowedInternalHosts: readonly string[];
  /** Proxies whose X-Forwarded-* headers are believed; none by default. */
  readonly trustedProxies: readonly string[];
  /** The defaults of settings that operators change at run time; the environment has the last word only as long as they have said nothing. */
  readonly settings: EnvironmentSettings;
  readonly logLevel: string;
  /** Milliseconds between "not ready any more" and the stop, for load balancers to notice. */
  readonly drainTime: number;
  /** Where metrics are served for Prometheus; undefined: nowhere. */
  readonly metrics: { readonly host: string; readonly port: number } | undefined;
};

export type ConfigResult = { ok: true; config: Config } | { ok: false; problems: readonly string[] };

const TEXT = z.string().trim().min(1);

const WEB_ADDRESS = z.url({ protocol: /^https?$/ });

const ENVIRONMENT = z.object({
  NODE_ENV: z.string().default('development'),
  HITOKAGI_PORT: z.coerce.number().int().min(0).max(65_535).default(4100),
  HITOKAGI_HOST: TEXT.default('localhost'),
  HITOKAGI_ISSUER: WEB_ADDRESS.optional(),
  HITOKAGI_API_URL: WEB_ADDRESS.optional(),
  HITOKAGI_PAGES_URL: WEB_ADDRESS.optional(),
  DATABASE_URL: TEXT.optional(),
  HITOKAGI_DATABASE_DIRECT_URL: TEXT.optional(),
  HITOKAGI_DATABASE_NAMED_STATEMENTS: z.enum(['yes', 'no']).optional(),
  HITOKAGI_DATABASE_CONNECTIONS: z.coerce.number().int().min(2).max(200).default(16),
  HITOKAGI_DATABASE_WAIT_MS: z.coerce.number().int().min(100).max(60_000).default(900),
  HITOKAGI_DATA_DIR: TEXT.default('.data'),
  HITOKAGI_SECRET: z.string().min(32, 'must have at least 32 characters').optional(),
  HITOKAGI_SECRET_PREVIOUS: z.string().min(32, 'must have at least 32 characters').optional(),
  HITOKAGI_SMTP_URL: z.url({ protocol: /^smtps?$/ }).optional(),
  HITOKAGI_NOTICES_PER_SECOND: z.coerce.number().min(0.1).max(1_000).default(10),
  HITOKAGI_MAIL_TIME_LIMIT: z.coerce.number().int().min(1).max(75).default(60),
  HITOKAGI_MAIL_RETRY_AFTER: z.coerce.number().int().min(1).max(3_600).default(30),
  // The account page shows the events of 90 days.
  HITOKAGI_AUDIT_KEEP_DAYS: z.coerce
    .number()
    .int()
    .min(0)
    .max(36_500)
    .refine((days) => days === 0 || days >= 90, 'must be 0 (for ever) or at least 90')
    .default(400),
  HITOKAGI_ALLOWED_INTERNAL_HOSTS: z.string().default(''),
  HITOKAGI_TRUSTED_PROXIES: z.string().default(''),
  HITOKAGI_BRAND_NAME_JA: TEXT.default('絶対リーチ! 統合認証'),
  HITOKAGI_BRAND_NAME_EN: TEXT.default('Zettai Reach! Unified Login'),
  HITOKAGI_BRAND_COLOUR: z
    .string()
    .regex(/^#[0-9a-f]{6}$/i)
    .default('#0b3d91'),
  HITOKAGI_SENDER_NAME: TEXT.default('絶対リーチ! 統合認証'),
  HITOKAGI_SENDER_ADDRESS: z.email().default('no-reply@login.example.co.jp'),
  HITOKAGI_SUPPORT_JA: TEXT.default('お問い合わせ：サポート窓口 support@example.co.jp（平日 10:00〜18:00）'),
  HITOKAGI_SUPPORT_EN: TEXT.default(
    'Questions? Our support: support@example.co.jp (weekdays 10:00–18:00, Japan time)',
  ),
  HITOKAGI_DRAIN_SECONDS: z.coerce.number().min(0).max(300).optional(),
  HITOKAGI_METRICS_PORT: z.coerce.number().int().min(1).max(65_535).optional(),
  HITOKAGI_METRICS_HOST: TEXT.default('localhost'),
  HITOKAGI_LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
});

/** What production must be given by name, because a default would be a secret that everyone knows or an address that nobody meant. */
const REQUIRED_IN_PRODUCTION = [
  'HITOKAGI_ISSUER',
  'DATABASE_URL',
  'HITOKAGI_SECRET',
  'HITOKAGI_SMTP_URL',
  'HITOKAGI_SENDER_ADDRESS',
] as const;

/** Reads the environment. Every problem is named at once, with the variable that causes it. */
export function readConfig(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): ConfigResult {
  const given = Object.fromEntries(
    Object.entries(withShortNames(environment)).filter(([, value]) => value !== ''),
  );
  const parsed = ENVIRONMENT.safeParse(given);
  if (!parsed.success) {
    return {
      ok: false,
      problems: parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`),
    };
  }
  const e = parsed.data;
  const production = e.NODE_ENV === 'production';
  const { issuer, pagesUrl, problems } = ownAddresses(e, `http://localhost:${e.HITOKAGI_PORT}`, production);
  if (production) {
    for (const name of REQUIRED_IN_PRODUCTION)
      if (!given[name] && !(name === 'HITOKAGI_ISSUER' && given.HITOKAGI_API_URL))
        problems.push(`${name} must be set in production.`);
    if (given.HITOKAGI_SECRET !== undefined && isKnownToAll(given.HITOKAGI_SECRET))
      problems.push(
        'HITOKAGI_SECRET is a sample: make one of your own, for example with `openssl rand -base64 32`.',
      );
  }
  if (e.HITOKAGI_SECRET_PREVIOUS !== undefined && e.HITOKAGI_SECRET === undefined)
    problems.push('HITOKAGI_SECRET_PREVIOUS needs HITOKAGI_SECRET, the master key that takes its place.');
  if (e.HITOKAGI_SECRET_PREVIOUS !== undefined && e.HITOKAGI_SECRET_PREVIOUS === e.HITOKAGI_SECRET)
    problems.push('HITOKAGI_SECRET_PREVIOUS is the same as HITOKAGI_SECRET: leave it out.');
  if (e.HITOKAGI_DATABASE_DIRECT_URL && !e.DATABASE_URL)
    problems.push('HITOKAGI_DATABASE_DIRECT_URL needs DATABASE_URL, which leads to the pooler before it.');
  if (problems.length > 0) return { ok: false, problems };
  return {
    ok: true,
    config: Object.freeze({
      production,
      port: e.HITOKAGI_PORT,
      host: e.HITOKAGI_HOST,
      issuer,
      pagesUrl,
      databaseUrl: e.DATABASE_URL,
      databaseDirectUrl: e.HITOKAGI_DATABASE_DIRECT_URL ?? e.DATABASE_URL,
      namedStatements: e.HITOKAGI_DATABASE_NAMED_STATEMENTS
        ? e.HITOKAGI_DATABASE_NAMED_STATEMENTS === 'yes'
        : e.HITOKAGI_DATABASE_DIRECT_URL === undefined,
      databaseConnections: e.HITOKAGI_DATABASE_CONNECTIONS,
      databaseWait: e.HITOKAGI_DATABASE_WAIT_MS,
      dataFolder: e.HITOKAGI_DATA_DIR,
      secret: e.HITOKAGI_SECRET,
      previousSecrets: e.HITOKAGI_SECRET_PREVIOUS === undefined ? [] : [e.HITOKAGI_SECRET_PREVIOUS],
      smtpUrl: e.HITOKAGI_SMTP_URL ?? 'smtp://localhost:4425',
      mailTimeLimit: e.HITOKAGI_MAIL_TIME_LIMIT * SECOND,
      mailRetryAfter: e.HITOKAGI_MAIL_RETRY_AFTER,
      allowedInternalHosts: listOf(
        e.HITOKAGI_ALLOWED_INTERNAL_HOSTS,
        production ? [] : ['localhost', '127.0.0.1'],
      ),
      trustedProxies: listOf(e.HITOKAGI_TRUSTED_PROXIES, []),
      settings: {
        brandNameJa: e.HITOKAGI_BRAND_NAME_JA,
        brandNameEn: e.HITOKAGI_BRAND_NAME_EN,
        keyColour: e.HITOKAGI_BRAND_COLOUR.toLowerCase(),
        senderName: e.HITOKAGI_SENDER_NAME,
        senderAddress: e.HITOKAGI_SENDER_ADDRESS,
        supportJa: e.HITOKAGI_SUPPORT_JA,
        supportEn: e.HITOKAGI_SUPPORT_EN,
        noticesPerSecond: e.HITOKAGI_NOTICES_PER_SECOND,
        keepAuditDays: e.HITOKAGI_AUDIT_KEEP_DAYS,
      },
      logLevel: e.HITOKAGI_LOG_LEVEL,
      drainTime: (e.HITOKAGI_DRAIN_SECONDS ?? (production ? 10 : 0)) * SECOND,
      metrics:
        e.HITOKAGI_METRICS_PORT === undefined
          ? undefined
          : { host: e.HITOKAGI_METRICS_HOST, port: e.HITOKAGI_METRICS_PORT },
    }),
  };
}

/** Both URLs may be given by short names; only together, for one of them alone is likely to be another program's. */
function withShortNames(
  environment: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string | undefined>> {
  const { PAGES_URL, API_URL, ...others } = environment;
  return PAGES_URL && API_URL
    ? { HITOKAGI_PAGES_URL: PAGES_URL, HITOKAGI_API_URL: API_URL, ...others }
    : environment;
}

/** Secrets of examples, and texts that nobody drew: whoever reads our sources would have them. */
function isKnownToAll(secret: string): boolean {
  return /sample|example|change.?me|replace.?me|見本/i.test(secret) || new Set(secret).size < 10;
}

function listOf(text: string, fallback: readonly string[]): readonly string[] {
  const items = text
    .split(',')
    .map((item) => item.trim())
    .filter(Boolean);
  return items.length > 0 ? items : fallback;
}

/** What `setup-sample` is told by the start script: where the sample consoles are, and the file with their secrets. */
export type SampleConfig = {
  readonly smsUrl: string;
  readonly mailUrl: string;
  readonly secretsFile: string;
};

/** Reads what `setup-sample` needs. Sample secrets have no place in production, so there it has no configuration. */
export function readSampleConfig(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): SampleConfig | undefined {
  const { NODE_ENV, HITOKAGI_SAMPLE_SMS_URL, HITOKAGI_SAMPLE_MAIL_URL, HITOKAGI_SAMPLE_SECRETS_FILE } =
    environment;
  if (NODE_ENV === 'production' || !HITOKAGI_SAMPLE_SECRETS_FILE) return undefined;
  return {
    smsUrl: HITOKAGI_SAMPLE_SMS_URL ?? 'http://localhost:4200',
    mailUrl: HITOKAGI_SAMPLE_MAIL_URL ?? 'http://localhost:4300',
    secretsFile: HITOKAGI_SAMPLE_SECRETS_FILE,
  };
}

/** A variable that a set-up file refers to (`env:NAME`). */
export function readNamedVariable(
  name: string,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): string | undefined {
  return environment[name] || undefined;
}

/** The language of what the command line says: English unless the terminal's locale is Japanese. */
export function readCliLocale(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): 'ja' | 'en' {
  const tag = environment.LC_ALL || environment.LC_MESSAGES || environment.LANG || '';
  return tag.startsWith('ja') ? 'ja' : 'en';
}
