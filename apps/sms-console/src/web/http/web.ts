import type { ConsoleKit } from '@hitokagi/console-kit';
import type { Config } from '#app/config.ts';
import type { ConsoleBrand } from '#domain/brand.ts';
import type { Db } from '#support/db/database.ts';
import type { Sealer } from '#support/primitives/sealed-text.ts';
import type { CookieNames } from './cookies.ts';
import type { Chrome } from './layout.tsx';

/** What every page is given by the composition root. */
export type Web = {
  readonly config: Config;
  readonly brand: ConsoleBrand;
  readonly db: Db;
  readonly clock: () => Date;
  readonly kit: ConsoleKit;
  /** Seals the secrets of webhooks. */
  readonly sealer: Sealer;
  readonly cookies: CookieNames;
  readonly chrome: Chrome;
  /** Says that a legacy reset waits for its mail. */
  readonly wakeResetMails: () => void;
  /** Says that there is something to tell webhooks. */
  readonly wakeWebhooks: () => void;
  /** Says that there is work with the messages of a campaign or with a file of recipients. */
  readonly wakeCampaigns: () => void;
  /** Says that somebody may wait for their first mail. */
  readonly wakeWelcomes: () => void;
};
