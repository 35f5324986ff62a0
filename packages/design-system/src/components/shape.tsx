import type { JSX } from 'preact';

/** How something stands, told by colour and always also by shape and word. */
export type Tone = 'neutral' | 'info' | 'success' | 'warning' | 'danger';

/** The small signs of the system. Each is told apart by outline alone. */
export type ShapeName =
  | 'circle'
  | 'ring'
  | 'half'
  | 'check'
  | 'cross'
  | 'triangle'
  | 'square'
  | 'diamond'
  | 'clock'
  | 'dash'
  | 'info'
  | 'arrow';

/** A sign beside a word; without `label` it is decoration and hidden from assistive technology. */
export function Shape({ name, label }: { name: ShapeName; label?: string | undefined }) {
  const naming =
    label === undefined ? { 'aria-hidden': 'true' as const } : { role: 'img' as const, 'aria-label': label };
  return (
    <svg
      class="ui-shape"
      viewBox="0 0 20 20"
      width="20"
      height="20"
      fill="currentColor"
      focusable="false"
      {...naming}
    >
      {drawings[name]}
    </svg>
  );
}

const stroke = {
  fill: 'none',
  stroke: 'currentColor',
  'stroke-width': '2',
  'stroke-linecap': 'round',
  'stroke-linejoin': 'round',
} as const;
const knockout = {
  class: 'ui-shape-knockout',
  fill: 'none',
  'stroke-width': '2',
  'stroke-linecap': 'round',
  'stroke-linejoin': 'round',
} as const;

const drawings: Record<ShapeName, JSX.Element> = {
  circle: <circle cx="10" cy="10" r="6" />,
  ring: <circle cx="10" cy="10" r="6" {...stroke} />,
  half: (
    <>
      <circle cx="10" cy="10" r="6" {...stroke} />
      <path d="M10 4a6 6 0 0 1 0 12z" />
    </>
  ),
  check: (
    <>
      <circle cx="10" cy="10" r="9" />
      <path d="m5.8 10.4 2.8 2.8 5.6-6" {...knockout} />
    </>
  ),
  cross: (
    <>
      <path d="M6.3 1h7.4L19 6.3v7.4L13.7 19H6.3L1 13.7V6.3z" />
      <path d="m7 7 6 6m0-6-6 6" {...knockout} />
    </>
  ),
  triangle: (
    <>
      <path d="M8.7 2.2a1.5 1.5 0 0 1 2.6 0l7.5 13.4a1.5 1.5 0 0 1-1.3 2.2h-15a1.5 1.5 0 0 1-1.3-2.2z" />
      <path d="M10 7.5v4m0 2.9v.1" {...knockout} />
    </>
  ),
  square: <rect x="4" y="4" width="12" height="12" rx="1" />,
  diamond: <path d="m10 2 8 8-8 8-8-8z" />,
  clock: (
    <>
      <circle cx="10" cy="10" r="8" {...stroke} />
      <path d="M10 5.5V10l3 2" {...stroke} />
    </>
  ),
  dash: <path d="M4 10h12" {...stroke} />,
  info: (
    <>
      <circle cx="10" cy="10" r="9" />
      <path d="M10 9.5V14m0-8v.1" {...knockout} />
    </>
  ),
  arrow: <path d="M3 10h13m-5-5 5 5-5 5" {...stroke} />,
};
