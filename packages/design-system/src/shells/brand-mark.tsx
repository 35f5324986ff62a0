import { marks, type MarkName } from '../brand/marks.ts';

/** One of the system's marks on the key colour, for `brand.logo`. */
export function BrandMark({ name }: { name: MarkName }) {
  const { lines, areas, holes } = marks[name];
  return (
    <svg class="ui-mark-sign" viewBox="0 0 32 32" width="32" height="32" aria-hidden="true" focusable="false">
      <rect class="ui-mark-ground" width="32" height="32" rx="8" />
      {areas === undefined ? null : <path class="ui-mark-area" d={areas} />}
      {lines === undefined ? null : (
        <path
          class="ui-mark-line"
          d={lines}
          fill="none"
          stroke-width="2.75"
          stroke-linecap="round"
          stroke-linejoin="round"
        />
      )}
      {holes === undefined ? null : (
        <path class="ui-mark-hole" d={holes} fill="none" stroke-width="2.75" stroke-linecap="round" />
      )}
    </svg>
  );
}

/** A mark for a brand that has none: one or two characters on the key colour. */
export function Monogram({ text }: { text: string }) {
  return (
    <svg class="ui-mark-sign" viewBox="0 0 32 32" width="32" height="32" aria-hidden="true" focusable="false">
      <rect class="ui-mark-ground" width="32" height="32" rx="8" />
      <text
        class="ui-mark-area"
        x="16"
        y="16"
        text-anchor="middle"
        dominant-baseline="central"
        font-size={text.length > 1 ? 13 : 18}
        font-weight="700"
      >
        {text}
      </text>
    </svg>
  );
}
