import { controlAttributes, FieldFrame, type FieldProps } from './field.tsx';

export interface TextFieldProps extends FieldProps {
  type?:
    'text' | 'email' | 'tel' | 'url' | 'search' | 'number' | 'date' | 'datetime-local' | 'time' | undefined;
  value?: string | undefined;
  autocomplete?: string | undefined;
  inputMode?: 'text' | 'email' | 'numeric' | 'tel' | 'url' | 'search' | 'decimal' | undefined;
  enterKeyHint?: 'next' | 'go' | 'done' | 'send' | 'search' | undefined;
  lang?: string | undefined;
  maxLength?: number | undefined;
  min?: string | undefined;
  max?: string | undefined;
  placeholder?: string | undefined;
  readOnly?: boolean | undefined;
  autofocus?: boolean | undefined;
  /** How wide the field is on a wide page; fills its column by default. */
  width?: 'full' | 'medium' | 'short' | undefined;
}

/**
 * A one-line text field with its label, help and error.
 * For e-mail addresses prefer `type: 'text'` with `inputMode: 'email'`: the browser then refuses nothing that the server would take.
 */
export function TextField(props: TextFieldProps) {
  const {
    type = 'text',
    value,
    autocomplete,
    inputMode,
    enterKeyHint,
    lang,
    maxLength,
    min,
    max,
    placeholder,
    readOnly,
    autofocus,
  } = props;
  const plain =
    inputMode === 'email' || inputMode === 'url' || type === 'email' || autocomplete === 'username';
  return (
    <FieldFrame {...props}>
      <input
        {...controlAttributes(props)}
        class={`ui-input ui-width-${props.width ?? 'full'}`}

        type={type as 'text'}
        value={value}
        autocomplete={autocomplete}
        inputmode={inputMode}
        enterkeyhint={enterKeyHint}
        lang={lang}
        maxlength={maxLength}
        min={min}
        max={max}
        placeholder={placeholder}
        readonly={readOnly}
        autofocus={autofocus}
        autocapitalize={plain ? 'none' : undefined}
        spellcheck={plain ? false : undefined}
      />
    </FieldFrame>
  );
}
