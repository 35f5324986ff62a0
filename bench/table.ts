/** A table for the terminal and for Markdown alike. Columns whose cells are figures stand to the right. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) =>
    Math.max(3, ...[title, ...rows.map((row) => row[column] ?? '')].map((cell) => cell.length)),
  );
  const toTheRight = head.map(
    (_, column) => column > 0 && rows.every((row) => /^([~<≥≤+-]?\d|–|$)/.test(row[column] ?? '')),
  );
  const line = (cells: readonly string[]): string =>
    `| ${widths.map((width, column) => (toTheRight[column] ? (cells[column] ?? '').padStart(width) : (cells[column] ?? '').padEnd(width))).join(' | ')} |`;
  const rule = `|${widths.map((width, column) => (toTheRight[column] ? `${'-'.repeat(width + 1)}:` : '-'.repeat(width + 2))).join('|')}|`;
  return [line(head), rule, ...rows.map(line)].join('\n');
}

/** A figure with as many digits as it deserves: three that count, no more. */
export function figure(value: number): string {
  if (value >= 100) return Math.round(value).toString();
  return value >= 10 ? value.toFixed(1) : value.toFixed(2);
}
