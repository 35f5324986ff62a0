import type { FastifyRequest } from 'fastify';
import type { ActName, PlanAct } from '#domain/migration/acts.ts';
import type { PlanStanding } from '#domain/migration/plan-standing.ts';
import type { MoveNoticeKind, NoticeTexts } from '#domain/notices/kinds.ts';
import { MAX_BODY, MAX_SUBJECT } from '#domain/notices/letter.ts';
import type { WholeWords } from '#domain/notices/words.ts';
import { japanStamp, momentTyped } from '#support/primitives/japan-time.ts';
import { LOCALES, type Locale } from '#support/primitives/locale.ts';
import { texts } from './text.ts';

/** The longest remark for the history; as long as the operator API takes. */
const MAX_NOTE = 2_000;

/** As long as the operator API takes. */
const MAX_OVERRIDE = 1_000;

/** Every field of the forms, with the longest value that is read. */
const LONGEST = {
  when: 20,
  date: 100,
  time: 100,
  send: 20,
  send_date: 100,
  send_time: 100,
  correction: 20,
  ja_subject: MAX_SUBJECT,
  ja_body: MAX_BODY,
  en_subject: MAX_SUBJECT,
  en_body: MAX_BODY,
  note: MAX_NOTE,
  override: MAX_OVERRIDE,
} as const;
export type FieldName = keyof typeof LONGEST;
const FIELDS = Object.keys(LONGEST) as FieldName[];

/** A form as it was typed. */
export type Given = Record<FieldName, string>;
export type FieldError = { field: FieldName; message: string };

/** What was typed, whatever it is; without characters that cannot be stored. */
export function givenIn(request: FastifyRequest): Given {
  const body = (request.body ?? {}) as Record<string, unknown>;
  return given((name) => {
    const value = body[name];
    return typeof value === 'string' ? value.replaceAll('\0', '').replaceAll('\r\n', '\n') : '';
  });
}

/** The form as it is opened. `standard`: what the notice says where nobody says anything else. */
export function freshForm(
  act: ActName,
  standing: PlanStanding,
  standard: WholeWords | undefined,
  now: Date,
): Given {
  const start = act === 'link-time' ? standing.linkAt : (standing.announcement?.announcedCutOverAt ?? null);
  const [date = '', time = ''] = start && start > now ? japanStamp(start).split(' ') : [];
  return given((name) => {
    if (name === 'when') return 'at';
    if (name === 'send') return 'now';
    if (name === 'correction') return 'yes';
    if (name === 'date') return act === 'announce' ? '' : date;
    if (name === 'time') return act === 'announce' ? '10:00' : time;
    const [locale, part] = name.split('_');
    return part === 'subject' || part === 'body' ? (standard?.[locale as Locale][part] ?? '') : '';
  });
}

/** The values as a form sends them along. */
export function hiddenValues(form: Given): { name: string; value: string }[] {
  return FIELDS.map((name) => ({ name, value: form[name] }));
}

/** What a form asks for, or what is wrong with its fields. */
export function actIn(
  act: ActName,
  form: Given,
  standard: WholeWords | undefined,
  now: Date,
  locale: Locale,
): { ok: true; wanted: PlanAct } | { ok: false; errors: FieldError[] } {
  const t = texts[locale];
  const errors: FieldError[] = FIELDS.flatMap((field) =>
    [...form[field]].length > LONGEST[field] ? [{ field, message: t.tooLong(LONGEST[field]) }] : [],
  );
  const wanted = read();
  return errors.length > 0 || !wanted ? { ok: false, errors } : { ok: true, wanted };

  function read(): PlanAct | undefined {
    switch (act) {
      case 'link-time': {
        const linkAt = form.when === 'none' ? null : form.when === 'now' ? now : moment('date', 'time');
        if (linkAt && linkAt < now) errors.push({ field: 'date', message: t.linkPast });
        return linkAt === undefined ? undefined : { act, linkAt };
      }
      case 'announce': {
        const cutOverAt = moment('date', 'time');
        const sendAt = form.send === 'at' ? moment('send_date', 'send_time') : null;
        return cutOverAt && sendAt !== undefined ? { act, cutOverAt, sendAt, texts: ownWords() } : undefined;
      }
      case 'cut-over': {
        const cutOverAt = moment('date', 'time');
        return cutOverAt && { act, cutOverAt, texts: ownWords() };
      }
      case 'roll-back':
        return { act, correction: form.correction !== 'no', texts: ownWords() };
      case 'close':
        return { act, texts: ownWords() };
    }
  }

  function moment(date: 'date' | 'send_date', time: 'time' | 'send_time'): Date | undefined {
    const typed = momentTyped(form[date], form[time]);
    if (typed.ok) return typed.at;
    errors.push({
      field: typed.part === 'date' ? date : time,
      message: t.momentErrors[typed.part][typed.reason],
    });
    return undefined;
  }

  /** Words that are the standard ones are not the operator's: then they stay what the console or the brand says. */
  function ownWords(): NoticeTexts {
    if (!standard) return {};
    const own = LOCALES.map((language) => {
      const parts = (['subject', 'body'] as const).flatMap((part) => {
        const typed = form[`${language}_${part}`].trim();
        return typed === '' || typed === standard[language][part].trim() ? [] : [[part, typed] as const];
      });
      return [language, Object.fromEntries(parts)] as const;
    });
    return Object.fromEntries(own.filter(([, parts]) => Object.keys(parts).length > 0));
  }
}

/** The notice that an act sends or may send; undefined where it sends none. Only whether a correction names a date tells its words apart. */
export function noticeOf(
  act: ActName,
  correction: string,
): { kind: MoveNoticeKind; cutOverAt: Date | null } | undefined {
  switch (act) {
    case 'link-time':
      return undefined;
    case 'announce':
      return { kind: 'announcement', cutOverAt: new Date(0) };
    case 'cut-over':
      return { kind: 'correction', cutOverAt: new Date(0) };
    case 'roll-back':
      return correction === 'no' ? undefined : { kind: 'correction', cutOverAt: null };
    case 'close':
      return { kind: 'completion', cutOverAt: new Date(0) };
  }
}

function given(valueOf: (name: FieldName) => string): Given {
  return Object.fromEntries(FIELDS.map((name) => [name, valueOf(name)])) as Given;
}
