import type { PasswordRules } from '#domain/credentials/password-rules.ts';
import type { SignInLimits } from '#domain/credentials/sign-in-throttle.ts';
import { fillPlaceholders } from '#domain/notices/placeholders.ts';
import type { Brand } from '#support/primitives/brand.ts';
import { SECOND } from '#support/primitives/durations.ts';
import type { SettingValues } from './table.ts';

/** What the rest of the product takes from the settings. */
export type SettingsInForce = {
  readonly brand: Brand;
  readonly passwordRules: PasswordRules;
  /** Milliseconds between two codes for one address. */
  readonly sendPause: number;
  readonly signInLimits: SignInLimits;
  readonly noticesPerSecond: number;
  /** Days; 0 for ever. */
  readonly keepAuditDays: number;
  readonly keepMailDays: number;
  readonly keepDeliveryDays: number;
};

export function inForce(values: SettingValues): SettingsInForce {
  return {
    brand: brandOf(values),
    passwordRules: {
      minimumLength: values.passwordMinimumLength,
      maximumLength: 128,
      classes: values.passwordProfile === 'classes',
    },
    sendPause: values.sendPauseSeconds * SECOND,
    signInLimits: {
      freeAttempts: values.freeSignInAttempts,
      attemptsPerNetwork: values.signInAttemptsPerNetwork,
    },
    noticesPerSecond: values.noticesPerSecond,
    keepAuditDays: values.keepAuditDays,
    keepMailDays: values.keepMailDays,
    keepDeliveryDays: values.keepDeliveryDays,
  };
}

function brandOf(values: SettingValues): Brand {
  const name = { ja: values.brandNameJa, en: values.brandNameEn };
  const about = {
    sender: values.senderAddress,
    senderDomain: values.senderAddress.split('@')[1] ?? '',
  };
  const inJapanese = { ...about, service: name.ja };
  const inEnglish = { ...about, service: name.en };
  const support = { ja: filled(values.supportJa, inJapanese), en: filled(values.supportEn, inEnglish) };
  const all = { ja: { ...inJapanese, support: support.ja }, en: { ...inEnglish, support: support.en } };
  return {
    name,
    keyColour: values.keyColour,
    senderName: values.senderName,
    senderAddress: values.senderAddress,
    replyTo: values.replyTo === '' ? null : values.replyTo,
    support,
    help: { ja: filled(values.helpJa, all.ja), en: filled(values.helpEn, all.en) },
    mailFooter: { ja: filled(values.mailFooterJa, all.ja), en: filled(values.mailFooterEn, all.en) },
  };
}

/** A text from the environment was never checked: one that cannot be filled stands as it is. */
function filled(text: string, values: Readonly<Record<string, string>>): string {
  const result = fillPlaceholders(text, values);
  return result.ok ? result.text : text;
}
