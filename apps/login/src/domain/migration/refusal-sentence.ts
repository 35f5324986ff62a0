import { checkTitle } from '#domain/consoles/finding-sentence.ts';
import { noticeTextSentence } from '#domain/notices/text-problem.ts';
import { fullMinute, japanTime } from '#support/primitives/japan-time.ts';
import { defineTexts, type Locale } from '#support/primitives/locale.ts';
import type {
  AnnounceResult,
  ClosePlanResult,
  LinkTimeResult,
  RollBackResult,
  SetCutOverResult,
} from './plans.ts';

type Refused<R> = Extract<R, { ok: false }>;
export type PlanRefusal =
  | ({ act: 'link-time' } & Refused<LinkTimeResult>)
  | ({ act: 'announce' } & Refused<AnnounceResult>)
  | ({ act: 'cut-over' } & Refused<SetCutOverResult>)
  | ({ act: 'roll-back' } & Refused<RollBackResult>)
  | ({ act: 'close' } & Refused<ClosePlanResult>);

/**
 * What stands against a change of a plan, with the figures, the earliest moment that would be taken where there is one, and what to do about it: the only place that says so
 * to operators, on pages, in the API and at the command line. Moments are Japan time.
 */
export function refusalSentence(refusal: PlanRefusal, locale: Locale): string {
  const t = texts[locale];
  const earliest = 'earliestCutOverAt' in refusal ? refusal.earliestCutOverAt : null;
  const sentence = sentenceOf(refusal, locale);
  return earliest && NAMES_EARLIEST.includes(refusal.reason)
    ? sentence + t.earliest(japanTime(fullMinute(earliest), locale))
    : sentence;
}

/** Where the earliest possible moment is part of the answer. */
const NAMES_EARLIEST: readonly PlanRefusal['reason'][] = [
  'in-the-past',
  'before-link-time',
  'not-announced',
  'earlier-than-announced',
  'too-soon',
];

function sentenceOf(refusal: PlanRefusal, locale: Locale): string {
  const t = texts[locale];
  const moment = (at: Date | null | undefined): string => (at ? japanTime(at, locale) : t.unknownDay);
  switch (refusal.reason) {
    case 'under-way':
    case 'untold':
    case 'unsettled':
      return t[refusal.reason](refusal.duty.announcement?.[FIGURE[refusal.reason]] ?? 0);
    case 'earlier-than-announced':
      return t[refusal.reason](moment(refusal.duty.announcement?.announcedCutOverAt));
    case 'too-soon':
      return refusal.act === 'announce'
        ? t.neverPossible
        : t[refusal.reason](moment(refusal.duty.announcement?.lastAcceptedAt));
    case 'check-failed': {
      const failed = refusal.failed.map((check) => checkTitle(check, locale)).join(t.and);
      return t[refusal.reason](moment(refusal.checkedAt), failed);
    }
    case 'text-unfit':
      return noticeTextSentence(refusal.problem, locale);
    case 'closed':
    case 'changed-meanwhile':
    case 'after-cut-over':
    case 'already-unified':
    case 'cut-over-stands':
    case 'send-time-past':
    case 'in-the-past':
    case 'before-link-time':
    case 'unchanged':
    case 'not-announced':
    case 'nothing-to-take-back':
    case 'not-unified':
      return t[refusal.reason];
  }
}

const FIGURE = { 'under-way': 'underWay', untold: 'untold', unsettled: 'unsettled' } as const;

const texts = defineTexts({
  ja: {
    closed: 'この計画は完了しているため、何も変更できません。',
    'changed-meanwhile':
      'この画面を開いたあとに計画が変更されたため、何も行いませんでした。今の計画を確認し、必要であればもう一度操作してください。',
    'after-cut-over': 'リンクの表示は切替より前でなければなりません。先に切替日を変更してください。',
    'already-unified':
      '切替は済んでいます。別の切替日を告知する場合は、先に切替を取り消してください（切り戻し）。',
    'cut-over-stands':
      '切替日はすでに設定され、お客様に知らされています。遅らせる場合は、告知せずに切替日を設定してください（全員に自動で連絡します）。早める場合は、早い日を先に告知してください。',
    'send-time-past':
      '送信を始める日時が過ぎています。これからの日時にするか、すぐに送信するようにしてください。',
    'in-the-past': '切替の日時は、これからの日時でなければなりません。',
    'before-link-time':
      '切替は、リンクの表示より後でなければなりません。リンクを表示する日時を先に設定してください。',
    unchanged: '切替は、すでにこの日時に設定されています。',
    'not-announced':
      '先に切替日を告知してください。全員に、切替の1か月以上前にメールで知らせる必要があります。告知のあとに切替日を設定、延期、または取り消した場合は、あらためて告知が必要です。',
    'under-way': (mails: number) =>
      `告知のメールのうち${mails}通が送信中です。すべてのメールの結果が出るまでお待ちください。1か月は、最後に受け付けられたメールから数えます。`,
    untold: (people: number) =>
      `告知のあとに${people}人が対象に加わりました。1分以内にメールを送りますので、その結果が出るまでお待ちください。`,
    unsettled: (people: number) =>
      `告知のメールが届かず、対応が済んでいない人が${people}人います。一人ずつ、別のアドレスへの送信、電話などでの連絡、またはAPIだけの利用者としての登録を行ってください。`,
    'earlier-than-announced': (announced: string) =>
      `お客様には別の日時（${announced}）を知らせています。早める場合は早い日時を告知し、そうでない場合はそれより後の日時を設定してください。`,
    'check-failed': (at: string, failed: string) =>
      `管理画面の点検（${at}）で、必須の項目に問題があります：${failed}。点検のページの対処のとおりに直し、もう一度点検してください。承知のうえで進める場合は、管理者が理由を書いて進められます（監査ログに残ります）。`,
    and: '、',
    'too-soon': (last: string) =>
      `切替は、最後のメールが受け付けられてから1か月以上あとでなければなりません。最後のメールが受け付けられたのは ${last} です。`,
    neverPossible:
      '切替は、メールで知らせてから1か月以上あとでなければならないため、この日時を設定できるようにはなりません。',
    'nothing-to-take-back': '切替は、設定も告知もされていません。',
    'not-unified': '完了にできるのは、切替が済んだ計画だけです。',
    earliest: (at: string) => `設定できる最も早い日時は ${at} です。`,
    unknownDay: '不明',
  },
  en: {
    closed: 'The plan is closed: nothing of it can change any more.',
    'changed-meanwhile':
      'The plan was changed since you looked at it, so nothing was done. Look at the plan as it is now, and act again if it is still right.',
    'after-cut-over': 'The link must appear before the cut-over. Move the cut-over first.',
    'already-unified': 'The cut-over has passed. Take it back first, if another date is to be announced.',
    'cut-over-stands':
      'A cut-over is set, and people know it. A later date is set as cut-over at once, which tells everybody; an earlier one is announced first.',
    'send-time-past': 'The time of sending is past. Leave it out to send at once.',
    'in-the-past': 'The cut-over must lie in the future.',
    'before-link-time': 'The cut-over must come after the link time, which must be set.',
    unchanged: 'This is the cut-over already.',
    'not-announced':
      'Announce the date first: everybody has to be told by mail at least one calendar month before, and told again when a date was set, postponed or taken back since.',
    'under-way': (mails) =>
      `${counted(mails, 'mail')} of the announcement ${isAre(mails)} under way. Wait until each was accepted or refused; the month counts from the last.`,
    untold: (people) =>
      `${counted(people, 'person', 'people')} came after the announcement and ${isAre(people)} told within a minute. Wait until their mail was accepted.`,
    unsettled: (people) =>
      `The announcement did not reach ${counted(people, 'person', 'people')}. Settle each of them: by another address, by other means, or as somebody who uses only the API.`,
    'earlier-than-announced': (announced) =>
      `People were told another date: ${announced}. Announce an earlier one, or set a later.`,
    'check-failed': (at, failed) =>
      `The check of the console (${at}) found faults in what is required: ${failed}. Put them right as its page says, and check again. To go on all the same, an administrator gives a reason, which the audit log keeps.`,
    and: '; ',
    'too-soon': (last) => `People must have a calendar month; the last mail was accepted on ${last}.`,
    neverPossible: 'People must have a calendar month from the mail on, so this date could never be set.',
    'nothing-to-take-back': 'No cut-over is set or announced.',
    'not-unified': 'Only a plan whose cut-over has passed can be closed.',
    earliest: (at) => ` The earliest possible moment is ${at}.`,
    unknownDay: 'an unknown day',
  },
});

function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

function isAre(count: number): string {
  return count === 1 ? 'is' : 'are';
}
