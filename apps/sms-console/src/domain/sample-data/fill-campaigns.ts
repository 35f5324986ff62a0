import { sql } from 'kysely';
import { confirmDraft } from '#domain/campaigns/confirm.ts';
import { EMPTY_DRAFT, saveDraft, type DraftContent } from '#domain/drafts/drafts.ts';
import { acceptMessages } from '#domain/messages/accept-messages.ts';
import type { Db } from '#support/db/database.ts';
import { after, DAY, HOUR, MINUTE } from '#support/primitives/durations.ts';
import { newId } from '#support/primitives/ids.ts';
import { monthsBack } from '#support/primitives/japan-months.ts';
import { japanDateAndTime, japanMidnight } from '#support/primitives/japan-time.ts';

type By = { personId: string; companyId: string };
type Past = { name: string; kind: 'composed' | 'csv'; text: (name: string) => string; to: number; at: Date };

/** Numbers of the sample people; only the carrier simulator ever gets a message to them. */
export function sampleNumber(index: number): string {
  return `+81901234${String(5_000 + index)}`;
}

/**
 * Gives the sample company some history: campaigns of the months before with their results (the last two digits of a number say which, as
 * at the carrier simulator), one that is scheduled and one that is half written. Its group and opt-out list are there already.
 */
export async function fillWithSampleCampaigns(db: Db, by: By, now: Date): Promise<void> {
  await db.transaction().execute(async (trx) => {
    for (const campaign of pastCampaigns(now)) await addPast(trx, by, campaign, now);
  });
  const draftId = newId('drf', now);
  await saveDraft(db, by, { id: draftId, content: scheduled(now) }, now);
  await confirmDraft(db, by, { draftId, revision: 1 }, now);
  await saveDraft(db, by, { id: newId('drf', now), content: HALF_WRITTEN }, now);
}

function pastCampaigns(now: Date): readonly Past[] {
  const monthAgo = (back: number, day: number): Date =>
    after(monthsBack(now, back).from, (day - 1) * DAY + 10 * HOUR);
  return [
    {
      name: '見本: 夏のセールのご案内',
      kind: 'csv',
      text: (name) =>
        `${name} 様\n見本ストアの夏のセールは今週末までです。会員の方は全品10%引き。ご来店の際にこの画面をお見せください。配信停止のお申し出は店頭で承ります。見本ストア`,
      to: 100,
      at: monthAgo(3, 6),
    },
    {
      name: 'Sample: opening hours',
      kind: 'composed',
      text: (name) => `Dear ${name}, the sample clinic is open on Saturdays from next month.`,
      to: 24,
      at: monthAgo(2, 18),
    },
    {
      name: '見本: 新商品のお知らせ',
      kind: 'csv',
      text: (name) => `${name} 様\n新しい見本の品が入荷しました。見本ストア`,
      to: 96,
      at: monthAgo(1, 9),
    },
    {
      name: '見本: ご予約の前日のお知らせ',
      kind: 'composed',
      text: (name) => `${name} 様\n明日はご予約の日です。お気をつけてお越しください。見本クリニック`,
      to: 92,
      at: after(japanMidnight(now), -14 * HOUR),
    },
  ];
}

function scheduled(now: Date): DraftContent {
  const { date } = japanDateAndTime(after(now, 14 * DAY));
  return {
    ...EMPTY_DRAFT,
    name: '見本: 休業日のお知らせ',
    recipients: [...Array(12).keys()].map(sampleNumber).join('\n'),
    body: '来週の月曜日は、誠に勝手ながら休業いたします。見本ストア',
    when: 'later',
    date,
    time: '10:00',
  };
}

const HALF_WRITTEN: DraftContent = {
  ...EMPTY_DRAFT,
  name: '見本: 書きかけのご案内',
  recipients: [20, 21, 22].map(sampleNumber).join('\n'),
  body: '見本市を開きます。日時は、',
};

async function addPast(trx: Db, by: By, { name, kind, text, to, at }: Past, now: Date): Promise<void> {
  const campaignId = newId('cmp', at);
  await trx
    .insertInto('campaign')
    .values({
      id: campaignId,
      company_id: by.companyId,
      created_by: by.personId,
      name,
      kind,
      state: 'finished',
      body: text('{名前}'),
      send_at: at,
      created_at: after(at, -20 * MINUTE),
      confirmed_at: after(at, -10 * MINUTE),
      finished_at: after(at, 2 * MINUTE),
    })
    .execute();
  const wishes = [...Array(to).keys()].map((index) => ({
    to: sampleNumber(index),
    text: text(`見本 ${String(index + 1).padStart(3, '0')}`),
  }));
  await acceptMessages(trx, { ...by, campaignId, lane: 2, isWithinLimit: true }, wishes, at);
  await settleAll(trx, campaignId, at);
  await tellOf(trx, campaignId, after(now, -7 * DAY));
}

/** A hundred a second are sent; receipts come some seconds later. */
async function settleAll(trx: Db, campaignId: string, at: Date): Promise<void> {
  await sql`
    update message as m set gateway = 'simulator', submitted_at = sent_at, settled_at = sent_at + interval '4 seconds',
      state = case right(recipient, 2) when '90' then 'undelivered' when '91' then 'expired' else 'delivered' end,
      fault = case right(recipient, 2) when '90' then 'undeliverable' end
    from (
      select id, ${at}::timestamptz + row_number() over (order by id) * interval '10 milliseconds' as sent_at
      from message where campaign_id = ${campaignId}) as way
    where m.id = way.id`.execute(trx);
  await sql`
    insert into message_part (message_id, number, gateway, carrier, state, fault, written_at, answered_at, settled_at)
    select id, number, gateway, gateway, state,
      case state when 'undelivered' then 'UNDELIV 001' when 'expired' then 'EXPIRED 027' end, submitted_at, submitted_at, settled_at
    from message cross join lateral generate_series(1, parts) as number
    where campaign_id = ${campaignId}`.execute(trx);
}

/** The ways of messages are kept for some days. */
async function tellOf(trx: Db, campaignId: string, since: Date): Promise<void> {
  await sql`
    insert into message_event (message_id, company_id, state, fault, at)
    select id, company_id, step.state, step.fault, step.at
    from message cross join lateral (
      values (1, 'sent', null, submitted_at), (2, message.state, message.fault, settled_at)) as step (place, state, fault, at)
    where campaign_id = ${campaignId} and settled_at > ${since} order by step.place, message.id`.execute(trx);
}
