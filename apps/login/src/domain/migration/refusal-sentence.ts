import { japanTime } from '#support/primitives/japan-time.ts';
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

/** What stands against a change of a plan, with the figures, and what to do about it; for operators. Moments are Japan time. */
export function refusalSentence(refusal: PlanRefusal): string {
  switch (refusal.reason) {
    case 'closed':
      return 'The plan is closed: nothing of it can change any more.';
    case 'after-cut-over':
      return 'The link must appear before the cut-over. Move the cut-over first.';
    case 'already-unified':
      return 'The cut-over has passed. Take it back first, if another date is to be announced.';
    case 'cut-over-stands':
      return 'A cut-over is set, and people know it. A later date is set as cut-over at once, which tells everybody; an earlier one is announced first.';
    case 'send-time-past':
      return 'The time of sending is past. Leave it out to send at once.';
    case 'in-the-past':
      return `The cut-over must lie in the future.${earliest(refusal)}`;
    case 'before-link-time':
      return `The cut-over must come after the link time, which must be set.${earliest(refusal)}`;
    case 'unchanged':
      return 'This is the cut-over already.';
    case 'not-announced':
      return `Announce the date first: everybody has to be told by mail at least one calendar month before, and told again when a date was set, postponed or taken back since.${earliest(refusal)}`;
    case 'under-way':
      return `${counted(refusal.duty.announcement?.underWay, 'mail')} of the announcement ${isAre(refusal.duty.announcement?.underWay)} under way. Wait until each was accepted or refused; the month counts from the last.`;
    case 'untold':
      return `${counted(refusal.duty.announcement?.untold, 'person', 'people')} came after the announcement and ${isAre(refusal.duty.announcement?.untold)} told within a minute. Wait until their mail was accepted.`;
    case 'unsettled':
      return `The announcement did not reach ${counted(refusal.duty.announcement?.unsettled, 'person', 'people')}. Settle each of them: by another address, by other means, or as somebody who uses only the API.`;
    case 'earlier-than-announced':
      return `People were told another date: ${moment(refusal.duty.announcement?.announcedCutOverAt)}. Announce an earlier one, or set a later.${earliest(refusal)}`;
    case 'too-soon':
      return refusal.act === 'announce'
        ? `People must have a calendar month from the mail on, so this date could never be set.${earliest(refusal)}`
        : `People must have a calendar month; the last mail was accepted on ${moment(refusal.duty.announcement?.lastAcceptedAt)}.${earliest(refusal)}`;
    case 'nothing-to-take-back':
      return 'No cut-over is set or announced.';
    case 'not-unified':
      return 'Only a plan whose cut-over has passed can be closed.';
    case 'text-unfit': {
      const { reason, name, locale, part } = refusal.problem;
      const where = `the ${locale === 'ja' ? 'Japanese' : 'English'} ${part}`;
      switch (reason) {
        case 'placeholder-unclosed':
          return `A brace in ${where} has no partner: {${name}.`;
        case 'placeholder-unknown':
          return `There is no placeholder {${name}}, which stands in ${where}.`;
        case 'placeholder-without-value':
          return `This notice has nothing to put for {${name}}, which stands in ${where}.`;
      }
    }
  }
}

function earliest(refusal: { earliestCutOverAt?: Date | null }): string {
  const at = refusal.earliestCutOverAt;
  return at ? ` The earliest possible moment is ${moment(at)}, ${at.toISOString()}.` : '';
}

function moment(at: Date | null | undefined): string {
  return at ? japanTime(at, 'en') : 'an unknown day';
}

function counted(count = 0, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

function isAre(count = 0): string {
  return count === 1 ? 'is' : 'are';
}
