export interface BarChartProps {
  /** What the chart shows, in one sentence; the table beside it says the figures. */
  label: string;
  /** What is stacked in each bar, from below; at most three, each with a colour of its own. */
  series: readonly { name: string; total: string }[];
  bars: readonly Bar[];
  /** A figure of the scale as shown, digits grouped. */
  scale: (value: number) => string;
}

interface Bar {
  /** Of the bar, below it. Where many bars stand on a line of time most have none, so that there is room. */
  label?: string | undefined;
  /** What shows when one points at it: the label and the figures. */
  title: string;
  values: readonly number[];
  /** On a shaded ground, for example a weekend. */
  shaded?: boolean | undefined;
}

const WIDTH = 720;
const HEIGHT = 200;
const LEFT = 52;
const BOTTOM = 22;
const TOP = 10;
const WIDEST_BAR = 96;

/**
 * Bars from zero, stacked, on a scale of few lines. Drawn by the server; a table with the same figures belongs beside it. Where every bar
 * has a label they lie one below the other on a narrow page, so that labels keep their size.
 */
export function BarChart({ label, series, bars, scale }: BarChartProps) {
  const top = roundedUp(Math.max(1, ...bars.map(({ values }) => values.reduce((sum, one) => sum + one, 0))));
  const isNamed = bars.every((bar) => bar.label !== undefined);
  const step = (WIDTH - LEFT) / Math.max(1, bars.length);
  const width = Math.min(step * 0.72, WIDEST_BAR);
  const y = (value: number): number => TOP + (HEIGHT - TOP - BOTTOM) * (1 - value / top);
  return (
    <figure class="ui-chart">
      <figcaption>
        <ul class="ui-chart-series">
          {series.map((one, index) => (
            <li key={one.name}>
              <svg class="ui-chart-key" viewBox="0 0 14 14" width="14" height="14" aria-hidden="true">
                <rect class={`ui-series-${index + 1}`} width="14" height="14" rx="3" />
              </svg>
              {one.name} <b>{one.total}</b>
            </li>
          ))}
        </ul>
      </figcaption>
      {isNamed ? <LyingBars label={label} bars={bars} scale={scale} top={top} /> : null}
      <svg
        class={isNamed ? 'ui-chart-drawing ui-chart-wide' : 'ui-chart-drawing'}
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        role="img"
        aria-label={label}
      >
        {bars.map((bar, index) =>
          bar.shaded ? (
            <rect
              key={index}
              class="ui-chart-shade"
              x={LEFT + index * step}
              y={TOP}
              width={step}
              height={HEIGHT - TOP - BOTTOM}
            />
          ) : null,
        )}
        {[0, top / 2, top].map((value) => (
          <g key={value}>
            <line class="ui-chart-line" x1={LEFT} x2={WIDTH} y1={y(value)} y2={y(value)} />
            <text class="ui-chart-text" x={LEFT - 8} y={y(value) + 4} text-anchor="end">
              {Number.isInteger(value) ? scale(value) : ''}
            </text>
          </g>
        ))}
        {bars.map((bar, index) => {
          const x = LEFT + (index + 0.5) * step - width / 2;
          let below = 0;
          return (
            <g key={index}>
              <title>{bar.title}</title>
              {bar.values.map((value, at) => {
                below += value;
                const height = y(below - value) - y(below);
                return value === 0 ? null : (
                  <rect
                    key={at}
                    class={`ui-series-${at + 1}`}
                    x={rounded(x)}
                    y={rounded(y(below))}
                    width={rounded(width)}
                    height={rounded(Math.max(height, 1))}
                  />
                );
              })}
              {bar.label === undefined ? null : (
                <text
                  class="ui-chart-text"
                  x={LEFT + (index + 0.5) * step}
                  y={HEIGHT - 5}
                  text-anchor="middle"
                >
                  {bar.label}
                </text>
              )}
            </g>
          );
        })}
      </svg>
    </figure>
  );
}

const NARROW = 280;
const NAMES = 84;
const FIGURES = 72;
const ROW = 26;
const THICK = 16;

/** The same bars for a narrow page: name, bar, figure. */
function LyingBars({
  label,
  bars,
  scale,
  top,
}: Pick<BarChartProps, 'label' | 'bars' | 'scale'> & { top: number }) {
  const length = (value: number): number => ((NARROW - NAMES - FIGURES) * value) / top;
  return (
    <svg
      class="ui-chart-drawing ui-chart-narrow"
      viewBox={`0 0 ${NARROW} ${bars.length * ROW}`}
      role="img"
      aria-label={label}
    >
      {bars.map((bar, index) => {
        const total = bar.values.reduce((sum, one) => sum + one, 0);
        let left = NAMES;
        return (
          <g key={index}>
            <title>{bar.title}</title>
            <text class="ui-chart-text" x={NAMES - 8} y={index * ROW + 18} text-anchor="end">
              {bar.label}
            </text>
            {bar.values.map((value, at) => {
              const x = left;
              left += length(value);
              return value === 0 ? null : (
                <rect
                  key={at}
                  class={`ui-series-${at + 1}`}
                  x={rounded(x)}
                  y={index * ROW + (ROW - THICK) / 2}
                  width={rounded(Math.max(length(value), 1))}
                  height={THICK}
                />
              );
            })}
            <text class="ui-chart-text" x={rounded(left + 6)} y={index * ROW + 18}>
              {scale(total)}
            </text>
          </g>
        );
      })}
    </svg>
  );
}

/** A part of a whole as a bar with its words below. */
export function Share({
  part,
  whole,
  label,
  words,
}: {
  part: number;
  whole: number;
  label: string;
  words: string;
}) {
  const width = whole === 0 ? 0 : Math.round((part / whole) * 1_000) / 10;
  return (
    <div class="ui-share">
      <svg class="ui-share-bar" viewBox="0 0 100 8" preserveAspectRatio="none" role="img" aria-label={label}>
        <rect class="ui-share-whole" width="100" height="8" />
        <rect class="ui-series-1" width={width} height="8" />
      </svg>
      <span class="ui-share-words">{words}</span>
    </div>
  );
}

/** The next figure that a scale reads well with: 1, 2, 4, 10, 20, 40 … */
function roundedUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 4, 6, 8, 10].map((one) => one * power).find((one) => one >= value) ?? value;
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}
