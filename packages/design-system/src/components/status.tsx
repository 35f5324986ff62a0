import type { ComponentChildren } from 'preact';
import { Shape, type ShapeName, type Tone } from './shape.tsx';

export interface ChipProps {
  tone: Tone;
  shape: ShapeName;
  children: ComponentChildren;
}

/** A state as one word with a sign. */
export function Chip({ tone, shape, children }: ChipProps) {
  return (
    <span class={`ui-chip ui-tone-${tone}`}>
      <Shape name={shape} />
      <span>{children}</span>
    </span>
  );
}

export interface StatusItem {
  name: string;
  state: { tone: Tone; shape: ShapeName; label: string };
  detail?: ComponentChildren;
  action?: ComponentChildren;
}

/** Things and how each stands, for example the places that one has been signed out of. */
export function StatusList({ items, label }: { items: readonly StatusItem[]; label?: string | undefined }) {
  return (
    <ul class="ui-status-list" aria-label={label}>
      {items.map((item, index) => (
        <li key={index} class="ui-status-item">
          <div class="ui-status-line">
            <span class="ui-status-name">{item.name}</span>
            <Chip tone={item.state.tone} shape={item.state.shape}>
              {item.state.label}
            </Chip>
          </div>
          {item.detail === undefined ? null : <div class="ui-status-detail">{item.detail}</div>}
          {item.action === undefined ? null : <div class="ui-status-action">{item.action}</div>}
        </li>
      ))}
    </ul>
  );
}

export interface TimelineItem {
  /** The moment as shown, for example 2026年11月21日(土) 22:00. */
  time: string;
  /** The moment as ISO 8601. */
  dateTime?: string | undefined;
  title: ComponentChildren;
  tone?: Tone | undefined;
  shape?: ShapeName | undefined;
  children?: ComponentChildren;
}

/** What happened or will happen, in order. */
export function Timeline({ items, label }: { items: readonly TimelineItem[]; label?: string | undefined }) {
  return (
    <ol class="ui-timeline" aria-label={label}>
      {items.map((item, index) => (
        <li key={index} class={`ui-timeline-item ui-tone-${item.tone ?? 'neutral'}`}>
          <span class="ui-timeline-sign">
            <Shape name={item.shape ?? 'ring'} />
          </span>
          <div class="ui-timeline-body">
            <time class="ui-timeline-time" dateTime={item.dateTime}>
              {item.time}
            </time>
            <div class="ui-timeline-title">{item.title}</div>
            {item.children}
          </div>
        </li>
      ))}
    </ol>
  );
}
