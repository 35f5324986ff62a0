import type { ComponentChildren } from 'preact';

/** What one works on, and beside it what comes of it, which stays in view where there is room; below each other where there is none. */
export function Beside({ children }: { children: ComponentChildren }) {
  return <div class="ui-beside">{children}</div>;
}

/** Short fields, or a field and its button, on one line where there is room. */
export function FieldRow({ children }: { children: ComponentChildren }) {
  return <div class="ui-field-row">{children}</div>;
}
