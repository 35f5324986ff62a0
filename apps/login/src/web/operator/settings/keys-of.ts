import { SETTING_KEYS, settingOf, type SettingGroup, type SettingKey } from '#domain/settings/table.ts';

/** The settings of a group, in the order of the table. */
export function keysOf(group: SettingGroup): readonly SettingKey[] {
  return SETTING_KEYS.filter((key) => settingOf(key).group === group);
}

/** What was typed, by setting. */
export type Given = Partial<Record<SettingKey, string>>;
