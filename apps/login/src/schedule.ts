import { forgetOldUploads, requeueLostImports } from '#domain/consoles/import/retention.ts';
import { forgetOldTraces } from '#domain/consoles/trace.ts';
import type { ConsoleUses } from '#domain/consoles/uses.ts';
import { forgetOldBrowsers } from '#domain/credentials/known-browsers.ts';
import { forgetOldAttempts } from '#domain/credentials/sign-in-throttle.ts';
import { probeSilentEventAddresses, requeueOverdueEvents } from '#domain/events/channel.ts';
import { forgetOldEvents } from '#domain/events/ledger.ts';
import { pushFirstInLine } from '#domain/events/order.ts';
import { probeSilentConsoles, requeueOverdueDeliveries } from '#domain/logout/health.ts';
import { forgetOldLogouts } from '#domain/logout/progress.ts';
import { recordFirstLists } from '#domain/domain-lists/lists.ts';
import { tellNewcomers } from '#domain/migration/newcomers.ts';
import { remindOfCutOver } from '#domain/migration/reminders.ts';
import { sendDueNotices } from '#domain/notices/send.ts';
import { addUpNotices } from '#domain/notices/tally.ts';
import { refreshSummaries } from '#domain/migration/summary.ts';
import { adoptLinkedUsers, forgetOldLegacySignIns } from '#domain/migration/usage.ts';
import { refreshSearch } from '#domain/search/search-index.ts';
import { forgetCutOffChecks } from '#domain/readiness/test-account.ts';
import type { LiveSettings } from '#domain/settings/live.ts';
import { forgetKeptForms } from '#domain/operators/kept-forms.ts';
import { forgetOldProofs } from '#domain/sign-in/new-password.ts';
import { forgetOldRequests } from '#domain/verification/requests.ts';
import { rotateDueKeys } from '#domain/signing-keys/rotate.ts';
import { auditHead } from '#support/audit/head.ts';
import { sealEvents } from '#support/audit/seal.ts';
import { trimAudit } from '#support/audit/trim.ts';
import type { Db } from '#support/db/database.ts';
import { BATCH } from '#support/db/delete-in-batches.ts';
import type { Jobs } from '#support/jobs/jobs.ts';
import { forgetOldMessages, requeueLostMails } from '#support/mail/mail.ts';
import { SAYS_EVERY } from '#support/nodes/nodes.ts';
import type { LiveSigningKeys } from '#support/keys/signing-keys.ts';
import type { SecretKeys } from '#support/primitives/secrets.ts';
import { HOUR, MINUTE, SECOND } from '#support/primitives/durations.ts';
import { forgetOldKeys } from '#web/api/idempotency/keys.ts';
import { removeExpired } from '#web/oidc/adapter.ts';

type Work = {
  db: Db;
  uses: ConsoleUses;
  jobs: Jobs;
  clock: () => Date;
  log: { error(detail: object, text: string): void; info(detail: object, text: string): void };
  /** Where we are found. */
  addresses: { readonly pagesUrl: string; readonly issuer: string };
  settings: LiveSettings;
  secrets: SecretKeys;
  keys: LiveSigningKeys;
  /** Says that this server runs. */
  sayNode(): Promise<void>;
  /** With which audit events are sealed. */
  sealKey: Buffer;
};

/** Recurring work of every node. Each line may run on several nodes at once; what it does is safe to do twice. */
const SCHEDULE: readonly { every: number; name: string; run(work: Work): Promise<unknown> }[] = [
  // The net below the notification of a change.
  { every: 5 * SECOND, name: 'read the settings anew', run: ({ settings }) => settings.reload() },
  { every: SAYS_EVERY * SECOND, name: 'say that this server runs', run: ({ sayNode }) => sayNode() },
  {
    every: 30 * SECOND,
    name: 'remind of a cut-over that comes near',
    run: ({ db, clock }) => remindOfCutOver(db, clock()),
  },
  {
    every: 30 * SECOND,
    name: 'tell newcomers of a cut-over that was announced',
    run: ({ db, clock }) => tellNewcomers(db, clock()),
  },
  {
    every: 30 * SECOND,
    name: 'record the first list of domains of a new console',
    run: ({ db, addresses, settings, clock }) =>
      recordFirstLists(db, { ...addresses, brand: settings.current().brand }, clock()),
  },
  {
    every: 2 * SECOND,
    name: 'send due notices',
    run: ({ db, jobs, clock, settings }) =>
      sendDueNotices(db, jobs, settings.current().noticesPerSecond, clock()),
  },
  {
    every: 10 * SECOND,
    name: 'add up the figures of notices',
    run: ({ db }) => addUpNotices(db),
  },
  {
    every: 4 * SECOND,
    name: 'seal audit events',
    // A log from before the upgrade is sealed over some time, and leaves room for sign-ins.
    run: ({ db, sealKey, clock }) => sealEvents(db, sealKey, clock, 20),
  },
  {
    every: 30 * SECOND,
    name: 'queue lost mails again',
    run: ({ db, jobs, clock }) => requeueLostMails(db, jobs, clock()),
  },
  {
    every: 30 * SECOND,
    name: 'queue lost imports again',
    run: ({ db, jobs, clock }) => requeueLostImports(db, jobs, clock()),
  },
  {
    every: 10 * SECOND,
    name: 'ask silent consoles whether they are back',
    run: ({ db, jobs, clock }) => probeSilentConsoles(db, jobs, clock()),
  },
  {
    every: 15 * SECOND,
    name: 'queue overdue logout deliveries',
    run: ({ db, jobs, clock }) => requeueOverdueDeliveries(db, jobs, clock()),
  },
  {
    every: 10 * SECOND,
    name: 'ask consoles that take no events whether they do now',
    run: ({ db, jobs, clock }) => probeSilentEventAddresses(db, jobs, clock()),
  },
  {
    every: 15 * SECOND,
    name: 'queue overdue events',
    run: async ({ db, jobs, clock }) => {
      await requeueOverdueEvents(db, jobs, clock());
      await db.transaction().execute((trx) => pushFirstInLine(trx, jobs, {}, clock()));
    },
  },
  {
    every: 30 * SECOND,
    name: 'write when consoles did what',
    run: ({ db, uses }) => uses.write(db),
  },
  {
    every: 5 * MINUTE,
    name: 'remove expired artifacts and sessions',
    run: ({ db, clock }) => untilDone(() => removeExpired(db, clock())),
  },
  {
    every: 5 * MINUTE,
    name: 'count the legacy sign-ins of people who were linked afterwards',
    run: ({ db }) => adoptLinkedUsers(db),
  },
  {
    every: 15 * SECOND,
    name: 'count anew how far consoles have come',
    run: ({ db, clock }) => refreshSummaries(db, clock()),
  },
  {
    every: 2 * SECOND,
    name: 'make changed accounts findable',
    run: ({ db, clock }) => refreshSearch(db, clock(), () => performance.now()),
  },
  {
    every: 1 * HOUR,
    name: 'forget old reports of legacy sign-ins',
    run: ({ db, clock }) => forgetOldLegacySignIns(db, clock()),
  },
  {
    every: 1 * MINUTE,
    name: 'rotate signing keys',
    run: async ({ db, secrets, keys, clock }) => {
      await rotateDueKeys(db, secrets, clock());
      await keys.reload();
    },
  },
  {
    every: 1 * HOUR,
    name: 'say the head of the audit log',
    // Whoever keeps the log elsewhere keeps with it what finds a chain that was written anew.
    run: async ({ db, log }) => log.info({ head: (await auditHead(db)).text }, 'head of the audit log'),
  },
  {
    every: 1 * HOUR,
    name: 'remove old audit events',
    run: ({ db, sealKey, settings, clock }) =>
      trimAudit(db, sealKey, settings.current().keepAuditDays, clock()),
  },
  {
    every: 1 * HOUR,
    name: 'forget old attempts',
    run: ({ db, settings, clock }) => forgetOldAttempts(db, settings.current().signInLimits, clock()),
  },
  {
    every: 1 * HOUR,
    name: 'forget browsers that were not used for long',
    run: ({ db, clock }) => forgetOldBrowsers(db, clock()),
  },
  {
    every: 1 * HOUR,
    name: 'forget old requests for codes',
    run: ({ db, clock }) => forgetOldRequests(db, clock()),
  },
  {
    every: 5 * MINUTE,
    name: 'forget forms that no operator came back for',
    run: ({ db, clock }) => forgetKeptForms(db, clock()),
  },
  {
    every: 1 * MINUTE,
    name: 'remove the accounts of checks that were cut off',
    run: ({ db, clock }) => forgetCutOffChecks(db, clock()),
  },
  { every: 1 * HOUR, name: 'forget old test sign-ins', run: ({ db, clock }) => forgetOldTraces(db, clock()) },
  {
    every: 1 * HOUR,
    name: 'forget old idempotency keys',
    run: ({ db, clock }) => forgetOldKeys(db, clock()),
  },
  { every: 1 * HOUR, name: 'forget old proofs', run: ({ db, clock }) => forgetOldProofs(db, clock()) },
  {
    every: 1 * HOUR,
    name: 'forget old messages',
    run: ({ db, settings, clock }) => forgetOldMessages(db, settings.current().keepMailDays, clock()),
  },
  {
    every: 1 * HOUR,
    name: 'forget old events',
    run: ({ db, settings, clock }) => forgetOldEvents(db, settings.current().keepDeliveryDays, clock()),
  },
  {
    every: 1 * HOUR,
    name: 'forget old logouts',
    run: ({ db, settings, clock }) => forgetOldLogouts(db, settings.current().keepDeliveryDays, clock()),
  },
  { every: 1 * HOUR, name: 'forget old uploads', run: ({ db, clock }) => forgetOldUploads(db, clock()) },
];

/** Starts the schedule; a line never runs beside itself. Returns how to stop it, which waits for what is under way. */
export function startSchedule(work: Work): () => Promise<void> {
  const running = new Map<string, Promise<unknown>>();
  const timers = SCHEDULE.map((line) =>
    setInterval(() => {
      if (running.has(line.name)) return;
      const run = line
        .run(work)
        .catch((error: unknown) => work.log.error({ err: error }, line.name))
        .finally(() => running.delete(line.name));
      running.set(line.name, run);
    }, line.every),
  );
  return async () => {
    timers.forEach(clearInterval);
    await Promise.all(running.values());
  };
}

async function untilDone(batch: () => Promise<number>): Promise<void> {
  while ((await batch()) >= BATCH);
}
