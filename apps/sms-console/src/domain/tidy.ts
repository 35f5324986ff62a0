import { tidyDelivery } from '#domain/delivery/expire.ts';
import type { Db } from '#support/db/database.ts';
import { after, DAY } from '#support/primitives/durations.ts';

/** Removes what nobody needs any more: sessions after 90 days, ended resets and throttles after a day, logout tokens after their life, changes of addresses 90 days after they were asked for and settled; deliveries to webhooks after 30 days; the history of addresses stays. */
export async function tidy(db: Db, now: Date): Promise<void> {
  await db
    .deleteFrom('webhook_delivery')
    .where('state', '<>', 'waiting')
    .where('created_at', '<', after(now, -30 * DAY))
    .execute();
  await db
    .deleteFrom('console_session')
    .where('last_seen_at', '<', after(now, -90 * DAY))
    .execute();
  await db.deleteFrom('legacy_reset').where('expires_at', '<', after(now, -DAY)).execute();
  await db.deleteFrom('legacy_throttle').where('window_started_at', '<', after(now, -DAY)).execute();
  await db
    .deleteFrom('login_id_outbox')
    .where('noted_at', '<', after(now, -90 * DAY))
    .where('state', 'in', ['applied', 'refused', 'cancelled', 'ended'])
    .execute();
  await db.deleteFrom('received_event').where('expires_at', '<', now).execute();
  await db.deleteFrom('used_logout_token').where('expires_at', '<', now).execute();
  await tidyDelivery(db, now);
  await tidyWriting(db, now);
}

/** Forms kept over a sign-in after their time, drafts that were not touched for 180 days, files of recipients that were not sent after 3 days, and what is left of those that were. */
async function tidyWriting(db: Db, now: Date): Promise<void> {
  await db.deleteFrom('kept_form').where('expires_at', '<', now).execute();
  await db
    .deleteFrom('draft')
    .where('saved_at', '<', after(now, -180 * DAY))
    .execute();
  await db
    .deleteFrom('csv_sending')
    .where('created_at', '<', after(now, -3 * DAY))
    .where('campaign_id', 'is', null)
    .execute();
  await db
    .deleteFrom('csv_sending')
    .where('created_at', '<', after(now, -90 * DAY))
    .where('state', '=', 'queued')
    .execute();
}
