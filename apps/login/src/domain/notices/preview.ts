import { recordEvent } from '#support/audit/record.ts';
import type { Db } from '#support/db/database.ts';
import type { Jobs } from '#support/jobs/jobs.ts';
import { queueMail, type RenderedMail } from '#support/mail/mail.ts';
import { parseEmailAddress } from '#support/primitives/email-address.ts';
import type { Locale } from '#support/primitives/locale.ts';
import {
  noticeLetter,
  noticeTextProblem,
  type NoticeHouse,
  type NoticeReader,
  type NoticeTextProblem,
} from './letter.ts';
import { draftOccasion, NOTICE_TEST_MAIL, noticeToSend, readerOf, type NoticeDraft } from './mail.ts';

/** The sample person of a preview. */
const SAMPLE: { readonly [L in Locale]: NoticeReader } = {
  ja: { name: '見本 太郎', company: '見本商事株式会社', emailAddress: 'taro@example.co.jp' },
  en: { name: 'Taro Mihon', company: 'Sample Trading', emailAddress: 'taro@example.co.jp' },
};

/** A notice as one of its people would read it, or a sample person. */
export async function previewNotice(
  db: Db,
  house: NoticeHouse,
  noticeId: string,
  wanted: { locale?: Locale; accountId?: string },
): Promise<
  | { ok: true; locale: Locale; mail: RenderedMail }
  | { ok: false; reason: 'notice-unknown' | 'recipient-unknown' }
> {
  if (!(await exists(db, noticeId))) return { ok: false, reason: 'notice-unknown' };
  const notice = await noticeToSend(db, noticeId);
  const person = wanted.accountId ? await readerOf(db, notice.consoleId, wanted.accountId) : undefined;
  if (wanted.accountId && !person) return { ok: false, reason: 'recipient-unknown' };
  const locale = wanted.locale ?? person?.locale ?? 'ja';
  return { ok: true, locale, mail: noticeLetter(house, notice.occasion, person ?? SAMPLE[locale], locale) };
}

/** A notice that does not exist yet, as a given person of the console or a sample person would read it. */
export async function previewDraft(
  db: Db,
  house: NoticeHouse,
  draft: NoticeDraft,
  locale: Locale,
  reader: NoticeReader = SAMPLE[locale],
): Promise<{ ok: true; mail: RenderedMail } | { ok: false; problem: NoticeTextProblem }> {
  const problem = noticeTextProblem(draft, draft.texts);
  if (problem) return { ok: false, problem };
  return { ok: true, mail: noticeLetter(house, await draftOccasion(db, draft), reader, locale) };
}

/** Sends a notice that does not exist yet to one address, in each of the languages, marked as a test; it counts in nothing. */
export async function sendTestDraft(
  db: Db,
  jobs: Pick<Jobs, 'enqueueAll'>,
  draft: NoticeDraft,
  wanted: { emailAddress: string; locales: readonly Locale[] },
  by: { actor: string; now: Date },
): Promise<
  | { ok: true; recipient: string }
  | { ok: false; reason: 'address-malformed' }
  | { ok: false; reason: 'text-unfit'; problem: NoticeTextProblem }
> {
  const address = parseEmailAddress(wanted.emailAddress);
  if (!address.ok) return { ok: false, reason: 'address-malformed' };
  const problem = noticeTextProblem(draft, draft.texts);
  if (problem) return { ok: false, reason: 'text-unfit', problem };
  const { consoleId, kind, cutOverAt } = draft;
  await db.transaction().execute(async (trx) => {
    for (const locale of wanted.locales) {
      const params = { draft: { ...draft, cutOverAt: cutOverAt?.toISOString() ?? null } };
      const mail = { template: NOTICE_TEST_MAIL, recipient: address.address, locale, params };
      const messageId = await queueMail(trx, jobs, mail, by.now);
      await recordEvent(trx, {
        at: by.now,
        action: 'notice.tested',
        actor: by.actor,
        consoleId,
        detail: { kind, recipient: address.address, locale, messageId },
      });
    }
  });
  return { ok: true, recipient: address.address };
}

/** Sends a notice to one address, marked as a test; it counts in nothing. */
export async function sendTestNotice(
  db: Db,
  jobs: Pick<Jobs, 'enqueueAll'>,
  noticeId: string,
  wanted: { emailAddress: string; locale: Locale },
  by: { actor: string; now: Date },
): Promise<
  | { ok: true; messageId: string; recipient: string }
  | { ok: false; reason: 'notice-unknown' | 'address-malformed' }
> {
  const address = parseEmailAddress(wanted.emailAddress);
  if (!address.ok) return { ok: false, reason: 'address-malformed' };
  return db.transaction().execute(async (trx) => {
    const notice = await trx
      .selectFrom('notice')
      .select('console_id')
      .where('id', '=', noticeId)
      .executeTakeFirst();
    if (!notice) return { ok: false, reason: 'notice-unknown' } as const;
    const messageId = await queueMail(
      trx,
      jobs,
      { template: NOTICE_TEST_MAIL, recipient: address.address, locale: wanted.locale, params: { noticeId } },
      by.now,
    );
    await recordEvent(trx, {
      at: by.now,
      action: 'notice.tested',
      actor: by.actor,
      consoleId: notice.console_id,
      detail: { noticeId, recipient: address.address, locale: wanted.locale, messageId },
    });
    return { ok: true, messageId, recipient: address.address } as const;
  });
}

async function exists(db: Db, noticeId: string): Promise<boolean> {
  return (
    (await db.selectFrom('notice').select('id').where('id', '=', noticeId).executeTakeFirst()) !== undefined
  );
}
