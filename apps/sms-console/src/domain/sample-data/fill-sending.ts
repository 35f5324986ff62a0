import { createGroup, insertAddresses } from '#domain/addresses/groups.ts';
import { addOptOuts } from '#domain/opt-outs/opt-outs.ts';
import { changeRules } from '#domain/sending-rules/sending-rules.ts';
import { saveTemplate } from '#domain/templates/templates.ts';
import type { Db } from '#support/db/database.ts';
import { fillWithSampleCampaigns, sampleNumber } from './fill-campaigns.ts';

const TEMPLATES = [
  {
    name: '見本: 予約の確認',
    body: '{名前} 様\nご予約を承りました。変更は前日までにご連絡ください。\n見本クリニック 03-0000-0000',
  },
  { name: '見本: 発送のお知らせ', body: '{名前} 様\nご注文の商品を本日発送しました。見本ストア' },
  { name: 'Sample: appointment', body: 'Dear {name}, see you tomorrow at the sample clinic.' },
];
const PEOPLE = ['見本 一郎', '見本 二葉', '見本 三平', '見本 四季', '見本 五月', '見本 六花'];

/**
 * Gives the company of one of the sample people a few templates, a group, a number that opted out, quiet hours and campaigns, so that every page
 * shows something. Safe to run again: a company that has a group stays as it is. Returns whether anything was added.
 */
export async function fillWithSampleSending(db: Db, personId: string, now: Date): Promise<boolean> {
  const person = await db
    .selectFrom('person')
    .select(['id', 'company_id'])
    .where('id', '=', personId)
    .executeTakeFirst();
  if (!person) return false;
  const by = { personId: person.id, companyId: person.company_id };
  const there = await db
    .selectFrom('address_group')
    .select('id')
    .where('company_id', '=', by.companyId)
    .executeTakeFirst();
  if (there) return false;
  for (const template of TEMPLATES) await saveTemplate(db, by, { id: null, ...template }, now);
  await addOptOuts(db, by, [{ number: sampleNumber(5), reason: '見本: ご本人のお申し出' }], now);
  const rules = { quiet: true, quietFrom: '21:00', quietUntil: '8:00', longMessages: true, monthlyParts: '' };
  await changeRules(db, by, rules, now);
  const group = await createGroup(db, by.companyId, '見本: 会員', now);
  if (!group.ok) return false;
  const entries = PEOPLE.map((name, index) => ({ number: sampleNumber(index), fields: { 名前: name } }));
  await insertAddresses(db, group.id, entries, now);
  await fillWithSampleCampaigns(db, by, now);
  return true;
}
