import type { ComponentChildren } from 'preact';

export interface PanelProps {
  title?: string | undefined;
  id?: string | undefined;
  /** Stands at the end of the title's line: a link or a small button. */
  action?: ComponentChildren;
  level?: 2 | 3 | undefined;
  /** Narrow panels read better when they hold a form. */
  width?: 'full' | 'reading' | undefined;
  children: ComponentChildren;
}

/** A part of a wide page on a surface of its own. */
export function Panel({ title, id, action, level = 2, width = 'full', children }: PanelProps) {
  return (
    <section class={`ui-panel ui-panel-${width}`} id={id} aria-label={title}>
      {title === undefined ? null : (
        <div class="ui-panel-head">
          {level === 2 ? <h2 class="ui-panel-title">{title}</h2> : <h3 class="ui-panel-title">{title}</h3>}
          {action === undefined ? null : <div class="ui-panel-action">{action}</div>}
        </div>
      )}
      <div class="ui-panel-body">{children}</div>
    </section>
  );
}

/** A part of a narrow page, under a heading of its own. */
export function Section({ title, id, children }: { title: string; id: string; children: ComponentChildren }) {
  return (
    <section class="ui-section" aria-labelledby={`${id}-title`} id={id}>
      <h2 class="ui-heading ui-heading-2" id={`${id}-title`}>
        {title}
      </h2>
      {children}
    </section>
  );
}

/** Things side by side where there is room, below each other where not. */
export function Columns({ children, count = 2 }: { children: ComponentChildren; count?: 2 | 3 | 4 }) {
  return <div class={`ui-columns ui-columns-${count}`}>{children}</div>;
}

/** The heading of a wide page with what can be done on it. */
export function PageHead({
  title,
  lead,
  actions,
  trail = [],
}: {
  title: ComponentChildren;
  lead?: ComponentChildren;
  actions?: ComponentChildren;
  trail?: readonly { href: string; label: string }[];
}) {
  return (
    <div class="ui-page-head">
      {trail.length === 0 ? null : (
        <ol class="ui-trail">
          {trail.map((step) => (
            <li key={step.href}>
              <a href={step.href}>{step.label}</a>
            </li>
          ))}
        </ol>
      )}
      <div class="ui-page-head-line">
        <h1 class="ui-heading ui-heading-1">{title}</h1>
        {actions === undefined ? null : <div class="ui-page-head-actions">{actions}</div>}
      </div>
      {lead === undefined ? null : <div class="ui-lead">{lead}</div>}
    </div>
  );
}

export interface BigNumberProps {
  label: string;
  /** The figure as shown, digits grouped. */
  value: string;
  unit: string;
  /** What it compares with, for example “+128 since yesterday”. */
  comparison: ComponentChildren;
  /** The list behind the figure, where there is one. */
  href?: string | undefined;
  linkLabel?: string | undefined;
}

/** A figure that matters, with its unit, a comparison and the list behind it. */
export function BigNumber({ label, value, unit, comparison, href, linkLabel }: BigNumberProps) {
  return (
    <div class="ui-big-number">
      <p class="ui-big-number-label">{label}</p>
      <p class="ui-big-number-value">
        {value}
        <span class="ui-big-number-unit">{unit}</span>
      </p>
      <p class="ui-big-number-comparison">{comparison}</p>
      {href === undefined || linkLabel === undefined ? null : (
        <p class="ui-big-number-link">
          <a class="ui-link" href={href} aria-label={`${linkLabel} (${label})`}>
            {linkLabel}
          </a>
        </p>
      )}
    </div>
  );
}

/** What most readers need not see at once, behind one line: opens without script. */
export function More({ summary, children }: { summary: string; children: ComponentChildren }) {
  return (
    <details class="ui-more">
      <summary>{summary}</summary>
      {children}
    </details>
  );
}
