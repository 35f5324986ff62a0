import type { ComponentChildren } from 'preact';

export interface DefinitionItem {
  term: string;
  description: ComponentChildren;
  action?: ComponentChildren;
}

/** Terms and what they are, one a row; `action` stands at the end of the row. `compact` for a few small facts inside something else. */
export function DefinitionList({
  items,
  compact = false,
}: {
  items: readonly DefinitionItem[];
  compact?: boolean | undefined;
}) {
  return (
    <dl class={compact ? 'ui-definitions ui-definitions-compact' : 'ui-definitions'}>
      {items.map((item, index) => (
        <div key={index} class="ui-definition">
          <dt>{item.term}</dt>
          <dd>{item.description}</dd>
          {item.action === undefined ? null : <dd class="ui-definition-action">{item.action}</dd>}
        </div>
      ))}
    </dl>
  );
}

export interface TableColumn {
  label: string;
  /** `end` for figures. */
  align?: 'start' | 'end' | undefined;
  /** This column names the row. */
  rowHeader?: boolean | undefined;
  /** How the rows are sorted by it now; with `sortHref` the heading is a link that sorts. */
  sorted?: 'ascending' | 'descending' | undefined;
  sortHref?: string | undefined;
}

export interface TableRow {
  key: string;
  cells: readonly ComponentChildren[];
}

export interface TableProps {
  caption: string;
  captionHidden?: boolean | undefined;
  columns: readonly TableColumn[];
  rows: readonly TableRow[];
  /** Shown in place of the rows when there are none; says what to do next. */
  empty?: ComponentChildren;
  /** On a narrow screen each row becomes a block (`stack`) or the table scrolls inside its frame (`scroll`); with many columns it scrolls on a tablet and stacks on a phone (`scroll-stack`). */
  narrow?: 'stack' | 'scroll' | 'scroll-stack' | undefined;
}

/** A table of few columns with right-aligned figures. */
export function Table({ caption, captionHidden, columns, rows, empty, narrow = 'stack' }: TableProps) {
  const scroll = narrow !== 'stack' ? { tabIndex: 0, role: 'group' as const, 'aria-label': caption } : {};
  return (
    <div
      class={['ui-table-frame', ...narrow.split('-').map((way) => `ui-table-${way}`)].join(' ')}
      {...scroll}
    >
      <table class="ui-table" role="table">
        <caption class={captionHidden === true ? 'ui-unseen' : undefined}>{caption}</caption>
        <thead role="rowgroup">
          <tr role="row">
            {columns.map((column, index) => (
              <th
                key={index}
                role="columnheader"
                scope="col"
                class={alignClass(column)}
                aria-sort={column.sorted}
              >
                {column.sortHref === undefined ? column.label : <a href={column.sortHref}>{column.label}</a>}
              </th>
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup">
          {rows.map((row) => (
            <tr key={row.key} role="row">
              {columns.map((column, index) => (
                <Cell key={index} column={column} content={row.cells[index]} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length === 0 && empty !== undefined ? <div class="ui-table-empty">{empty}</div> : null}
    </div>
  );
}

function Cell({ column, content }: { column: TableColumn; content: ComponentChildren }) {
  const shared = { class: alignClass(column), 'data-label': column.label };
  const body = <div class="ui-cell">{content}</div>;
  if (column.rowHeader === true) {
    return (
      <th {...shared} role="rowheader" scope="row">
        {body}
      </th>
    );
  }
  return (
    <td {...shared} role="cell">
      {body}
    </td>
  );
}

function alignClass(column: TableColumn): string | undefined {
  return column.align === 'end' ? 'ui-end' : undefined;
}
