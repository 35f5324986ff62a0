import { SETTING_NAMES } from '#domain/settings/names.ts';
import { settingOf, type SettingKey } from '#domain/settings/table.ts';
import type { Locale } from '#support/primitives/locale.ts';
import { texts } from './text.ts';

/** A value as people read it. */
export function valueWords(key: SettingKey, value: string | number, locale: Locale): string {
  if (value === '') return texts[locale].empty;
  if (settingOf(key).form === 'choice') return SETTING_NAMES[locale].choices[String(value)] ?? String(value);
  return String(value);
}
