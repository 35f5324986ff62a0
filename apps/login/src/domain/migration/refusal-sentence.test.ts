import { describe, expect, it } from 'vitest';
import { japan } from '#test/migration.ts';
import type { CutOverRefusal } from './duty.ts';
import { refusalSentence, type PlanRefusal } from './refusal-sentence.ts';

const EARLIEST = japan('2027-04-05 10:00');
const DUTY: CutOverRefusal['duty'] = {
  audience: 100,
  told: null,
  announcement: {
    noticeId: 'ntc_1',
    announcedCutOverAt: japan('2027-04-30 22:00'),
    createdAt: japan('2027-03-01 10:00'),
    lastAcceptedAt: japan('2027-03-05 10:00'),
    earliestCutOverAt: EARLIEST,
    accepted: 90,
    underWay: 3,
    unsettled: 7,
    untold: 1,
  },
};
const cutOver = (reason: CutOverRefusal['reason'], earliestCutOverAt: Date | null = null): PlanRefusal => ({
  act: 'cut-over',
  ok: false,
  reason,
  earliestCutOverAt,
  duty: DUTY,
});

describe('R14, R25: a refusal is said in the language of whoever reads it', () => {
  it.each([
    [cutOver('closed'), '完了しているため', 'is closed'],
    [{ act: 'announce', ok: false, reason: 'changed-meanwhile' }, '何も行いませんでした', 'nothing was done'],
    [
      { act: 'link-time', ok: false, reason: 'after-cut-over' },
      '先に切替日を変更',
      'Move the cut-over first',
    ],
    [
      { act: 'announce', ok: false, reason: 'already-unified', earliestCutOverAt: EARLIEST },
      '切り戻し',
      'Take it back first',
    ],
    [
      { act: 'announce', ok: false, reason: 'cut-over-stands', earliestCutOverAt: EARLIEST },
      '早い日を先に告知',
      'an earlier one is announced first',
    ],
    [
      { act: 'announce', ok: false, reason: 'send-time-past', earliestCutOverAt: EARLIEST },
      'これからの日時',
      'Leave it out',
    ],
    [cutOver('in-the-past', EARLIEST), '2027年4月5日(月) 10:00', 'Mon 5 Apr 2027, 10:00'],
    [cutOver('before-link-time'), 'リンクを表示する日時を先に', 'the link time, which must be set'],
    [cutOver('unchanged'), 'すでにこの日時', 'the cut-over already'],
    [cutOver('not-announced'), '先に切替日を告知', 'Announce the date first'],
    [cutOver('under-way'), '3通', '3 mails'],
    [cutOver('untold'), '1人', '1 person came'],
    [cutOver('unsettled'), '7人', '7 people'],
    [cutOver('earlier-than-announced', EARLIEST), '2027年4月30日(金) 22:00', 'Fri 30 Apr 2027, 22:00'],
    [cutOver('too-soon', EARLIEST), '2027年3月5日(金) 10:00', 'Fri 5 Mar 2027, 10:00'],
    [
      { act: 'announce', ok: false, reason: 'too-soon', earliestCutOverAt: EARLIEST },
      '設定できる最も早い日時は 2027年4月5日(月) 10:00',
      'The earliest possible moment is Mon 5 Apr 2027, 10:00',
    ],
    [{ act: 'roll-back', ok: false, reason: 'nothing-to-take-back' }, '告知もされていません', 'No cut-over'],
    [{ act: 'close', ok: false, reason: 'not-unified' }, '切替が済んだ', 'has passed'],
    [
      {
        act: 'close',
        ok: false,
        reason: 'text-unfit',
        problem: { reason: 'placeholder-unknown', name: 'nmae', locale: 'en', part: 'subject' },
      },
      '英語の件名にある {nmae}',
      '{nmae}, which stands in the English subject',
    ],
  ] satisfies [PlanRefusal, string, string][])('%o', (refusal, ja, en) => {
    expect(refusalSentence(refusal, 'ja')).toContain(ja);
    const english = refusalSentence(refusal, 'en');
    expect(english).toContain(en);
    expect(english).not.toMatch(/[ぁ-んァ-ヶ一-龠]/);
  });
});
