import type { ComponentChildren } from 'preact';

/** One primary button a page; `text` looks like a link; `danger` for what cannot be taken back. */
export type ButtonKind = 'primary' | 'secondary' | 'text' | 'danger';

interface Look {
  kind?: ButtonKind | undefined;
  /** Fills its column (the default inside a person page's form actions). */
  wide?: boolean | undefined;
  small?: boolean | undefined;
  id?: string | undefined;
  children: ComponentChildren;
}

export interface ButtonProps extends Look {
  type?: 'submit' | 'button' | undefined;
  name?: string | undefined;
  value?: string | undefined;
  disabled?: boolean | undefined;
  /** Id of the form, when the button stands outside it. */
  form?: string | undefined;
  formAction?: string | undefined;
  /** Lets the form be sent with empty required fields (for a second button such as “send again”). */
  formNoValidate?: boolean | undefined;
}

/** A button that sends a form. */
export function Button({
  type = 'submit',
  name,
  value,
  disabled,
  form,
  formAction,
  formNoValidate,
  id,
  children,
  ...look
}: ButtonProps) {
  return (
    <button
      class={buttonClass(look)}
      type={type}
      name={name}
      value={value}
      disabled={disabled}
      form={form}
      formaction={formAction}
      formnovalidate={formNoValidate}
      id={id}
    >
      {children}
    </button>
  );
}

/** A link that looks like a button: for going somewhere, never for changing something. `newTab` where one comes back; the words say that it opens one. */
export function LinkButton({
  href,
  id,
  newTab = false,
  children,
  ...look
}: Look & { href: string; newTab?: boolean | undefined }) {
  const tab = newTab ? { target: '_blank', rel: 'noopener' } : {};
  return (
    <a class={buttonClass(look)} href={href} id={id} {...tab}>
      {children}
    </a>
  );
}

/** The buttons at the end of a form, the primary one first; `beside` puts them on one line where there is room. */
export function FormActions({ children, beside = false }: { children: ComponentChildren; beside?: boolean }) {
  return <div class={beside ? 'ui-actions ui-actions-beside' : 'ui-actions'}>{children}</div>;
}

function buttonClass({ kind = 'primary', wide, small }: Pick<Look, 'kind' | 'wide' | 'small'>): string {
  return [
    'ui-button',
    `ui-button-${kind}`,
    wide === true ? 'ui-button-wide' : '',
    small === true ? 'ui-button-small' : '',
  ]
    .filter((part) => part !== '')
    .join(' ');
}
