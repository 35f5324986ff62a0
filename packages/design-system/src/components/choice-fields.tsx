import type { ComponentChildren } from 'preact';
import { controlAttributes, FieldError, FieldFrame, type FieldProps } from './field.tsx';

export interface Choice {
  value: string;
  label: ComponentChildren;
  help?: ComponentChildren;
  disabled?: boolean | undefined;
}

/** One of a few short choices in a drop-down list. */
export function SelectField(
  props: FieldProps & {
    value?: string | undefined;
    choices: readonly (Choice & { label: string })[];
    width?: 'full' | 'medium' | 'short' | undefined;
  },
) {
  return (
    <FieldFrame {...props}>
      <select {...controlAttributes(props)} class={`ui-input ui-select ui-width-${props.width ?? 'full'}`}>
        {props.choices.map((choice) => (
          <option
            key={choice.value}
            value={choice.value}
            selected={choice.value === props.value}
            disabled={choice.disabled}
          >
            {choice.label}
          </option>
        ))}
      </select>
    </FieldFrame>
  );
}

/** Text of several lines. */
export function TextArea(
  props: FieldProps & {
    value?: string | undefined;
    rows?: number | undefined;
    lang?: string | undefined;
    maxLength?: number | undefined;
  },
) {
  return (
    <FieldFrame {...props}>
      <textarea
        {...controlAttributes(props)}
        class="ui-input ui-textarea"
        rows={props.rows ?? 5}
        lang={props.lang}
        maxlength={props.maxLength}
      >
        {props.value}
      </textarea>
    </FieldFrame>
  );
}

/** A file from the person's machine, or several. */
export function FileField(
  props: FieldProps & { accept?: string | undefined; multiple?: boolean | undefined },
) {
  return (
    <FieldFrame {...props}>
      <input
        {...controlAttributes(props)}
        class="ui-input ui-file"
        type="file"
        accept={props.accept}
        multiple={props.multiple}
      />
    </FieldFrame>
  );
}

/** One yes or no. */
export function Checkbox(props: FieldProps & { value?: string | undefined; checked?: boolean | undefined }) {
  return (
    <div class={props.error === undefined ? 'ui-field' : 'ui-field ui-field-invalid'}>
      <div class="ui-choice">
        <input
          {...controlAttributes(props)}
          type="checkbox"
          value={props.value ?? 'yes'}
          checked={props.checked}
        />
        <label for={props.id}>{props.label}</label>
        {props.help === undefined ? null : (
          <div class="ui-help" id={`${props.id}-help`}>
            {props.help}
          </div>
        )}
      </div>
      <FieldError id={props.id} error={props.error} />
    </div>
  );
}

export interface ChoiceGroupProps extends FieldProps {
  value?: string | readonly string[] | undefined;
  choices: readonly Choice[];
}

/** One of a few choices, all in view. The first choice has the group's id, so that an error summary can link to it. */
export function RadioGroup(props: ChoiceGroupProps) {
  return <ChoiceGroup {...props} type="radio" />;
}

/** Any of a few choices, all in view. */
export function CheckboxGroup(props: ChoiceGroupProps) {
  return <ChoiceGroup {...props} type="checkbox" />;
}

function ChoiceGroup(props: ChoiceGroupProps & { type: 'radio' | 'checkbox' }) {
  const { id, name, label, help, error, mark, value, choices, type } = props;
  const chosen = typeof value === 'string' ? [value] : (value ?? []);
  return (
    <fieldset
      class={error === undefined ? 'ui-field ui-fieldset' : 'ui-field ui-fieldset ui-field-invalid'}
      aria-describedby={controlAttributes(props)['aria-describedby']}
    >
      <legend class="ui-label">
        {label}
        {mark === undefined ? null : <span class="ui-mark">{mark}</span>}
      </legend>
      {help === undefined ? null : (
        <div class="ui-help" id={`${id}-help`}>
          {help}
        </div>
      )}
      {choices.map((choice, index) => {
        const choiceId = index === 0 ? id : `${id}-${index + 1}`;
        return (
          <div key={choice.value} class="ui-choice">
            <input
              id={choiceId}
              type={type}
              name={name}
              value={choice.value}
              checked={chosen.includes(choice.value)}
              disabled={choice.disabled}
              aria-describedby={choice.help === undefined ? undefined : `${choiceId}-help`}
            />
            <label for={choiceId}>{choice.label}</label>
            {choice.help === undefined ? null : (
              <div class="ui-help" id={`${choiceId}-help`}>
                {choice.help}
              </div>
            )}
          </div>
        );
      })}
      <FieldError id={id} error={error} />
    </fieldset>
  );
}
