import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { ConsoleCheck } from '#domain/consoles/check.ts';
import { checkTitle, findingWords } from '#domain/consoles/finding-sentence.ts';
import { CHECKS, isRequired } from '#domain/consoles/findings.ts';
import { storedHashes, storedHashesOfAll } from '#domain/consoles/legacy-passwords.ts';
import { CONSOLE_SCOPES } from '#domain/consoles/scopes.ts';
import { secretsOf, secretsOfAll, type ConsoleSecret } from '#domain/consoles/secrets.ts';
import { PLAIN_SETTINGS, settingsOf, type ConsoleSettings } from '#domain/consoles/settings.ts';
import type { ConsoleRow } from '#support/db/schema.ts';
import type { Locale } from '#support/primitives/locale.ts';
import type { WebContext } from '#web/http/context.ts';
import { iso, MOMENT, text } from '../forms.ts';

export const LEGACY_PASSWORDS = z
  .enum(['off', 'imported', 'asked'])
  .describe(
    'off: not accepted; imported: verified against the hashes of an import; asked: the console is asked by a signed call',
  );

const ADDRESS = text(4_000);
const ADDRESSES = z.array(ADDRESS).max(100);
const MINUTES = z.number().nullable();

/** What is registered of a console; the rules that it must meet are in the domain, which says which one is not met. */
const SETTINGS = {
  homeUrl: ADDRESS.describe('Its start page'),
  initiateLoginUri: ADDRESS.nullable().describe('Starts a sign-in (OpenID Connect Core §4)'),
  redirectUris: ADDRESSES.describe('Compared to the letter'),
  postLogoutRedirectUris: ADDRESSES,
  backchannelLogoutUri: ADDRESS.nullable(),
  eventUri: ADDRESS.nullable().describe(
    'Where it takes security event tokens (RFC 8935); it gets a push stream',
  ),
  legacyLoginUrl: ADDRESS.nullable().describe('The page of its earlier login'),
  domains: z.array(text(400)).max(200).describe('Its host names beside the one of its start page'),
  idTokenAlg: z.enum(['RS256', 'ES256']),
  requirePkce: z.boolean(),
  keyColour: text(20)
    .nullable()
    .describe('#rrggbb, readable under white text; null: the brand of the unified login'),
  sessionIdleMinutes: MINUTES.describe('The console’s own idle time-out, for the support desk'),
  sessionAbsoluteMinutes: MINUTES.describe('The console’s own longest session, for the support desk'),
  signInMaxAgeMinutes: MINUTES.describe('A sign-in that is older is asked for once more at this console'),
  checkUrl: ADDRESS.nullable().describe(
    'A page for signed-in people only, by which the check sees that somebody is; null: the page where a sign-in ends',
  ),
  checkUserId: text(400)
    .nullable()
    .describe('The console’s own id of the user with whom the check signs in; null: hitokagi-check'),
  apiScopes: z
    .array(text(100))
    .max(100)
    .describe(
      `What its client id and secret may ask beside signing people in: some of ${CONSOLE_SCOPES.join(', ')}`,
    ),
};
const BOTH = z.object({ ja: z.string(), en: z.string() });
const NAME = { ja: text(1_000), en: text(1_000) };

/** A new console: names, start page and redirect URIs must be said, all else has a default. */
export const NEW_CONSOLE = z.strictObject({
  clientId: text(100),
  name: z.strictObject(NAME),
  supportContact: z.strictObject(NAME).partial().optional(),
  ...z.object(SETTINGS).partial().required({ homeUrl: true, redirectUris: true }).shape,
});
/** A change: what is left out stays. */
export const CONSOLE_CHANGES = z.strictObject({
  name: z.strictObject(NAME).partial().optional(),
  supportContact: z.strictObject(NAME).partial().optional(),
  ...z.object(SETTINGS).partial().shape,
});

export const SECRET = z.object({
  id: z.string(),
  madeAt: MOMENT,
  lastUsedAt: MOMENT.nullable().describe('To half a minute; null: never, as far as is known'),
});

export const CONSOLE = z
  .object({
    consoleId: z.string(),
    clientId: z.string(),
    name: BOTH,
    ...SETTINGS,
    supportContact: BOTH,
    secrets: z.array(SECRET).describe('One, or two while the secret is changed; the older one first'),
    legacyPasswords: LEGACY_PASSWORDS,
    legacyPasswordUri: z.string().nullable(),
    importedHashes: z.number().describe('People who still have an imported hash'),
    revision: z.number().describe('Grows by one with each change; the ETag'),
  })
  .meta({ id: 'Console' });

export const CHECK = z
  .object({
    at: MOMENT,
    faults: z.number(),
    required: z.number().describe('Of the faults: those that keep the plan from advancing'),
    findings: z.array(
      z.object({
        check: z.enum(CHECKS),
        title: z.string(),
        result: z.enum(['pass', 'fault', 'not-applicable', 'not-checked']),
        required: z.boolean().describe('Whether a fault here keeps the plan from advancing'),
        code: z.string().optional(),
        address: z.string().optional(),
        fault: z.string().optional().describe('What is wrong; of what was not checked: why'),
        cure: z.string().optional(),
      }),
    ),
  })
  .meta({ id: 'ConsoleCheck' });

/** All consoles, in as many statements as one. */
export async function consoleAnswers(context: WebContext, consoles: readonly ConsoleRow[]) {
  if (consoles.length === 0) return [];
  const [secrets, hashes] = await Promise.all([
    secretsOfAll(context.db, consoles),
    storedHashesOfAll(context.db),
  ]);
  return consoles.map((console) =>
    answerOf(console, secrets.get(console.id) ?? [], hashes.get(console.id) ?? 0),
  );
}

export async function consoleAnswer(context: WebContext, console: ConsoleRow) {
  const [secrets, hashes] = await Promise.all([
    secretsOf(context.db, console),
    storedHashes(context.db, console.id),
  ]);
  return answerOf(console, secrets, hashes);
}

function answerOf(console: ConsoleRow, secrets: readonly ConsoleSecret[], importedHashes: number) {
  const { nameJa, nameEn, supportContactJa, supportContactEn, ...settings } = settingsOf(console);
  return {
    consoleId: console.id,
    clientId: console.client_id,
    name: { ja: nameJa, en: nameEn },
    ...settings,
    redirectUris: [...settings.redirectUris],
    postLogoutRedirectUris: [...settings.postLogoutRedirectUris],
    domains: [...settings.domains],
    apiScopes: [...settings.apiScopes],
    supportContact: { ja: supportContactJa, en: supportContactEn },
    secrets: secrets.map((one) => ({
      id: one.id,
      madeAt: one.madeAt.toISOString(),
      lastUsedAt: iso(one.lastUsedAt),
    })),
    legacyPasswords: console.legacy_passwords,
    legacyPasswordUri: console.legacy_password_uri,
    importedHashes,
    revision: console.revision,
  };
}

export function checkAnswer(check: ConsoleCheck, locale: Locale) {
  return {
    at: check.at.toISOString(),
    faults: check.faults,
    required: check.required,
    findings: check.findings.map((one) => ({
      check: one.check,
      title: checkTitle(one.check, locale),
      result: one.result,
      required: isRequired(one.check),
      ...('code' in one ? { code: one.code } : {}),
      ...(one.value === '' ? {} : { address: one.value }),
      ...findingWords(one, locale),
    })),
  };
}

/** The settings that a request names, as the domain has them. */
export function changesIn(given: z.infer<typeof CONSOLE_CHANGES>): Partial<ConsoleSettings> {
  const { name, supportContact, ...settings } = given;
  const named = {
    nameJa: name?.ja,
    nameEn: name?.en,
    supportContactJa: supportContact?.ja,
    supportContactEn: supportContact?.en,
    ...settings,
  };
  return Object.fromEntries(
    Object.entries(named).filter(([, value]) => value !== undefined),
  ) as Partial<ConsoleSettings>;
}

/** All settings of a console that is to be registered. */
export function settingsIn({ clientId: _, ...given }: z.infer<typeof NEW_CONSOLE>): ConsoleSettings {
  return { ...PLAIN_SETTINGS, ...changesIn(given) };
}

/** The revision that If-Match names (RFC 9110 §13.1.1); undefined when it names none of ours. */
export function revisionIn(request: FastifyRequest): number | undefined {
  const named = /^"(\d{1,9})"$/.exec(request.headers['if-match'] ?? '')?.[1];
  return named === undefined ? undefined : Number(named);
}
