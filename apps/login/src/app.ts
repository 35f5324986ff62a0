import { hostname } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import { sql } from 'kysely';
import { consoleDirectory, CONSOLES_CHANGED } from '#domain/consoles/consoles.ts';
import { workOnUpload } from '#domain/consoles/import/upload-work.ts';
import { judgeLegacyHash } from '#domain/credentials/legacy-hash.ts';
import { consoleUses } from '#domain/consoles/uses.ts';
import { createLegacyPasswords } from '#domain/credentials/legacy-passwords.ts';
import { createLegacyVerifier } from '#domain/credentials/legacy-verifier.ts';
import { createPasswordHasher } from '#domain/credentials/password-hash.ts';
import { warmPasswordRules } from '#domain/credentials/password-rules.ts';
import { EVENTS_WAITING, eventWatch } from '#domain/events/poll-watch.ts';
import { pushEvent } from '#domain/events/push.ts';
import { deliverLogout } from '#domain/logout/deliver.ts';
import { PLAN_CHANGED, planWatch } from '#domain/migration/watch.ts';
import { NOTICE_MAIL, noticeMailEnded } from '#domain/notices/mail.ts';
import type { LoginServerDoor } from '#domain/readiness/check-browser.ts';
import type { CheckTools } from '#domain/readiness/run.ts';
import { SETTINGS_CHANGED } from '#domain/settings/change.ts';
import { liveSettings, type LiveSettings } from '#domain/settings/live.ts';
import { recordEvent } from '#support/audit/record.ts';
import { openDatabase, type Database } from '#support/db/database.ts';
import { listenForNotifications } from '#support/db/notifications.ts';
import { openJobs } from '#support/jobs/jobs.ts';
import { purposeKeys } from '#support/keys/purpose-keys.ts';
import { loadSigningKeys, SIGNING_KEYS_CHANGED } from '#support/keys/signing-keys.ts';
import { createMailer } from '#support/mail/mailer.ts';
import { timeFollower, type DatabaseClock } from '#support/nodes/clock.ts';
import { sayNode, unsayNode } from '#support/nodes/nodes.ts';
import { SECOND } from '#support/primitives/durations.ts';
import { newId } from '#support/primitives/ids.ts';
import { createOutbound } from '#support/primitives/outbound.ts';
import { createPlaces } from '#support/primitives/places.ts';
import { secretKeys } from '#support/primitives/secrets.ts';
import { registerOpenApi } from '#web/api/openapi/openapi.ts';
import type { WebContext } from '#web/http/context.ts';
import { createServer } from '#web/http/server.ts';
import { createMetrics, type Metrics } from '#web/metrics/metrics.ts';
import { checkDoor } from '#web/oidc/check-door.ts';
import { createProvider } from '#web/oidc/provider.ts';
import type { Config } from './config.ts';
import { mailTemplates } from './mail-templates.ts';
import { registerRoutes } from './routes.ts';
import { startSchedule } from './schedule.ts';

export type LoginApp = {
  /** The HTTP server; `inject()` it in tests, `listen()` in programs. */
  readonly server: FastifyInstance;
  /** The settings as this node has them. */
  readonly settings: LiveSettings;
  /** What is measured on this node. */
  readonly metrics: Metrics;
  /** With what consoles are checked (R19). */
  readonly checkTools: CheckTools;
  /** Starts sending mail and telling consoles on this node. */
  startWork(): Promise<void>;
  /**
   * Says that this node is to stop: `/readyz` answers 503, and each answer closes its connection, so that nobody sends the next request here. It goes on serving until `close`.
   */
  drain(): void;
  /** Reads the consoles anew, which nodes keep in memory; a notification does the same by itself. */
  forgetCaches(): void;
  close(): Promise<void>;
};

/**
 * The composition root: the only place that hands out database, mail, clock and keys.
 * @param database a migrated database (see `migrate`); closing the app leaves it open
 * @param databaseUrl PostgreSQL itself, past any pooler: listening, the job queue and imports keep their connections
 * @param masterSecret the installation's master key
 * @param databaseTime where `clock` is the database's: compares it from time to time
 */
export async function buildLogin(
  config: Config,
  database: Database,
  databaseUrl: string,
  masterSecret: string,
  clock: () => Date,
  log: { write(line: string): void } = process.stderr,
  databaseTime?: DatabaseClock,
): Promise<LoginApp> {
  const { db } = database;
  const clockAhead = (): number | null => databaseTime?.ahead() ?? null;
  const secrets = secretKeys(masterSecret, ...config.previousSecrets);
  const stored = await purposeKeys(db, secrets, clock());
  // The queue opens before there is a log.
  let report = (error: Error): void => process.emitWarning(error);
  const metrics: Metrics = createMetrics(database, () => hasher, clock, clockAhead);
  // Behind a pooler, imports have a few connections of their own: their lock and their table last as long as one.
  const isPooled = config.databaseDirectUrl !== config.databaseUrl;
  const imports = isPooled
    ? openDatabase(databaseUrl, { connections: 3, onError: (error) => report(error) })
    : database;
  const [settings, keys, hasher, jobs] = await Promise.all([
    liveSettings(db, config.settings, (error) => report(error as Error)),
    loadSigningKeys(db, secrets, clock, (trx, made) =>
      recordEvent(trx, { at: clock(), action: 'signing-key.created', actor: 'system', detail: made }),
    ),
    createPasswordHasher(stored['password-pepper'], undefined, (time) => metrics.passwordWaited(time)),
    openJobs({
      databaseUrl,
      mailRetryAfter: config.mailRetryAfter,
      onError: (error) => report(error),
    }),
  ]);
  const outbound = createOutbound({ allowedInternalHosts: config.allowedInternalHosts });
  const made: { door?: LoginServerDoor } = {};
  const context: WebContext = {
    get door() {
      if (!made.door) throw new Error('The door opens with the server.');
      return made.door;
    },
    issuer: config.issuer,
    pagesUrl: config.pagesUrl,
    secure: config.issuer.startsWith('https:'),
    production: config.production,
    get brand() {
      return settings.current().brand;
    },
    get passwordRules() {
      return settings.current().passwordRules;
    },
    get signInLimits() {
      return settings.current().signInLimits;
    },
    get sendPause() {
      return settings.current().sendPause;
    },
    settings,
    environmentSettings: config.settings,
    allowedInternalHosts: config.allowedInternalHosts,
    db,
    jobs,
    hasher,
    legacyPasswords: createLegacyPasswords({
      db,
      verifier: createLegacyVerifier(),
      sender: { keys, issuer: config.issuer, outbound },
      decoyKey: stored['legacy-password-decoys'],
      elapsed: () => performance.now(),
    }),
    consoles: consoleDirectory(db, () => performance.now(), 5 * SECOND),
    uses: consoleUses(),
    outbound,
    planWatch: planWatch(),
    eventWatch: eventWatch(),
    keys,
    secrets,
    sealKey: stored['audit-seals'],
    codeKey: stored['verification-codes'],
    undoKey: stored['login-id-undo'],
    answerKey: stored['idempotent-answers'],
    knownBrowserKey: stored['known-browsers'],
    cookieKey: stored.cookies,
    forwardAuthKey: stored['forward-auth'],
    clock,
    pause: (milliseconds) => pause(milliseconds),
  };
  const mailer = createMailer(
    { db, jobs, clock },
    {
      smtpUrl: config.smtpUrl,
      get sender() {
        return context.brand;
      },
      issuerHost: new URL(config.issuer).hostname,
      get bulkPerSecond() {
        return settings.current().noticesPerSecond;
      },
      timeLimit: config.mailTimeLimit,
    },
    mailTemplates(context),
    { [NOTICE_MAIL]: noticeMailEnded },
  );
  const places = createPlaces(4);
  const eventPlaces = createPlaces(4);
  const server: FastifyInstance = await createServer(context, { ...config, log });
  metrics.watch(server);
  report = (error) => server.log.error({ err: error }, 'job queue');
  await registerOpenApi(server);
  server.get('/healthz', { config: { anyHost: true, fromAnywhere: true } }, async () => ({
    status: 'alive',
  }));
  let isDraining = false;
  server.addHook('onRequest', async (_request, reply) => {
    if (isDraining) reply.raw.setHeader('connection', 'close');
  });
  server.get('/readyz', { config: { anyHost: true, fromAnywhere: true } }, async (_request, reply) => {
    if (isDraining) return reply.code(503).send({ status: 'stopping' });
    await sql`select 1`.execute(db);
    return { status: 'ready' };
  });
  const provider = createProvider(context, keys);
  made.door = checkDoor(context, provider, server);
  await registerRoutes(server, context, provider);
  await server.ready();
  const followTime = databaseTime && timeFollower(databaseTime, server.log);
  const self = {
    id: newId('nod', clock()),
    name: `${hostname()}:${config.port}`,
    masterKeys: secrets.all.map((key) => key.fingerprint),
  };
  await followTime?.();
  await sayNode(db, { ...self, clockAhead: clockAhead() });

  const notifications = listenForNotifications(databaseUrl, {
    [CONSOLES_CHANGED]: () => context.consoles.forget(),
    [SIGNING_KEYS_CHANGED]: () => void keys.reload().catch(report),
    [SETTINGS_CHANGED]: () => void settings.reload(),
    [PLAN_CHANGED]: (consoleId) => context.planWatch.changed(consoleId),
    [EVENTS_WAITING]: (consoleId) => context.eventWatch.changed(consoleId),
  });
  let stopSchedule: (() => Promise<void>) | undefined;
  let isStopping = false;
  return {
    server,
    settings,
    metrics,
    checkTools: context,
    async startWork() {
      await jobs.work({
        'mail.send': ({ messageId }) => mailer.send(messageId),
        'mail.bulk': ({ messageId }) => mailer.send(messageId),
        'logout.deliver': ({ deliveryId, probe = false }) =>
          deliverLogout({ db, jobs, keys, issuer: config.issuer, outbound, places }, deliveryId, clock(), {
            probe,
          }),
        'event.deliver': ({ deliveryId, probe = false }) =>
          pushEvent(
            { db, jobs, keys, issuer: config.issuer, outbound, places: eventPlaces, secrets },
            deliveryId,
            clock(),
            { probe },
          ),
        'import.run': ({ importId }) =>
          workOnUpload(
            { db: imports.db, jobs, judgeHash: judgeLegacyHash, clock, isStopping: () => isStopping },
            importId,
          ),
      });
      stopSchedule = startSchedule({
        db,
        jobs,
        uses: context.uses,
        clock,
        log: server.log,
        addresses: context,
        sealKey: context.sealKey,
        secrets,
        keys,
        settings,
        sayNode: async () => {
          await followTime?.();
          await sayNode(db, { ...self, clockAhead: clockAhead() });
        },
      });
      warmPasswordRules().catch((error: unknown) => server.log.error({ err: error }, 'dictionaries'));
    },
    drain: () => void (isDraining = true),
    forgetCaches: () => context.consoles.forget(),
    async close() {
      isStopping = true;
      // Consoles that wait for their plan are answered at once; they ask another node.
      context.planWatch.close();
      context.eventWatch.close();
      await notifications.stop();
      await stopSchedule?.();
      await server.close();
      await context.uses
        .write(db)
        .catch((error: unknown) => server.log.error({ err: error }, 'uses of consoles'));
      await context.legacyPasswords.close();
      await unsayNode(db, self.id).catch((error: unknown) =>
        server.log.error({ err: error }, 'servers that run'),
      );
      await jobs.stop();
      if (isPooled) await imports.close();
      mailer.close();
    },
  };
}
