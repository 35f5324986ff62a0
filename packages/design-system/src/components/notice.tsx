import type { ComponentChildren } from 'preact';
import { Shape, type ShapeName, type Tone } from './shape.tsx';

export interface NoticeProps {
  tone: Exclude<Tone, 'neutral'>;
  /** The word for the tone, for example “Please note”: it names the sign. */
  toneLabel: string;
  title?: string | undefined;
  /** Reads it out when it appears after the page has loaded, or at load for what just happened. */
  live?: boolean | undefined;
  children?: ComponentChildren;
}

/** Something worth knowing, told by sign, word and colour. */
export function Notice({ tone, toneLabel, title, live, children }: NoticeProps) {
  return (
    <div class={`ui-notice ui-tone-${tone}`} role={live === true ? 'status' : undefined}>
      <Shape name={noticeShapes[tone]} label={toneLabel} />
      <div class="ui-notice-body">
        {title === undefined ? null : <p class="ui-notice-title">{title}</p>}
        {children}
      </div>
    </div>
  );
}

const noticeShapes: Record<NoticeProps['tone'], ShapeName> = {
  info: 'info',
  success: 'check',
  warning: 'triangle',
  danger: 'cross',
};
