import { recordEvent } from '#support/audit/record.ts';
import type { Db } from '#support/db/database.ts';
import type { NoticeWordsRow } from '#support/db/schema.ts';
import { after, DAY } from '#support/primitives/durations.ts';
import { LOCALES, type Locale } from '#support/primitives/locale.ts';
import type { MoveNoticeKind, NoticeKind, NoticeTexts } from './kinds.ts';
import { brandWords, MAX_BODY, MAX_SUBJECT, noticeTextProblem, type NoticeTextProblem } from './letter.ts';
import { mergeTexts, WORDS_KINDS, wordsKindOf, type WordsKind } from './kinds.ts';

/** The words of a console for one kind of notice. Revision 0: nobody has ever changed them. */
export type NoticeWords = {
  kind: WordsKind;
  /** What takes the place of the brand's words. */
  texts: NoticeTexts;
  revision: number;
  changedAt: Date | null;
  changedBy: string | null;
};

/** Subject and body in both languages. */
export type WholeWords = { readonly [L in Locale]: { subject: string; body: string } };

export type SetWordsResult =
  | { ok: true; words: NoticeWords }
  | { ok: false; reason: 'text-unfit'; problem: NoticeTextProblem }
  | { ok: false; reason: 'text-too-long'; locale: Locale; part: 'subject' | 'body' }
  /** Somebody else changed them since that revision; nothing was overwritten. */
  | { ok: false; reason: 'changed-meanwhile'; words: NoticeWords };

/** A console's words for one kind of notice, as they stand. */
export async function noticeWords(db: Db, consoleId: string, kind: WordsKind): Promise<NoticeWords> {
  const row = await db
    .selectFrom('notice_words')
    .selectAll()
    .where('console_id', '=', consoleId)
    .where('kind', '=', kind)
    .executeTakeFirst();
  return wordsOf(kind, row);
}

/** A console's words for every kind of notice. */
export async function allNoticeWords(db: Db, consoleId: string): Promise<NoticeWords[]> {
  const rows = await db.selectFrom('notice_words').selectAll().where('console_id', '=', consoleId).execute();
  return WORDS_KINDS.map((kind) =>
    wordsOf(
      kind,
      rows.find((row) => row.kind === kind),
    ),
  );
}

function wordsOf(kind: WordsKind, row: NoticeWordsRow | undefined): NoticeWords {
  return {
    kind,
    texts: (row?.texts ?? {}) as NoticeTexts,
    revision: row?.revision ?? 0,
    changedAt: row?.changed_at ?? null,
    changedBy: row?.changed_by ?? null,
  };
}

/** What a notice of this kind says where an operator says nothing else: the console's words, and the brand's for what is missing in them. */
export function wholeWords(kind: WordsKind, texts: NoticeTexts): WholeWords {
  const inLanguage = (locale: Locale) => ({
    ...brandWords(occasionOfWords(kind, new Date(0)), locale),
    ...texts[locale],
  });
  return { ja: inLanguage('ja'), en: inLanguage('en') };
}

/** What a notice of this occasion says where an operator says nothing else. */
export async function standardWords(
  db: Db,
  consoleId: string,
  occasion: { kind: MoveNoticeKind; cutOverAt: Date | null },
): Promise<WholeWords> {
  const kind = wordsKindOf(occasion);
  return wholeWords(kind, (await noticeWords(db, consoleId, kind)).texts);
}

/**
 * Sets a console's words for a kind of notice, from the revision on that they were read in. They go into notices that are made afterwards; a notice that exists keeps its own.
 * Parts that are empty or the brand's own are the brand's again.
 */
export async function setNoticeWords(
  db: Db,
  consoleId: string,
  wanted: { kind: WordsKind; texts: NoticeTexts; revision: number },
  by: { actor: string; now: Date; clientIp?: string; requestId?: string },
): Promise<SetWordsResult> {
  const { kind, revision } = wanted;
  const texts = ownParts(kind, wanted.texts);
  const tooLong = longPart(texts);
  if (tooLong) return { ok: false, reason: 'text-too-long', ...tooLong };
  const problem = noticeTextProblem(occasionOfWords(kind, by.now), texts);
  if (problem) return { ok: false, reason: 'text-unfit', problem };
  const isSet = await db.transaction().execute(async (trx) => {
    const values = { texts: JSON.stringify(texts), changed_at: by.now, changed_by: by.actor };
    const changed =
      revision === 0
        ? await trx
            .insertInto('notice_words')
            .values({ console_id: consoleId, kind, revision: 1, ...values })
            .onConflict((conflict) => conflict.doNothing())
            .returning('revision')
            .executeTakeFirst()
        : await trx
            .updateTable('notice_words')
            .set({ revision: revision + 1, ...values })
            .where('console_id', '=', consoleId)
            .where('kind', '=', kind)
            .where('revision', '=', revision)
            .returning('revision')
            .executeTakeFirst();
    if (!changed) return false;
    await recordEvent(trx, {
      at: by.now,
      action: 'notice.words-changed',
      actor: by.actor,
      consoleId,
      ...(by.clientIp === undefined ? {} : { clientIp: by.clientIp }),
      ...(by.requestId === undefined ? {} : { requestId: by.requestId }),
      detail: {
        kind,
        revision: changed.revision,
        // Which parts are the console's own now; none: all are the brand's again.
        own: LOCALES.flatMap((locale) => Object.keys(texts[locale] ?? {}).map((part) => `${locale}.${part}`)),
      },
    });
    return true;
  });
  const words = await noticeWords(db, consoleId, kind);
  return isSet ? { ok: true, words } : { ok: false, reason: 'changed-meanwhile', words };
}

/** What an operator said for a notice, and the console's words for the rest. */
export async function withConsoleWords(
  db: Db,
  consoleId: string,
  occasion: { kind: NoticeKind; cutOverAt: Date | null },
  texts: NoticeTexts,
): Promise<NoticeTexts> {
  const { kind, cutOverAt } = occasion;
  if (kind === 'domains') return texts;
  return mergeTexts((await noticeWords(db, consoleId, wordsKindOf({ kind, cutOverAt }))).texts, texts);
}

/** An occasion to try the words of a kind on. */
export function occasionOfWords(
  kind: WordsKind,
  cutOverAt: Date,
): { kind: MoveNoticeKind; cutOverAt: Date | null; daysBefore?: number } {
  switch (kind) {
    case 'postponed':
      return { kind: 'correction', cutOverAt };
    case 'withdrawn':
      return { kind: 'correction', cutOverAt: null };
    case 'reminder':
      return { kind, cutOverAt, daysBefore: 30 };
    case 'announcement':
    case 'completion':
      return { kind, cutOverAt };
  }
}

/** A cut-over to try words on: the one that the console's people were told last, or one two months ahead. */
export async function exampleCutOver(db: Db, consoleId: string, now: Date): Promise<Date> {
  const told = await db
    .selectFrom('notice')
    .select('cut_over_at')
    .where('console_id', '=', consoleId)
    .where('cut_over_at', '>', now)
    .where('cancelled_at', 'is', null)
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
  const ahead = after(now, 60 * DAY);
  // 10:00 in Japan.
  return (
    told?.cut_over_at ??
    new Date(Date.UTC(ahead.getUTCFullYear(), ahead.getUTCMonth(), ahead.getUTCDate(), 1))
  );
}

/** Without the parts that are empty or the brand's own. */
export function ownParts(kind: WordsKind, texts: NoticeTexts): NoticeTexts {
  const brands = wholeWords(kind, {});
  const own = LOCALES.map((locale) => {
    const parts = (['subject', 'body'] as const).flatMap((part) => {
      const typed = texts[locale]?.[part]?.replaceAll('\r\n', '\n').trim() ?? '';
      return typed === '' || typed === brands[locale][part].trim() ? [] : [[part, typed] as const];
    });
    return [locale, Object.fromEntries(parts)] as const;
  });
  return Object.fromEntries(own.filter(([, parts]) => Object.keys(parts).length > 0));
}

function longPart(texts: NoticeTexts): { locale: Locale; part: 'subject' | 'body' } | undefined {
  for (const locale of LOCALES) {
    if ([...(texts[locale]?.subject ?? '')].length > MAX_SUBJECT) return { locale, part: 'subject' };
    if ([...(texts[locale]?.body ?? '')].length > MAX_BODY) return { locale, part: 'body' };
  }
  return undefined;
}
