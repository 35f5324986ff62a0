import { sql } from 'kysely';
import type { Db, Trx } from '#support/db/database.ts';
import type { MessageRow } from '#support/db/schema.ts';
import type { DroppedMail, MailEndListener, MailTemplate, RenderedMail } from '#support/mail/mail.ts';
import type { NoticeKind, NoticeTexts } from './kinds.ts';
import { withConsoleWords } from './words.ts';
import { noticeLetter, occasionOf, type NoticeHouse, type NoticeOccasion } from './letter.ts';

export const NOTICE_MAIL = 'notice';
/** A notice as an operator tries it out: goes to one address, counts in nothing. */
export const NOTICE_TEST_MAIL = 'notice-test';

type DropReason = 'left-audience' | 'moved' | 'cancelled';

/** The mail of a notice for one of its recipients, made of what is true when it is sent; who has left the audience meanwhile gets none. */
export function noticeMail(deps: { db: Db } & NoticeHouse): MailTemplate {
  return async (message): Promise<RenderedMail | DroppedMail> => {
    const noticeId = String(message.params.noticeId);
    const notice = await noticeToSend(deps.db, noticeId);
    const reader = await readerOf(deps.db, notice.consoleId, message.account_id ?? '');
    const reason = dropReason(notice, reader);
    if (reason || !reader) return { drop: reason ?? 'left-audience' };
    return noticeLetter(deps, notice.occasion, reader, message.locale);
  };
}

/** The same, marked as a test: of a notice, or of one that does not exist yet (`draft`). */
export function noticeTestMail(deps: { db: Db } & NoticeHouse): MailTemplate {
  return async (message): Promise<RenderedMail> => {
    const draft = message.params.draft as StoredDraft | undefined;
    const occasion = draft
      ? await draftOccasion(deps.db, {
          ...draft,
          cutOverAt: draft.cutOverAt ? new Date(draft.cutOverAt) : null,
        })
      : (await noticeToSend(deps.db, String(message.params.noticeId))).occasion;
    const reader = { name: '', company: '', emailAddress: message.recipient };
    return noticeLetter(deps, occasion, reader, message.locale, { test: true });
  };
}

/** A notice that does not exist yet. */
export type NoticeDraft = {
  consoleId: string;
  kind: NoticeKind;
  daysBefore?: number;
  cutOverAt: Date | null;
  texts: NoticeTexts;
};

/** A draft as it waits with its mail: moments are texts there. */
type StoredDraft = Omit<NoticeDraft, 'cutOverAt'> & { cutOverAt: string | null };

/** What a notice that does not exist yet would be about. */
export async function draftOccasion(db: Db, draft: NoticeDraft): Promise<NoticeOccasion> {
  const console = await db
    .selectFrom('console')
    .select(['client_id', 'name_ja', 'name_en', 'support_contact_ja', 'support_contact_en'])
    .where('id', '=', draft.consoleId)
    .executeTakeFirstOrThrow();
  const before = await db
    .selectFrom('notice')
    .select('cut_over_at')
    .where('console_id', '=', draft.consoleId)
    .where('cut_over_at', 'is not', null)
    .where('cancelled_at', 'is', null)
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .executeTakeFirst();
  const { kind, daysBefore, cutOverAt } = draft;
  const texts = await withConsoleWords(db, draft.consoleId, draft, draft.texts);
  return occasionOf(
    { kind, days_before: kind === 'reminder' ? (daysBefore ?? 30) : null, cut_over_at: cutOverAt, texts },
    console,
    before?.cut_over_at ?? null,
  );
}

/** Copies a mail's end to its recipient: the message itself is forgotten after 90 days. */
export const noticeMailEnded: MailEndListener = async (trx: Trx, message: MessageRow, end) => {
  await trx
    .updateTable('notice_recipient')
    .set({
      state: end.state,
      verdict_at: end.at,
      ...(end.state === 'dropped'
        ? { drop_reason: end.response as DropReason | null }
        : { smtp_response: end.response }),
      // Someone who was settled with a corrected address and is still not reached is not settled.
      ...(end.state === 'refused'
        ? { settlement: null, settlement_note: null, settled_at: null, settled_by: null }
        : {}),
    })
    .where('notice_id', '=', String(message.params.noticeId))
    .where('account_id', '=', message.account_id)
    .where('message_id', '=', message.id)
    .where('state', '=', 'queued')
    .execute();
};

export type NoticeToSend = { consoleId: string; cancelledAt: Date | null; occasion: NoticeOccasion };

/** A notice with all that its text needs. Throws when there is none. */
export async function noticeToSend(db: Db, noticeId: string): Promise<NoticeToSend> {
  const row = await db
    .selectFrom('notice')
    .innerJoin('console', 'console.id', 'notice.console_id')
    .select([
      'notice.console_id',
      'notice.kind',
      'notice.days_before',
      'notice.cut_over_at',
      'notice.texts',
      'notice.cancelled_at',
      'console.client_id',
      'console.support_contact_ja',
      'console.support_contact_en',
      'console.name_ja',
      'console.name_en',
    ])
    .select((eb) =>
      eb
        .selectFrom('notice as earlier')
        .select('earlier.cut_over_at')
        .whereRef('earlier.console_id', '=', 'notice.console_id')
        .whereRef('earlier.id', '!=', 'notice.id')
        .whereRef('earlier.created_at', '<=', 'notice.created_at')
        .where('earlier.cut_over_at', 'is not', null)
        .where('earlier.cancelled_at', 'is', null)
        .orderBy('earlier.created_at', 'desc')
        .orderBy('earlier.id', 'desc')
        .limit(1)
        .as('old_cut_over_at'),
    )
    .where('notice.id', '=', noticeId)
    .executeTakeFirstOrThrow();
  return {
    consoleId: row.console_id,
    cancelledAt: row.cancelled_at,
    occasion: occasionOf(row, row, row.old_cut_over_at),
  };
}

/** What a notice says to one person, and whether the person still belongs to its audience. */
export async function readerOf(db: Db, consoleId: string, accountId: string) {
  const { rows } = await sql<{
    name: string;
    company: string;
    email_address: string;
    locale: 'ja' | 'en' | null;
    in_audience: boolean;
    moved: boolean;
  }>`
    select a.name, a.company, a.email_address, a.locale,
      a.state = 'active' and not l.api_only as in_audience,
      exists (select 1 from sign_in_day d where d.console_id = l.console_id and d.account_id = l.account_id and d.kind = 'unified') as moved
    from account a join console_link l on l.account_id = a.id and l.console_id = ${consoleId}
    where a.id = ${accountId}`.execute(db);
  const row = rows[0];
  return (
    row && {
      name: row.name,
      company: row.company,
      emailAddress: row.email_address,
      locale: row.locale,
      inAudience: row.in_audience,
      moved: row.moved,
    }
  );
}

function dropReason(
  notice: NoticeToSend,
  reader: { inAudience: boolean; moved: boolean } | undefined,
): DropReason | undefined {
  if (notice.cancelledAt) return 'cancelled';
  if (!reader?.inAudience) return 'left-audience';
  return notice.occasion.kind === 'reminder' && reader.moved ? 'moved' : undefined;
}
