import { fillPlaceholders, oneLine } from '#domain/notices/placeholders.ts';
import { contrastWithWhite } from '#support/primitives/contrast.ts';
import { parseEmailAddress } from '#support/primitives/email-address.ts';
import {
  isSettingKey,
  settingOf,
  type GivenSettings,
  type SettingForm,
  type SettingKey,
  type SettingPlaceholder,
  type SettingValues,
} from './table.ts';

/** Why a value cannot be taken. `fact` is what the sentence of it needs: a bound, a placeholder, a contrast. */
export type SettingProblem = {
  key: string;
  reason:
    | 'setting-unknown'
    | 'value-missing'
    | 'not-a-line'
    | 'too-long'
    | 'colour-malformed'
    | 'contrast-too-low'
    | 'address-malformed'
    | 'choice-unknown'
    | 'not-a-number'
    | 'out-of-bounds'
    | 'placeholder-unknown'
    | 'placeholder-unclosed'
    | 'too-short-without-classes'
    | 'fewer-a-day';
  fact?: string;
};

/** What is asked for: a value for each name, or null for "as the default says". */
export type WantedSettings = Readonly<Record<string, unknown>>;

/** White letters stand on the key colour at the head of every mail (WCAG 2.2, 1.4.3). */
const LEAST_CONTRAST = 4.5;

/** Fifteen characters for passwords without classes (NIST SP 800-63B-4 §3.1.1.2). */
export const LEAST_WITHOUT_CLASSES = 15;

export type CheckResult =
  | { ok: true; given: GivenSettings; back: readonly SettingKey[] }
  | { ok: false; problems: readonly SettingProblem[] };

/** Reads what is asked for, each value by itself; every problem is named at once. Numbers may come as text. */
export function checkSettings(wanted: WantedSettings): CheckResult {
  const problems: SettingProblem[] = [];
  const given: Partial<Record<SettingKey, string | number>> = {};
  const back: SettingKey[] = [];
  for (const [key, value] of Object.entries(wanted)) {
    if (!isSettingKey(key)) problems.push({ key, reason: 'setting-unknown' });
    else if (value === null) back.push(key);
    else {
      const read = readValue(settingOf(key), value);
      if (read.ok) given[key] = read.value;
      else
        problems.push({ key, reason: read.reason, ...(read.fact === undefined ? {} : { fact: read.fact }) });
    }
  }
  return problems.length > 0 ? { ok: false, problems } : { ok: true, given: given as GivenSettings, back };
}

/** What does not go together, once everything is in place. */
export function checkTogether(values: SettingValues): readonly SettingProblem[] {
  const problems: SettingProblem[] = [];
  if (values.passwordProfile === 'length' && values.passwordMinimumLength < LEAST_WITHOUT_CLASSES)
    problems.push({
      key: 'passwordMinimumLength',
      reason: 'too-short-without-classes',
      fact: String(LEAST_WITHOUT_CLASSES),
    });
  if (values.sendsPerDay < values.sendsPerQuarterHour)
    problems.push({ key: 'sendsPerDay', reason: 'fewer-a-day', fact: String(values.sendsPerQuarterHour) });
  return problems;
}

type Read =
  { ok: true; value: string | number } | { ok: false; reason: SettingProblem['reason']; fact?: string };

function readValue(setting: SettingForm, value: unknown): Read {
  if (setting.form === 'number') return readNumber(setting, value);
  if (typeof value !== 'string' || !value.isWellFormed()) return { ok: false, reason: 'not-a-line' };
  const text = value.replaceAll(/\r\n?/g, '\n').trim();
  if (text === '')
    return 'optional' in setting && setting.optional
      ? { ok: true, value: '' }
      : { ok: false, reason: 'value-missing' };
  switch (setting.form) {
    case 'line':
      if (text !== oneLine(text)) return { ok: false, reason: 'not-a-line' };
      return shortEnough(text, setting.longest);
    case 'text':
      return readText(text, setting);
    case 'colour':
      return readColour(text);
    case 'address': {
      const address = parseEmailAddress(text);
      return address.ok ? { ok: true, value: address.address } : { ok: false, reason: 'address-malformed' };
    }
    case 'choice':
      return setting.choices.includes(text)
        ? { ok: true, value: text }
        : { ok: false, reason: 'choice-unknown', fact: setting.choices.join(', ') };
  }
}

function readNumber(setting: Extract<SettingForm, { form: 'number' }>, value: unknown): Read {
  const text = typeof value === 'number' ? String(value) : typeof value === 'string' ? value : '';
  const plain = text.normalize('NFKC').trim();
  if (plain === '') return { ok: false, reason: 'value-missing' };
  if (!/^\d{1,7}(\.\d{1,3})?$/.test(plain) || (setting.whole && plain.includes('.')))
    return { ok: false, reason: 'not-a-number' };
  const number = Number(plain);
  if (setting.orZero && number === 0) return { ok: true, value: 0 };
  return number >= setting.least && number <= setting.most
    ? { ok: true, value: number }
    : { ok: false, reason: 'out-of-bounds', fact: `${setting.least}–${setting.most}` };
}

function readText(text: string, setting: Extract<SettingForm, { form: 'text' }>): Read {
  // Line ends are the only control characters of a text; what turns the direction of reading around is none either.
  const lines = text.split('\n');
  if (lines.some((line) => line.trim() !== oneLine(line)) || (lines.length > 1 && !setting.lines))
    return { ok: false, reason: 'not-a-line' };
  const filled = fillPlaceholders(text, sample(setting.placeholders));
  if (!filled.ok)
    return filled.reason === 'placeholder-unclosed'
      ? { ok: false, reason: 'placeholder-unclosed', fact: filled.name }
      : { ok: false, reason: 'placeholder-unknown', fact: filled.name };
  return shortEnough(text, setting.longest);
}

function readColour(text: string): Read {
  const colour = text.normalize('NFKC').toLowerCase();
  if (!/^#[0-9a-f]{6}$/.test(colour)) return { ok: false, reason: 'colour-malformed' };
  const contrast = contrastWithWhite(colour);
  if (contrast >= LEAST_CONTRAST) return { ok: true, value: colour };
  return { ok: false, reason: 'contrast-too-low', fact: (Math.floor(contrast * 10) / 10).toFixed(1) };
}

function shortEnough(text: string, longest: number): Read {
  return [...text].length <= longest
    ? { ok: true, value: text }
    : { ok: false, reason: 'too-long', fact: String(longest) };
}

function sample(placeholders: readonly SettingPlaceholder[]): Readonly<Record<string, string>> {
  return Object.fromEntries(placeholders.map((name) => [name, 'x']));
}
