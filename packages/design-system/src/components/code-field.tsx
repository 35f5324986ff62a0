import { controlAttributes, FieldFrame, type FieldProps } from './field.tsx';

export interface CodeFieldProps extends FieldProps {
  value?: string | undefined;
  /** Number of digits; 8 by default. */
  digits?: number | undefined;
  /** Digits in a group as shown; 4 by default. */
  group?: number | undefined;
  autofocus?: boolean | undefined;
}

/**
 * One field for a mailed code. Sends what was typed: the server must take off spaces and hyphens and read full-width digits;
 * with script the field does so itself and shows groups.
 */
export function CodeField(props: CodeFieldProps) {
  const { value, digits = 8, group = 4, autofocus } = props;
  return (
    <FieldFrame {...props}>
      <input
        {...controlAttributes(props)}
        class="ui-input ui-code"
        type="text"
        value={value}
        inputmode="numeric"
        autocomplete="one-time-code"
        autocapitalize="none"
        spellcheck={false}
        autofocus={autofocus}
        data-ui-code={digits}
        data-group={group}
      />
    </FieldFrame>
  );
}
