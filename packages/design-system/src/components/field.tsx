import type { ComponentChildren } from 'preact';
import { Shape } from './shape.tsx';

/** What every field takes. `help` stands below the label, `error` below the field; both are read out with the field. */
export interface FieldProps {
  id: string;
  name: string;
  label: string;
  help?: ComponentChildren;
  error?: string | undefined;
  required?: boolean | undefined;
  /** A short word after the label, for example “optional”. */
  mark?: string | undefined;
  /** Ids of further describing elements, for example a list of rules. */
  describedBy?: string | undefined;
}

/** Label, help, control and error in their order; used by every field of the system. */
export function FieldFrame({ id, label, help, error, mark, children }: FrameProps) {
  return (
    <div class={error === undefined ? 'ui-field' : 'ui-field ui-field-invalid'}>
      <label class="ui-label" for={id} id={`${id}-label`}>
        {label}
        {mark === undefined ? null : <span class="ui-mark">{mark}</span>}
      </label>
      {hasHelp(help) ? (
        <div class="ui-help" id={`${id}-help`}>
          {help}
        </div>
      ) : null}
      {children}
      <FieldError id={id} error={error} />
    </div>
  );
}

/** The error line of a field; says what to do. */
export function FieldError({ id, error }: { id: string; error: string | undefined }) {
  if (error === undefined) return null;
  return (
    <p class="ui-field-error" id={`${id}-error`}>
      <Shape name="cross" />
      <span>{error}</span>
    </p>
  );
}

/** The attributes that tie a control to its label, help and error. */
export function controlAttributes({ id, name, help, error, required, describedBy }: FieldProps) {
  const describers = [
    hasHelp(help) ? `${id}-help` : undefined,
    error === undefined ? undefined : `${id}-error`,
    describedBy,
  ];
  const describing = describers.filter((part) => part !== undefined).join(' ');
  return {
    id,
    name,
    required: required === true ? true : undefined,
    'aria-describedby': describing === '' ? undefined : describing,
    'aria-invalid': error === undefined ? undefined : ('true' as const),
  };
}

type FrameProps = Pick<FieldProps, 'id' | 'label' | 'help' | 'error' | 'mark'> & {
  children: ComponentChildren;
};

function hasHelp(help: ComponentChildren): boolean {
  return help !== undefined && help !== null && help !== '' && help !== false;
}
