import { sql, type Insertable } from 'kysely';
import type { Db } from '#support/db/database.ts';
import type { Tables } from '#support/db/schema.ts';
import { newId } from '#support/primitives/ids.ts';

/** What somebody confirmed, as they saw it: a draft, or a file whose rows were read. Its row is locked. */
export type Confirmable = {
  readonly table: 'draft' | 'csv_sending';
  readonly id: string;
  readonly revision: number;
};

/**
 * Makes a campaign of what was confirmed, in the transaction of its confirmation, and answers its id. One guarded statement takes the draft
 * or the file, so that one campaign comes of it, however often it is confirmed; a row that another took in spite of its lock throws.
 */
export async function becomeCampaign(
  trx: Db,
  by: { personId: string; companyId: string },
  { table, id, revision }: Confirmable,
  campaign: Omit<
    Insertable<Tables['campaign']>,
    'id' | 'company_id' | 'created_by' | 'created_at' | 'confirmed_at'
  >,
  now: Date,
): Promise<string> {
  const campaignId = newId('cmp', now);
  await trx
    .insertInto('campaign')
    .values({
      ...campaign,
      id: campaignId,
      company_id: by.companyId,
      created_by: by.personId,
      created_at: now,
      confirmed_at: now,
    })
    .execute();
  const taken = await sql`
    update ${sql.table(table)} set campaign_id = ${campaignId}
    where id = ${id} and campaign_id is null and revision = ${revision}`.execute(trx);
  if (taken.numAffectedRows !== 1n) throw new Error(`a locked row of ${table} was taken by another`);
  return campaignId;
}
