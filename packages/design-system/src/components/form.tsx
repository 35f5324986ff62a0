import type { ComponentChildren } from 'preact';

export interface HiddenValue {
  name: string;
  value: string;
}

export interface FormProps {
  action: string;
  method?: 'post' | 'get' | undefined;
  id?: string | undefined;
  /** Values sent along, for example the anti-forgery token. */
  hidden?: readonly HiddenValue[] | undefined;
  multipart?: boolean | undefined;
  /** It asks nothing: where there is script it is sent as soon as the page is there. */
  atOnce?: boolean | undefined;
  /** `search` makes the form a search landmark. */
  role?: 'search' | undefined;
  label?: string | undefined;
  children: ComponentChildren;
}

/** A form. With script a POST is sent once even when the button is pressed twice; the server checks all fields (no browser bubbles). */
export function Form({
  action,
  method = 'post',
  id,
  hidden = [],
  multipart,
  atOnce,
  role,
  label,
  children,
}: FormProps) {
  return (
    <form
      class="ui-form"
      action={action}
      method={method}
      id={id}
      role={role}
      aria-label={label}
      enctype={multipart === true ? 'multipart/form-data' : undefined}
      novalidate
      data-ui-once={method === 'post' ? true : undefined}
      data-ui-send-at-once={atOnce === true ? true : undefined}
    >
      {hidden.map((field) => (
        <HiddenField key={field.name} {...field} />
      ))}
      {children}
    </form>
  );
}

/** A value that the form sends along. */
export function HiddenField({ name, value }: HiddenValue) {
  return <input type="hidden" name={name} value={value} />;
}
