import { PasswordField, PasswordRules } from '@hitokagi/design-system';
import type { PasswordFault, PasswordRules as Rules } from '#domain/credentials/password-rules.ts';
import type { Locale } from '#support/primitives/locale.ts';
import { texts } from './text.ts';

/** The new password, what it needs, and the new password again: the same wherever one is chosen (R5). Their ids are `new-password` and `confirmation`. */
export function NewPasswordFields({
  locale,
  rules,
  errors,
}: {
  locale: Locale;
  rules: Rules;
  errors: { password?: string; confirmation?: string };
}) {
  const { code: t, rules: words } = texts[locale];
  return (
    <>
      <PasswordField
        id="new-password"
        name="password"
        label={t.password}
        showLabel={t.show}
        hideLabel={t.hide}
        autocomplete="new-password"
        error={errors.password}
        describedBy="password-rules"
        required
      />
      <PasswordRules
        id="password-rules"
        fieldId="new-password"
        title={t.rulesTitle}
        progress={t.rulesProgress}
        metLabel={t.met}
        unmetLabel={t.unmet}
        items={[
          { id: 'length', label: words.length(rules.minimumLength), min: rules.minimumLength },
          ...(rules.classes
            ? [
                { id: 'lower', label: words.lower },
                { id: 'upper', label: words.upper },
                { id: 'digit', label: words.digit },
                { id: 'symbol', label: words.symbol },
              ]
            : []),
          { id: 'match', label: words.match, otherFieldId: 'confirmation' },
          { id: 'guessable', label: words.guessable },
        ]}
      />
      <PasswordField
        id="confirmation"
        name="confirmation"
        label={t.confirmation}
        showLabel={t.show}
        hideLabel={t.hide}
        autocomplete="new-password"
        error={errors.confirmation}
        required
      />
    </>
  );
}

/** What is wrong with a new password, as sentences. */
export function faultText(locale: Locale, faults: readonly PasswordFault[], rules: Rules): string {
  const { tooShort, faults: words } = texts[locale];
  return faults
    .map((fault) => (fault === 'too-short' ? tooShort(rules.minimumLength) : words[fault]))
    .join(locale === 'ja' ? '' : ' ');
}
