import type { Db } from '#support/db/database.ts';
import { hashBearerSecret, newBearerSecret } from '#support/primitives/bearer-secret.ts';
import { after, HOUR } from '#support/primitives/durations.ts';
import { readContent, saveDraft, type DraftContent } from './drafts.ts';

/** How long content waits for its person to sign in again. */
export const KEPT_FOR = 2 * HOUR;

/**
 * Keeps what came in a form after the session had ended. Returns the secret for a cookie: whoever brings it and is the person
 * whose form it was gets the content back, nobody else ever does.
 */
export async function keepForm(
  db: Db,
  form: { personId: string; draftId: string; content: DraftContent },
  now: Date,
): Promise<string> {
  const token = newBearerSecret();
  await db
    .insertInto('kept_form')
    .values({
      token_hash: hashBearerSecret(token),
      person_id: form.personId,
      draft_id: form.draftId,
      content: JSON.stringify(form.content),
      expires_at: after(now, KEPT_FOR),
    })
    .execute();
  return token;
}

/**
 * Makes a draft of what is kept under this secret, once, if it is this person's; returns its id. For anybody else, too late or a
 * second time it is null, and what was kept is gone.
 */
export async function takeKeptForm(
  db: Db,
  token: string,
  by: { personId: string; companyId: string },
  now: Date,
): Promise<string | null> {
  return db.transaction().execute(async (trx) => {
    const kept = await trx
      .deleteFrom('kept_form')
      .where('token_hash', '=', hashBearerSecret(token))
      .returning(['person_id', 'draft_id', 'content', 'expires_at'])
      .executeTakeFirst();
    if (!kept || kept.person_id !== by.personId || kept.expires_at <= now) return null;
    const draft = { id: kept.draft_id, content: readContent(kept.content) };
    return (await saveDraft(trx, by, draft, now)).ok ? kept.draft_id : null;
  });
}
