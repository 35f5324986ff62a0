import { controlAttributes, FieldFrame, type FieldProps } from './field.tsx';

export interface PasswordFieldProps extends FieldProps {
  autocomplete: 'current-password' | 'new-password';
  /** Text of the button that shows what was typed, for example “Show”. The button appears only where scripts run. */
  showLabel: string;
  /** Text of the same button while the password is shown, for example “Hide”. */
  hideLabel: string;
  enterKeyHint?: 'next' | 'go' | 'done' | undefined;
  maxLength?: number | undefined;
  autofocus?: boolean | undefined;
}

/** A password field that can be shown. It never carries a value from the server. */
export function PasswordField(props: PasswordFieldProps) {
  const { id, label, autocomplete, showLabel, hideLabel, enterKeyHint, maxLength, autofocus } = props;
  return (
    <FieldFrame {...props}>
      <div class="ui-password">
        <input
          {...controlAttributes(props)}
          class="ui-input"
          type="password"
          autocomplete={autocomplete}
          enterkeyhint={enterKeyHint}
          maxlength={maxLength}
          autofocus={autofocus}
          autocapitalize="none"
          spellcheck={false}
        />
        <button
          class="ui-password-toggle"
          type="button"
          hidden
          aria-controls={id}
          aria-label={`${showLabel} (${label})`}
          data-ui-password-toggle
          data-show={showLabel}
          data-hide={hideLabel}
          data-field={label}
        >
          {showLabel}
        </button>
      </div>
    </FieldFrame>
  );
}
