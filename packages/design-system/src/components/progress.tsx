import type { ComponentChildren } from 'preact';

export interface ProgressProps {
  id?: string | undefined;
  label: string;
  /** How much is done of `max`; left out when nobody can say (a calm bar without end). */
  value?: number | undefined;
  max?: number | undefined;
  /** The state in words, for example “1,200 of 5,000 sent, done at about 14:30”. */
  valueText?: string | undefined;
}

/** How far long work has come. */
export function Progress({ id = 'progress', label, value, max = 100, valueText }: ProgressProps) {
  return (
    <div class="ui-progress">
      <div class="ui-progress-words">
        <label for={id}>{label}</label>
        {valueText === undefined ? null : <span class="ui-progress-value">{valueText}</span>}
      </div>
      <progress id={id} value={value} max={max}>
        {valueText}
      </progress>
    </div>
  );
}

export interface CountdownProps {
  secondsLeft: number;
  /** Id of the button that rests until the time is over. Without script it works at once and the server decides. */
  buttonId: string;
  /** Shown while waiting; `{seconds}` or `{clock}` (m:ss) is replaced. */
  waiting: string;
  /** Shown and read out when the time is over. */
  ready: string;
  /** Shown where no script runs, for example the moment from which it works. */
  withoutScript?: string | undefined;
}

/** The wait before something can be asked for again. */
export function Countdown({ secondsLeft, buttonId, waiting, ready, withoutScript }: CountdownProps) {
  const fallback = withoutScript ?? fillTime(waiting, secondsLeft);
  return (
    <div
      class="ui-countdown"
      data-ui-countdown={secondsLeft}
      data-button={buttonId}
      data-waiting={waiting}
      data-ready={ready}
    >
      <p class="ui-countdown-text">{secondsLeft > 0 ? fallback : ready}</p>
      <p class="ui-unseen" role="status" data-ui-countdown-said />
    </div>
  );
}

/** A part of the page that is fetched anew every `seconds` until the answer no longer carries it as refreshing (browser script). */
export function RefreshRegion({
  id,
  url,
  seconds,
  live,
  children,
}: {
  id: string;
  url: string;
  seconds?: number | undefined;
  live?: boolean;
  children: ComponentChildren;
}) {
  return (
    <div
      id={id}
      class="ui-refresh"
      data-ui-refresh={seconds === undefined ? undefined : url}
      data-seconds={seconds}
      aria-live={live === true ? 'polite' : undefined}
    >
      {children}
    </div>
  );
}

function fillTime(template: string, seconds: number): string {
  const clock = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
  return template.replace('{seconds}', String(seconds)).replace('{clock}', clock);
}
