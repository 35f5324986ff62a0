import type { ConsoleKit } from '@hitokagi/console-kit';
import type { FastifyInstance } from 'fastify';
import { routes } from './routes.ts';
import type { ConsoleBrand } from '#domain/brand.ts';
import { workOnCampaigns } from '#domain/campaigns/work.ts';
import { checkFiles } from '#domain/csv-sending/check.ts';
import { mailPendingResets } from '#domain/legacy-login/reset-mail.ts';
import { mailWelcomes } from '#domain/members/greetings.ts';
import { wipeCodeTexts } from '#domain/messages/codes.ts';
import { tidy } from '#domain/tidy.ts';
import { deliverDue } from '#domain/webhooks/deliver.ts';
import { makeDeliveries } from '#domain/webhooks/tell.ts';
import type { Db } from '#support/db/database.ts';
import type { Mailer } from '#support/mail/mailer.ts';
import { HOUR, MINUTE, SECOND } from '#support/primitives/durations.ts';
import type { Outbound } from '#support/primitives/outbound.ts';
import type { Sealer } from '#support/primitives/sealed-text.ts';
import { elsewhereMail, welcomeMail } from '#web/mails/welcome.ts';
import { legacyResetMail } from '#web/mails/legacy-reset.ts';

type Work = {
  db: Db;
  mailer: Mailer;
  clock: () => Date;
  brand: ConsoleBrand;
  origin: string;
  outbound: Outbound;
  sealer: Sealer;
  kit: ConsoleKit;
};
type Schedule = {
  wakeResetMails: () => void;
  wakeWelcomes: () => void;
  wakeWebhooks: () => void;
  wakeCampaigns: () => void;
};

/** The table of recurring work, from the start of the app until it closes; runs of one kind never overlap. */
export function startSchedule(app: FastifyInstance, work: Work): Schedule {
  const resetMails = recurring(app, 'mails of resets', 5 * SECOND, () => sendResetMails(app, work));
  recurring(app, 'tidying', HOUR, () => tidy(work.db, work.clock()));
  const welcomes = recurring(app, 'first mails', 2 * SECOND, () => sendWelcomes(app, work));
  const wake = { wakeResetMails: resetMails, wakeWelcomes: welcomes };
  if (!work.brand.sendsSms) return { ...wake, wakeWebhooks: () => undefined, wakeCampaigns: () => undefined };
  recurring(app, 'wiping of codes', MINUTE, () => wipeCodeTexts(work.db, work.clock()));
  const webhooks = recurring(app, 'webhooks', 2 * SECOND, () => sendWebhooks(work));
  let isStopping = false;
  app.addHook('preClose', async () => void (isStopping = true));
  const campaigns = recurring(app, 'campaigns', 3 * SECOND, () =>
    workOnCampaigns(work.db, { clock: work.clock, isStopping: () => isStopping }),
  );
  const files = recurring(app, 'files of recipients', 3 * SECOND, () =>
    checkFiles(work.db, { clock: work.clock, isStopping: () => isStopping }),
  );
  const wakeCampaigns = (): void => {
    campaigns();
    files();
  };
  return { ...wake, wakeWebhooks: webhooks, wakeCampaigns };
}

async function sendWelcomes(
  app: FastifyInstance,
  { db, mailer, clock, brand, origin, kit }: Work,
): Promise<void> {
  const legacy = kit.gate(clock()).phase === 'prepared';
  await mailWelcomes(
    db,
    {
      compose: (mail) =>
        mail.isElsewhere
          ? elsewhereMail(brand, mail)
          : welcomeMail(
              brand,
              legacy
                ? `${origin}${routes.forgot}`
                : kit.resetUrl({ loginHint: mail.to.address, locale: mail.locale, returnPath: routes.home }),
              mail,
            ),
      isLoginServerThere: async () => (await kit.plan.refresh()).ok,
      send: (mail) => mailer.send(mail),
      onRefused: (error) =>
        app.log.warn({ err: error }, 'the mail server did not take a first mail; it is tried again'),
    },
    clock,
  );
}

async function sendWebhooks({ db, outbound, sealer, clock }: Work): Promise<void> {
  while (await makeDeliveries(db, clock()));
  while ((await deliverDue(db, { outbound, sealer }, clock)) > 0);
}

async function sendResetMails(
  app: FastifyInstance,
  { db, mailer, clock, brand, origin }: Work,
): Promise<void> {
  await mailPendingResets(
    db,
    {
      compose: (mail) => legacyResetMail(brand, origin, mail),
      send: (mail) => mailer.send(mail),
      onRefused: (error) =>
        app.log.warn({ err: error }, 'the mail server did not take the mail of a reset; it is tried again'),
    },
    clock,
  );
}

/** Runs `act` every `pause`, and at once when the returned function is called; a call during a run has it run once more. */
function recurring(app: FastifyInstance, name: string, pause: number, act: () => Promise<void>): () => void {
  let running: Promise<void> | null = null;
  let again = false;
  let timer: NodeJS.Timeout | undefined;
  const run = async (): Promise<void> => {
    do {
      again = false;
      await act().catch((error: unknown) => app.log.error({ err: error }, `${name} failed`));
    } while (again);
    running = null;
  };
  const wake = (): void => {
    again = running !== null;
    running ??= run();
  };
  app.addHook('onReady', async () => {
    timer = setInterval(wake, pause);
    timer.unref();
  });
  app.addHook('onClose', async () => {
    clearInterval(timer);
    await running;
  });
  return wake;
}
