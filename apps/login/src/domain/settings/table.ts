import { DEFAULT_CODE_LIMITS } from '#domain/verification/limits.ts';

/** In what form a setting is given, and within which bounds. */
export type SettingForm =
  | { form: 'line'; longest: number; optional?: true }
  | {
      form: 'text';
      longest: number;
      optional?: true;
      lines?: true;
      placeholders: readonly SettingPlaceholder[];
    }
  | { form: 'colour' }
  | { form: 'address'; optional?: true }
  | { form: 'choice'; choices: readonly string[] }
  | { form: 'number'; least: number; most: number; whole: boolean; orZero?: true };

/** What a text may say of the installation; written `{name}`. */
export type SettingPlaceholder = 'service' | 'sender' | 'senderDomain' | 'support';

export const SETTING_GROUPS = ['brand', 'texts', 'sender', 'password', 'limits', 'retention'] as const;
export type SettingGroup = (typeof SETTING_GROUPS)[number];

export type Setting = {
  readonly group: SettingGroup;
  /** What holds as long as nothing was given; undefined: what the environment says (see `EnvironmentSettings`). */
  readonly standard?: string | number;
} & SettingForm;

const IN_SUPPORT = ['service', 'sender', 'senderDomain'] as const;
const IN_TEXTS = [...IN_SUPPORT, 'support'] as const;
const whole = (least: number, most: number) => ({ form: 'number', least, most, whole: true }) as const;

/** Every setting. A name is for good: it stands in files, in the audit log and in programs. */
export const SETTINGS = {
  brandNameJa: { group: 'brand', form: 'line', longest: 60 },
  brandNameEn: { group: 'brand', form: 'line', longest: 60 },
  keyColour: { group: 'brand', form: 'colour' },

  supportJa: { group: 'texts', form: 'text', longest: 300, placeholders: IN_SUPPORT },
  supportEn: { group: 'texts', form: 'text', longest: 300, placeholders: IN_SUPPORT },
  helpJa: {
    group: 'texts',
    form: 'text',
    longest: 300,
    optional: true,
    standard: '',
    placeholders: IN_TEXTS,
  },
  helpEn: {
    group: 'texts',
    form: 'text',
    longest: 300,
    optional: true,
    standard: '',
    placeholders: IN_TEXTS,
  },
  mailFooterJa: {
    group: 'texts',
    form: 'text',
    longest: 500,
    optional: true,
    lines: true,
    standard: '',
    placeholders: IN_TEXTS,
  },
  mailFooterEn: {
    group: 'texts',
    form: 'text',
    longest: 500,
    optional: true,
    lines: true,
    standard: '',
    placeholders: IN_TEXTS,
  },

  senderName: { group: 'sender', form: 'line', longest: 60 },
  senderAddress: { group: 'sender', form: 'address' },
  replyTo: { group: 'sender', form: 'address', optional: true, standard: '' },

  // QUALITY: the rule with classes, or fifteen characters without them. R5: at least eight, and sixty-four are always allowed.
  passwordProfile: { group: 'password', form: 'choice', choices: ['classes', 'length'], standard: 'classes' },
  passwordMinimumLength: { group: 'password', ...whole(8, 64), standard: 8 },

  sendPauseSeconds: { group: 'limits', ...whole(30, 300), standard: DEFAULT_CODE_LIMITS.sendPauseSeconds },
  sendsPerQuarterHour: { group: 'limits', ...whole(2, 6), standard: DEFAULT_CODE_LIMITS.sendsPerQuarterHour },
  sendsPerDay: { group: 'limits', ...whole(4, 20), standard: DEFAULT_CODE_LIMITS.sendsPerDay },
  sendsPerHourAndNetwork: {
    group: 'limits',
    ...whole(5, 500),
    standard: DEFAULT_CODE_LIMITS.sendsPerHourAndNetwork,
  },
  guessesPerDay: { group: 'limits', ...whole(10, 50), standard: DEFAULT_CODE_LIMITS.guessesPerDay },
  freeSignInAttempts: { group: 'limits', ...whole(3, 10), standard: 5 },
  signInAttemptsPerNetwork: { group: 'limits', ...whole(10, 500), standard: 20 },
  noticesPerSecond: { group: 'limits', form: 'number', least: 0.1, most: 1_000, whole: false },

  keepAuditDays: { group: 'retention', ...whole(90, 36_500), orZero: true },
  keepMailDays: { group: 'retention', ...whole(90, 1_095), standard: 90 },
  keepDeliveryDays: { group: 'retention', ...whole(90, 1_095), standard: 90 },
} as const satisfies Readonly<Record<string, Setting>>;

export type SettingKey = keyof typeof SETTINGS;
export const SETTING_KEYS = Object.keys(SETTINGS) as SettingKey[];

/** A number for settings in the form of one, a text for all others. */
export type SettingValues = {
  readonly [K in SettingKey]: (typeof SETTINGS)[K]['form'] extends 'number' ? number : string;
};
export type GivenSettings = { readonly [K in SettingKey]?: SettingValues[K] };

/** The settings whose default the environment says. */
export type EnvironmentSettings = Pick<
  SettingValues,
  | 'brandNameJa'
  | 'brandNameEn'
  | 'keyColour'
  | 'supportJa'
  | 'supportEn'
  | 'senderName'
  | 'senderAddress'
  | 'noticesPerSecond'
  | 'keepAuditDays'
>;

/** What holds as long as nothing was given. */
export function defaultSettings(environment: EnvironmentSettings): SettingValues {
  const written = SETTING_KEYS.map((key) => [key, settingOf(key).standard] as const);
  return { ...Object.fromEntries(written), ...environment } as SettingValues;
}

/** A setting by its name, in its general form. */
export function settingOf(key: SettingKey): Setting {
  return SETTINGS[key];
}

export function isSettingKey(text: string): text is SettingKey {
  return Object.hasOwn(SETTINGS, text);
}
