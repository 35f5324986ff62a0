import type { ComponentChildren } from 'preact';

export interface CalloutProps {
  id?: string | undefined;
  title: string;
  children: ComponentChildren;
  /** What to do about it: usually one `LinkButton` of kind secondary. */
  action?: ComponentChildren;
  level?: 2 | 3 | undefined;
}

/** The one thing beside the form that nobody may miss. */
export function Callout({ id = 'callout', title, children, action, level = 2 }: CalloutProps) {
  const titleId = `${id}-title`;
  const titleProps = { class: 'ui-callout-title', id: titleId };
  return (
    <section class="ui-callout" id={id} aria-labelledby={titleId}>
      {level === 2 ? <h2 {...titleProps}>{title}</h2> : <h3 {...titleProps}>{title}</h3>}
      <div class="ui-callout-body">{children}</div>
      {action === undefined ? null : <div class="ui-callout-action">{action}</div>}
    </section>
  );
}
