import { sql } from 'kysely';
import { z } from 'zod';
import type { Db } from '#support/db/database.ts';
import { isId } from '#support/primitives/ids.ts';

/** What somebody has written of a message so far, exactly as typed: it need not be right yet. */
export type DraftContent = {
  readonly name: string;
  readonly recipients: string;
  readonly groupIds: readonly string[];
  readonly body: string;
  readonly when: 'now' | 'later';
  readonly date: string;
  readonly time: string;
};

export type Draft = {
  readonly id: string;
  readonly content: DraftContent;
  /** Grows with each change; what is confirmed must be what was seen. */
  readonly revision: number;
  readonly savedAt: Date;
  /** What became of it; null while it is a draft. */
  readonly campaignId: string | null;
};

export type SavedDraft = { ok: true; revision: number } | { ok: false; reason: 'sent' | 'not-yours' };

export const EMPTY_DRAFT: DraftContent = {
  name: '',
  recipients: '',
  groupIds: [],
  body: '',
  when: 'now',
  date: '',
  time: '',
};

const contentForm = z.object({
  name: z.string(),
  recipients: z.string(),
  groupIds: z.array(z.string()),
  body: z.string(),
  when: z.enum(['now', 'later']),
  date: z.string(),
  time: z.string(),
});

/**
 * Stores what was written under the id that came with the empty form: the same form sent twice is one draft. What has been
 * sent stays as it was sent. Content that is the same as before changes nothing.
 */
export async function saveDraft(
  db: Db,
  by: { personId: string; companyId: string },
  { id, content }: { id: string; content: DraftContent },
  now: Date,
): Promise<SavedDraft> {
  if (!isId('drf', id)) return { ok: false, reason: 'not-yours' };
  const json = JSON.stringify(content);
  const row = await db
    .insertInto('draft')
    .values({
      id,
      company_id: by.companyId,
      person_id: by.personId,
      content: json,
      created_at: now,
      saved_at: now,
    })
    .onConflict((conflict) =>
      conflict
        .column('id')
        .doUpdateSet({
          content: json,
          saved_at: now,
          revision: sql<number>`draft.revision + case when draft.content = excluded.content then 0 else 1 end`,
        })
        .where('draft.person_id', '=', by.personId)
        .where('draft.campaign_id', 'is', null),
    )
    .returning(['revision'])
    .executeTakeFirst();
  if (!row) {
    const found = await findDraft(db, by.personId, id);
    return { ok: false, reason: found === null ? 'not-yours' : 'sent' };
  }
  return { ok: true, revision: row.revision };
}

/** A draft of this person, sent or not; null for any other id. */
export async function findDraft(db: Db, personId: string, id: string): Promise<Draft | null> {
  if (!isId('drf', id)) return null;
  const row = await drafts(db, personId).where('id', '=', id).executeTakeFirst();
  return row ? { ...row, content: readContent(row.content) } : null;
}

/** What this person has not sent yet, latest first. */
export async function listDrafts(db: Db, personId: string, limit: number): Promise<readonly Draft[]> {
  const rows = await drafts(db, personId)
    .where('campaign_id', 'is', null)
    .orderBy('saved_at', 'desc')
    .limit(limit)
    .execute();
  return rows.map((row) => ({ ...row, content: readContent(row.content) }));
}

/** Throws a draft away; one that was sent stays with its campaign. */
export async function deleteDraft(db: Db, personId: string, id: string): Promise<boolean> {
  const result = await db
    .deleteFrom('draft')
    .where('id', '=', id)
    .where('person_id', '=', personId)
    .where('campaign_id', 'is', null)
    .executeTakeFirst();
  return result.numDeletedRows > 0n;
}

/** Content that was stored by this or an earlier release. */
export function readContent(stored: unknown): DraftContent {
  const read = contentForm.safeParse({ ...EMPTY_DRAFT, ...(stored as object) });
  return read.success ? read.data : EMPTY_DRAFT;
}

function drafts(db: Db, personId: string) {
  return db
    .selectFrom('draft')
    .select(['id', 'content', 'revision', 'saved_at as savedAt', 'campaign_id as campaignId'])
    .where('person_id', '=', personId);
}
