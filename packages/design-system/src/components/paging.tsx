export interface PagerProps {
  label: string;
  /** Where one is, for example “51–100 of 1,204”. */
  position: string;
  previous?: { href: string; label: string } | undefined;
  next?: { href: string; label: string } | undefined;
}

/** Steps through a long list. */
export function Pager({ label, position, previous, next }: PagerProps) {
  return (
    <nav class="ui-pager" aria-label={label}>
      {previous === undefined ? null : (
        <a class="ui-button ui-button-secondary ui-button-small" rel="prev" href={previous.href}>
          {previous.label}
        </a>
      )}
      <span class="ui-pager-position">{position}</span>
      {next === undefined ? null : (
        <a class="ui-button ui-button-secondary ui-button-small" rel="next" href={next.href}>
          {next.label}
        </a>
      )}
    </nav>
  );
}

export interface Filter {
  label: string;
  /** Where the list is without this filter. */
  removeHref: string;
  /** What the link does, for example “Remove the filter ‘suspended’”. */
  removeLabel: string;
}

/** The filters in force, each of which can be taken off. */
export function Filters({ label, filters }: { label: string; filters: readonly Filter[] }) {
  if (filters.length === 0) return null;
  return (
    <ul class="ui-filters" aria-label={label}>
      {filters.map((filter) => (
        <li key={filter.removeHref}>
          <a class="ui-filter" href={filter.removeHref} aria-label={filter.removeLabel}>
            <span>{filter.label}</span>
            <span aria-hidden="true">×</span>
          </a>
        </li>
      ))}
    </ul>
  );
}
