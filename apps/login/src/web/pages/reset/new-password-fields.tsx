import { PasswordField, PasswordRules } from '@hitokagi/design-system';
import { DEFAULT_PASSWORD_RULES } from '#domain/credentials/password-rules.ts';
import type { Locale } from '#support/primitives/locale.ts';
import { texts } from './text.ts';

/** The new password, what it needs, and the new password again: the same wherever one is chosen (R5). Their ids are `new-password` and `confirmation`. */
export function NewPasswordFields({
  locale,
  errors,
}: {
  locale: Locale;
  errors: { password?: string; confirmation?: string };
}) {
  const { code: t, rules: words } = texts[locale];
  const rules = DEFAULT_PASSWORD_RULES;
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
