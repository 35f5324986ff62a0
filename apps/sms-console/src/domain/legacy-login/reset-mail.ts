import type { Db } from '#support/db/database.ts';
import type { Mail } from '#support/mail/mailer.ts';
import { hashBearerSecret, newBearerSecret } from '#support/primitives/bearer-secret.ts';
import { after, SECOND } from '#support/primitives/durations.ts';
import type { Locale } from '#support/primitives/locale.ts';
import { RESET_LINK_LIFE } from './reset.ts';

export type ResetMail = {
  to: { name: string; address: string };
  locale: Locale;
  token: string;
  expiresAt: Date;
};

/** How long one try may take before the mail counts as not sent. */
const LEASE = 90 * SECOND;
const PAUSES = [5 * SECOND, 30 * SECOND, 120 * SECOND, 600 * SECOND] as const;

/**
 * Sends the mails of asked resets that are due, and returns how many were sent. A mail that the server does not take is
 * tried again after growing pauses, five times in all. The link's token is made at the moment of sending, so the
 * database never holds one that can be read; the 30 minutes begin then too.
 */
export async function mailPendingResets(
  db: Db,
  outbox: {
    compose: (mail: ResetMail) => Mail;
    send: (mail: Mail) => Promise<void>;
    onRefused: (error: unknown) => void;
  },
  clock: () => Date,
): Promise<number> {
  let sent = 0;
  while (await mailOne(db, outbox, clock, () => (sent += 1)));
  return sent;
}

async function mailOne(
  db: Db,
  outbox: Parameters<typeof mailPendingResets>[1],
  clock: () => Date,
  onSent: () => void,
): Promise<boolean> {
  const now = clock();
  const expiresAt = after(now, RESET_LINK_LIFE);
  const token = newBearerSecret();
  const due = await claim(db, { tokenHash: hashBearerSecret(token), now, expiresAt });
  if (!due) return false;
  const row = db.updateTable('legacy_reset').where('id', '=', due.id);
  if (due.email_address === null || due.name === null || due.locale === null) {
    await row.set({ next_mail_at: null }).execute();
    return true;
  }
  const to = { name: due.name, address: due.email_address };
  try {
    await outbox.send(outbox.compose({ to, locale: due.locale, token, expiresAt }));
  } catch (error) {
    outbox.onRefused(error);
    const pause = PAUSES[due.mail_tries];
    await row
      .set({ mail_tries: due.mail_tries + 1, next_mail_at: pause ? after(now, pause) : null })
      .execute();
    return true;
  }
  await row.set({ mailed_at: now, next_mail_at: null }).execute();
  onSent();
  return true;
}

/**
 * Takes the next mail that is due for this try and writes down what its link will be known by: the link must work from the moment
 * at which the mail can be read. If this process dies meanwhile, the mail is due again after the lease.
 */
async function claim(db: Db, link: { tokenHash: Buffer; now: Date; expiresAt: Date }) {
  return db.transaction().execute(async (trx) => {
    const due = await trx
      .selectFrom('legacy_reset')
      .leftJoin('person', 'person.id', 'legacy_reset.person_id')
      .select(['legacy_reset.id', 'mail_tries', 'person.name', 'person.email_address', 'person.locale'])
      .where('next_mail_at', '<=', link.now)
      .orderBy('legacy_reset.id')
      .limit(1)
      .forUpdate('legacy_reset')
      .skipLocked()
      .executeTakeFirst();
    if (!due) return undefined;
    await trx
      .updateTable('legacy_reset')
      .set({ token_hash: link.tokenHash, expires_at: link.expiresAt, next_mail_at: after(link.now, LEASE) })
      .where('id', '=', due.id)
      .execute();
    return due;
  });
}
