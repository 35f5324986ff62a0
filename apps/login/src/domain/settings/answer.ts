import type { Locale } from '#support/primitives/locale.ts';
import type { StoredSettings } from './change.ts';
import { SETTING_NAMES } from './names.ts';
import { SETTING_KEYS, settingOf, type SettingGroup, type SettingKey } from './table.ts';

/** One setting as programs and the command line are told of it. */
export type SettingAnswer = {
  key: SettingKey;
  group: SettingGroup;
  name: string;
  help: string;
  form: string;
  value: string | number;
  default: string | number;
  isDefault: boolean;
  least?: number;
  most?: number;
  longest?: number;
  choices?: readonly string[];
  placeholders?: readonly string[];
};

/** Every setting with its value, its default and its bounds. */
export function settingAnswers(stored: StoredSettings, locale: Locale): readonly SettingAnswer[] {
  return SETTING_KEYS.map((key) => {
    const setting = settingOf(key);
    return {
      key,
      group: setting.group,
      ...SETTING_NAMES[locale].settings[key],
      form: setting.form,
      value: stored.values[key],
      default: stored.defaults[key],
      isDefault: stored.values[key] === stored.defaults[key],
      ...(setting.form === 'number' ? { least: setting.least, most: setting.most } : {}),
      ...('longest' in setting ? { longest: setting.longest } : {}),
      ...(setting.form === 'choice' ? { choices: setting.choices } : {}),
      ...(setting.form === 'text' ? { placeholders: setting.placeholders } : {}),
    };
  });
}
