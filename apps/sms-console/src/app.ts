import { hkdfSync, randomBytes } from 'node:crypto';
import cookie from '@fastify/cookie';
import csrfProtection from '@fastify/csrf-protection';
import formbody from '@fastify/formbody';
import helmet from '@fastify/helmet';
import { createConsoleKit, type ConsoleKit } from '@hitokagi/console-kit';
import { assetPath, assets, brandAssets } from '@hitokagi/design-system/assets';
import fastify, { type FastifyBaseLogger, type FastifyInstance, type FastifyRequest } from 'fastify';
import { accountEvents } from '#domain/account-events/account-events.ts';
import { BRANDS } from '#domain/brand.ts';
import { createDelivery } from '#domain/delivery/delivery.ts';
import { checkLegacyPassword } from '#domain/legacy-login/sign-in.ts';
import { kitStores } from '#domain/unified-login/stores.ts';
import { sealSecrets } from '#domain/webhooks/seal-secrets.ts';
import type { Db } from '#support/db/database.ts';
import { createOutbound } from '#support/primitives/outbound.ts';
import { createSealer } from '#support/primitives/sealed-text.ts';
import type { Mailer } from '#support/mail/mailer.ts';
import { cookieNames } from '#web/http/cookies.ts';
import { errorPages, unreadableAddress } from '#web/http/errors.tsx';
import { field } from '#web/http/forms.ts';
import { composeScript } from '#web/http/own-assets.ts';
import type { Web } from '#web/http/web.ts';
import { API_PREFIX } from '#web/api/authenticate.ts';
import { machineApi } from '#web/api/machine-api.ts';
import { sendProblem } from '#web/api/problem.ts';
import { codesApi } from '#web/internal/codes-api.ts';
import { kannelReceipts } from '#web/internal/kannel-receipts.ts';
import { addressRoutes } from '#web/pages/addresses/route.ts';
import { apiKeyRoutes } from '#web/pages/api-keys/route.ts';
import { campaignRoutes } from '#web/pages/campaigns/route.ts';
import { composeRoutes } from '#web/pages/compose/route.ts';
import { csvRoutes } from '#web/pages/csv/route.ts';
import { emailRoutes } from '#web/pages/email/route.ts';
import { forgotRoutes } from '#web/pages/forgot/route.ts';
import { gatewayRoutes } from '#web/pages/gateways/route.ts';
import { homeRoutes } from '#web/pages/home/route.ts';
import { languageRoutes } from '#web/pages/language/route.ts';
import { loginRoutes } from '#web/pages/login/route.ts';
import { optOutRoutes } from '#web/pages/opt-outs/route.ts';
import { passwordRoutes } from '#web/pages/password/route.ts';
import { messagePageRoutes } from '#web/pages/messages/route.ts';
import { monthRoutes } from '#web/pages/months/route.ts';
import { peopleRoutes } from '#web/pages/people/route.ts';
import { resetRoutes } from '#web/pages/reset/route.ts';
import { sendingRulesRoutes } from '#web/pages/sending-rules/route.ts';
import { settingsRoutes } from '#web/pages/settings/route.ts';
import { signedOutRoutes } from '#web/pages/signed-out/route.ts';
import { templateRoutes } from '#web/pages/templates/route.ts';
import { unifiedRoutes } from '#web/pages/unified/route.ts';
import { webhookRoutes } from '#web/pages/webhooks/route.ts';
import type { Config } from './config.ts';
import { routes } from './routes.ts';
import { startSchedule } from './schedule.ts';

export type ConsoleParts = {
  config: Config;
  /** The console's own database, migrated. The caller closes it, after the app. */
  db: Db;
  mailer: Mailer;
  clock: () => Date;
  /** Log of the program; nothing is logged without one. */
  log?: FastifyBaseLogger;
  /** How often the migration plan is asked for. */
  planIntervalMilliseconds?: number;
  /** How often legacy sign-ins are reported. */
  legacySignInIntervalMilliseconds?: number;
  /** How often the outbox of changes of e-mail addresses is looked through. */
  loginIdIntervalMilliseconds?: number;
  /** How often the outbox of people to register is looked through. */
  registrationIntervalMilliseconds?: number;
  /** How often an empty queue of messages is looked into. */
  queueIntervalMilliseconds?: number;
};

/**
 * Puts one console together (composition root). The answer is a Fastify application for `inject()` and `listen()`; from
 * its start until `close()` it keeps the migration plan fresh and sends the mails of asked resets.
 */
export async function buildConsole({
  config,
  db,
  mailer,
  clock,
  log,
  ...intervals
}: ConsoleParts): Promise<FastifyInstance> {
  const secure = config.url.startsWith('https:');
  const brand = BRANDS[config.brand];
  const files = brandAssets(`console-${brand.id}`, { keyColour: brand.keyColour, mark: brand.mark });
  const chrome = {
    stylesheets: [assetPath('ui.css'), files.stylesheet.path],
    scripts: [assetPath('ui.js')],
    iconUrl: files.icon.path,
  };
  const app = fastify({
    ...(log ? { loggerInstance: log } : { logger: false }),
    genReqId: () => randomBytes(4).toString('hex').toUpperCase(),
    bodyLimit: 64 * 1024,
    trustProxy: config.trustedProxies.length > 0 ? [...config.trustedProxies] : false,
    frameworkErrors: (error, request, reply) =>
      request.url.startsWith(`${API_PREFIX}/`)
        ? void sendProblem(reply, 'not-found')
        : unreadableAddress({ brand, chrome })(error, request, reply),
  });
  const cookies = cookieNames(config.brand, { secure });
  const kit = createKit(config, db, clock, app.log, intervals);
  const outbound = createOutbound({ allowedInternalHosts: config.webhookHosts });
  const sealer = createSealer(config.storedSecretsKeys, 'secrets of webhooks');
  const schedule = startSchedule(app, {
    db,
    mailer,
    clock,
    brand,
    origin: config.url,
    outbound,
    sealer,
    kit,
  });
  const web: Web = {
    config,
    brand,
    db,
    clock,
    kit,
    sealer,
    cookies,
    chrome,
    wakeResetMails: schedule.wakeResetMails,
    wakeWebhooks: schedule.wakeWebhooks,
    wakeCampaigns: schedule.wakeCampaigns,
    wakeWelcomes: schedule.wakeWelcomes,
  };

  await app.register(helmet, securityHeaders({ secure, kit }));
  await app.register(cookie);
  await app.register(formbody);
  await app.register(csrfProtection, {
    cookieKey: cookies.csrf,
    cookieOpts: cookies.options,
    getToken: (request: FastifyRequest) => field(request.body, '_csrf'),
  });
  app.addHook('preHandler', (request, reply, done) => {
    const changes = request.method !== 'GET' && request.method !== 'HEAD';
    const { url } = request.routeOptions;
    const exempt =
      request.is404 ||
      url === routes.backchannelLogout ||
      url === routes.accountEvents ||
      url === routes.legacyPasswordCheck ||
      // They check it themselves, once they have read the fields before their file.
      UPLOADS.some((path) => path === url) ||
      url?.startsWith(`${API_PREFIX}/`) === true ||
      url === routes.internalCodes;
    if (changes && !exempt) app.csrfProtection(request, reply, done);
    else done();
  });
  errorPages(app, web);

  for (const file of [...assets, files.stylesheet, files.icon, composeScript]) {
    app.get(file.path, (_request, reply) =>
      reply.type(file.contentType).header('cache-control', file.cacheControl).send(file.body),
    );
  }
  app.get(routes.health, { logLevel: 'warn' }, (_request, reply) =>
    reply.header('cache-control', 'no-store').send({ status: 'ok' }),
  );
  for (const mount of [
    homeRoutes,
    loginRoutes,
    forgotRoutes,
    resetRoutes,
    settingsRoutes,
    passwordRoutes,
    emailRoutes,
    languageRoutes,
    signedOutRoutes,
    peopleRoutes,
  ]) {
    mount(app, web);
  }
  await unifiedRoutes(app, web);
  if (brand.sendsSms) {
    for (const mount of [
      apiKeyRoutes,
      composeRoutes,
      csvRoutes,
      campaignRoutes,
      messagePageRoutes,
      webhookRoutes,
      monthRoutes,
      addressRoutes,
      optOutRoutes,
      templateRoutes,
      sendingRulesRoutes,
      gatewayRoutes,
    ])
      mount(app, web);
    await machineApi(app, { db, clock, requestsPerMinute: config.apiRequestsPerMinute, url: config.url });
    const log = app.log.child({ part: 'delivery' });
    const delivery = createDelivery({
      db,
      gateways: config.gateways,
      clock,
      log: (level, facts, sentence) => log[level](facts, sentence),
      lookAgain: intervals.queueIntervalMilliseconds,
    });
    if (config.codesKey !== null)
      await codesApi(app, { db, clock, key: config.codesKey, onCode: () => delivery.wake('code') });
    kannelReceipts(app, { gateways: config.gateways, store: delivery.receipt });
    if (config.gateways.length > 0) {
      app.addHook('onReady', () => delivery.start());
      app.addHook('onClose', () => delivery.stop());
    }
  }

  app.addHook('onReady', async () => {
    const { lost } = await sealSecrets(db, sealer);
    if (lost > 0)
      app.log.error(
        { lost },
        'secrets of webhooks cannot be opened: name the key of before in CONSOLE_STORED_SECRETS_KEYS',
      );
    // Asked for now, so that the first page knows where its forms may lead.
    kit.browserOrigins();
    await kit.plan.start();
    kit.legacySignIns.start();
    kit.loginIds.start();
    kit.registrations.start();
  });
  app.addHook('onClose', async () => {
    await Promise.all([
      kit.plan.stop(),
      kit.legacySignIns.stop(),
      kit.loginIds.stop(),
      kit.registrations.stop(),
    ]);
  });
  return app;
}

const UPLOADS = [routes.csvNew, routes.groupImport, routes.optOutsImport];

function createKit(
  config: Config,
  db: Db,
  clock: () => Date,
  log: FastifyBaseLogger,
  intervals: Pick<
    ConsoleParts,
    | 'planIntervalMilliseconds'
    | 'legacySignInIntervalMilliseconds'
    | 'loginIdIntervalMilliseconds'
    | 'registrationIntervalMilliseconds'
  >,
): ConsoleKit {
  return createConsoleKit({
    issuer: config.issuer,
    clientId: config.clientId,
    clientSecret: config.clientSecret,
    consoleUrl: config.url,
    cookieKey: pendingSignInKey(config),
    clock,
    log,
    legacyPasswords: { check: (question) => checkLegacyPassword(db, question, clock()) },
    accountEvents: accountEvents(db, clock),
    ...kitStores(db, clock),
    endedSessionsIntervalMilliseconds: config.endedSessionsInterval,
    loginIdCompareIntervalMilliseconds: config.loginIdCompareInterval,
    ...intervals,
  });
}

/** The key of the cookies of sign-ins under way, 32 bytes in Base64url. Every node of the console has the client secret, so every node derives the same key from it. */
export function pendingSignInKey({ clientId, clientSecret }: Config): string {
  const key = hkdfSync('sha256', clientSecret, clientId, 'pending sign-in cookies of this console', 32);
  return Buffer.from(key).toString('base64url');
}

/** Chromium applies form-action to the whole redirect chain after a form: signing out and a sign-in after cut-over lead to the login server, wherever its pages are. */
function securityHeaders({ secure, kit }: { secure: boolean; kit: ConsoleKit }) {
  return {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'"],
        fontSrc: ["'self'"],
        connectSrc: ["'self'"],
        formAction: ["'self'", () => kit.browserOrigins().join(' ')],
        frameAncestors: ["'none'"],
        baseUri: ["'none'"],
      },
    },
    referrerPolicy: { policy: 'same-origin' as const },
    strictTransportSecurity: secure ? { maxAge: 31_536_000 } : false,
    xFrameOptions: { action: 'deny' as const },
  };
}
