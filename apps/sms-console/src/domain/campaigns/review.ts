import { addressesOf } from '#domain/addresses/groups.ts';
import type { DraftContent } from '#domain/drafts/drafts.ts';
import { measureText, type TextEncoding } from '#domain/message-text/message-text.ts';
import { FARTHEST_DAYS } from '#domain/messages/accept-messages.ts';
import { usageOfMonth } from '#domain/messages/quota.ts';
import type { TextFault } from '#domain/messages/text.ts';
import { optedOutOf } from '#domain/opt-outs/opt-outs.ts';
import { readTypedNumbers, type TypedNumbers } from '#domain/recipients/typed-numbers.ts';
import { dueAt } from '#domain/sending-rules/quiet-hours.ts';
import { rulesOf, type SendingRules } from '#domain/sending-rules/sending-rules.ts';
import { asSent, fillIn, placeholdersIn, textFault, unknownPlaceholders } from '#domain/wording/wording.ts';
import type { Db } from '#support/db/database.ts';
import { after, DAY, MINUTE } from '#support/primitives/durations.ts';
import { readJapanTime } from '#support/primitives/japan-time.ts';

/** One text to one number, measured. */
export type Outgoing = {
  readonly number: string;
  readonly text: string;
  readonly encoding: TextEncoding;
  readonly parts: number;
};
export type Unfilled = { readonly number: string; readonly names: readonly string[] };

export type TimeFault = 'time-unreadable' | 'time-past' | 'time-too-far';
export type ReviewFault =
  | 'name-too-long'
  | 'recipients-missing'
  | 'recipients-refused'
  | 'recipients-too-many'
  | 'recipients-opted-out'
  | 'group-gone'
  | 'placeholders-unknown'
  | 'placeholders-unfilled'
  | 'filled-text-too-long'
  | 'monthly-limit'
  | TextFault
  | TimeFault;

/** What would become of a draft if it were confirmed now. */
export type Review = {
  readonly outgoing: readonly Outgoing[];
  readonly typed: TypedNumbers;
  /** Numbers that were typed or stand in several groups more than once: how many are left out for that. */
  readonly duplicates: number;
  readonly optedOut: readonly string[];
  readonly unknown: readonly string[];
  readonly unfilled: readonly Unfilled[];
  /** Numbers whose text is too long once it is filled in. */
  readonly tooLong: readonly string[];
  readonly parts: number;
  readonly wantedAt: Date;
  /** After the quiet hours. */
  readonly dueAt: Date;
  readonly rules: SendingRules;
  readonly partsLeft: number | null;
  readonly faults: readonly ReviewFault[];
};

export const LONGEST_CAMPAIGN_NAME = 80;
/** More than that is a file's work. */
export const MOST_RECIPIENTS = 10_000;
const FURTHEST = FARTHEST_DAYS * DAY;
/** A minute that was chosen in a form and has begun meanwhile is still meant. */
const LATE = 2 * MINUTE;

/** Looks at a draft as its confirmation would: to whom, what, when, how much, and what is in the way. Sends nothing. */
export async function reviewDraft(
  db: Db,
  companyId: string,
  content: DraftContent,
  now: Date,
): Promise<Review> {
  const rules = await rulesOf(db, companyId);
  const typed = readTypedNumbers(content.recipients);
  const { groups, entries } = await addressesOf(db, companyId, content.groupIds);
  const people = new Map<string, Readonly<Record<string, string>>>();
  for (const entry of entries) if (!people.has(entry.number)) people.set(entry.number, entry.fields);
  for (const number of typed.numbers) if (!people.has(number)) people.set(number, {});
  const mentions =
    entries.length +
    typed.numbers.length +
    typed.repeated.reduce((sum, one) => sum + one.lines.length - 1, 0);
  const optedOut = await optedOutOf(db, companyId, [...people.keys()]);

  const text = asSent(content.body);
  const columns = [...new Set(groups.flatMap((group) => group.columns))];
  const unknown = unknownPlaceholders(text, columns);
  const { outgoing, unfilled, tooLong } = fill(text, people, optedOut, rules);
  const parts = outgoing.reduce((sum, one) => sum + one.parts, 0);
  const time = wantedTime(content, now);
  const wantedAt = time.ok ? time.at : now;
  const partsLeft = rules.monthlyParts === null ? null : (await usageOfMonth(db, companyId, now)).left;

  const plainFault = textFault(text, { longMessages: true });
  const single = placeholdersIn(text).length === 0 ? textFault(text, rules) : plainFault;
  const faults: (ReviewFault | false | null)[] = [
    [...content.name].length > LONGEST_CAMPAIGN_NAME && 'name-too-long',
    typed.refused.length > 0 && 'recipients-refused',
    people.size === 0 && typed.refused.length === 0 && 'recipients-missing',
    people.size > MOST_RECIPIENTS && 'recipients-too-many',
    people.size > 0 && optedOut.size === people.size && 'recipients-opted-out',
    groups.length < content.groupIds.length && 'group-gone',
    single,
    unknown.length > 0 && 'placeholders-unknown',
    unknown.length === 0 && unfilled.length > 0 && 'placeholders-unfilled',
    single === null && tooLong.length > 0 && 'filled-text-too-long',
    !time.ok && time.reason,
    partsLeft !== null && parts > partsLeft && 'monthly-limit',
  ];
  return {
    outgoing,
    typed,
    duplicates: mentions - people.size,
    optedOut: [...optedOut],
    unknown,
    unfilled,
    tooLong,
    parts,
    wantedAt,
    dueAt: dueAt(wantedAt, rules.quiet),
    rules,
    partsLeft,
    faults: faults.filter((fault) => fault !== false && fault !== null),
  };
}

/** Reads when a message is to go out; `now` stands for at once. */
export function wantedTime(
  { when, date, time }: Pick<DraftContent, 'when' | 'date' | 'time'>,
  now: Date,
): { ok: true; at: Date } | { ok: false; reason: TimeFault } {
  if (when === 'now') return { ok: true, at: now };
  const at = readJapanTime(date, time);
  if (at === null) return { ok: false, reason: 'time-unreadable' };
  if (at < after(now, -LATE)) return { ok: false, reason: 'time-past' };
  if (at > after(now, FURTHEST)) return { ok: false, reason: 'time-too-far' };
  return { ok: true, at: at < now ? now : at };
}

function fill(
  text: string,
  people: ReadonlyMap<string, Readonly<Record<string, string>>>,
  optedOut: ReadonlySet<string>,
  rules: SendingRules,
) {
  const outgoing: Outgoing[] = [];
  const unfilled: Unfilled[] = [];
  const tooLong: string[] = [];
  const plain = placeholdersIn(text).length === 0 ? measureText(text) : null;
  for (const [number, fields] of people) {
    if (optedOut.has(number)) continue;
    const filled = plain === null ? fillIn(text, fields) : { text, unfilled: [] };
    if (filled.unfilled.length > 0) unfilled.push({ number, names: filled.unfilled });
    const { encoding, parts } = plain ?? measureText(filled.text);
    if (plain === null && textFault(filled.text, rules) !== null) tooLong.push(number);
    outgoing.push({ number, text: filled.text, encoding, parts });
  }
  return { outgoing, unfilled, tooLong };
}
