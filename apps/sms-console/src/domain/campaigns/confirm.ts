import { findDraft } from '#domain/drafts/drafts.ts';
import { acceptMessages, type Sending } from '#domain/messages/accept-messages.ts';
import { lockLimit } from '#domain/messages/quota.ts';
import { asSent } from '#domain/wording/wording.ts';
import type { Db } from '#support/db/database.ts';
import { becomeCampaign } from './become-campaign.ts';
import { reviewDraft, type Outgoing } from './review.ts';

export type Confirmed =
  | { ok: true; campaignId: string }
  /** `faulty`: something is in the way now, its review says what. `changed`: it is not what was seen. */
  | { ok: false; reason: 'gone' | 'changed' | 'faulty' };

/** One message to one person does not wait behind campaigns. */
const LANE_OF_ONE = 1;
const LANE_OF_MANY = 2;

/**
 * Makes a campaign of a draft and queues its messages, in one transaction. However often and at however many places at once it is
 * confirmed, one statement takes the draft, and all others get the campaign that came of it.
 * @param revision of the draft that the person saw
 */
export async function confirmDraft(
  db: Db,
  by: { personId: string; companyId: string },
  { draftId, revision }: { draftId: string; revision: number },
  now: Date,
): Promise<Confirmed> {
  return db.transaction().execute(async (trx): Promise<Confirmed> => {
    await trx.selectFrom('draft').select('id').where('id', '=', draftId).forUpdate().execute();
    const draft = await findDraft(trx, by.personId, draftId);
    if (draft === null) return { ok: false, reason: 'gone' };
    if (draft.campaignId !== null) return { ok: true, campaignId: draft.campaignId };
    if (draft.revision !== revision) return { ok: false, reason: 'changed' };
    const { content } = draft;
    await lockLimit(trx, by.companyId);
    const review = await reviewDraft(trx, by.companyId, content, now);
    if (review.faults.length > 0) return { ok: false, reason: 'faulty' };

    const campaignId = await becomeCampaign(
      trx,
      by,
      { table: 'draft', id: draftId, revision },
      {
        name: campaignName(content.name, content.body),
        kind: 'composed',
        state: review.dueAt > now ? 'scheduled' : 'sending',
        body: asSent(content.body),
        send_at: review.dueAt,
        counts: JSON.stringify({ duplicates: review.duplicates, optedOut: review.optedOut.length }),
      },
      now,
    );
    const lane = review.outgoing.length === 1 ? LANE_OF_ONE : LANE_OF_MANY;
    await queueMessages(
      trx,
      { campaignId, ...by, lane, state: 'queued', dueAt: review.dueAt },
      review.outgoing,
      now,
    );
    return { ok: true, campaignId };
  });
}

/** Brings messages of a campaign into the queue; whoever has opted out meanwhile is left out. */
export async function queueMessages(
  trx: Db,
  { dueAt, ...of }: Sending & { campaignId: string; dueAt: Date },
  outgoing: readonly Pick<Outgoing, 'number' | 'text'>[],
  now: Date,
): Promise<void> {
  const wishes = outgoing.map(({ number, text }) => ({ to: number, text, sendAt: dueAt }));
  const answers = await acceptMessages(trx, of, wishes, now);
  const refused = answers.find((one) => !one.ok && one.reason !== 'opted-out');
  if (refused && !refused.ok) throw new Error(`a message that was checked is refused: ${refused.reason}`);
}

const NAME_OF_TEXT = 20;

/** What somebody called it, or how its text begins. */
export function campaignName(typed: string, body: string): string {
  const name = typed.trim().replace(/\s+/g, ' ');
  if (name !== '') return name;
  const line = asSent(body).replace(/\s+/g, ' ');
  const characters = [...line];
  return characters.length > NAME_OF_TEXT ? `${characters.slice(0, NAME_OF_TEXT).join('')}…` : line;
}
