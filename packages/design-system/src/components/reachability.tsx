import type { ComponentChildren } from 'preact';
import { Notice } from './notice.tsx';

export interface UnreachableWarningProps {
  /** An address of ours on another host; it answers `{"reachable":true}` to pages of this one. */
  url: string;
  /** Milliseconds after which it is taken for unreachable. */
  limit: number;
  /** The form that waits for the answer once. */
  formId: string;
  toneLabel: string;
  title: string;
  children: ComponentChildren;
  /** Shown when somebody sent the form and was held: how to go on. */
  held: ComponentChildren;
}

/** A warning that shows itself where there is script and another host of ours cannot be reached. */
export function UnreachableWarning({
  url,
  limit,
  formId,
  toneLabel,
  title,
  children,
  held,
}: UnreachableWarningProps) {
  return (
    <div
      class="ui-unreachable"
      role="alert"
      tabIndex={-1}
      hidden
      data-ui-unreachable={url}
      data-limit={limit}
      data-form={formId}
    >
      <Notice tone="warning" toneLabel={toneLabel} title={title}>
        {children}
        <p class="ui-text" data-held hidden>
          {held}
        </p>
      </Notice>
    </div>
  );
}

export interface ReachTestProps {
  /** An address that answers `{"reachable":true}` to pages of ours. */
  url: string;
  /** An address where any answer will do, tried when that one does not come. */
  elseAny?: string | undefined;
  /** Milliseconds after which it is taken for unreachable. */
  limit: number;
  /** What stands in the list of those that cannot be reached. */
  name: string;
  waiting: ComponentChildren;
  reached: ComponentChildren;
  unreached: ComponentChildren;
  /** Where there is no script. */
  withoutScript: ComponentChildren;
}

/** Whether an address can be reached, tried by the browser that shows the page. */
export function ReachTest(props: ReachTestProps) {
  const { url, elseAny, limit, name, waiting, reached, unreached, withoutScript } = props;
  return (
    <div
      class="ui-reach-test"
      data-ui-reach-test={url}
      data-else-any={elseAny}
      data-limit={limit}
      data-name={name}
    >
      <div data-when="waiting" hidden>
        {waiting}
      </div>
      <div data-when="reached" hidden>
        {reached}
      </div>
      <div data-when="unreached" hidden>
        {unreached}
      </div>
      <noscript>{withoutScript}</noscript>
    </div>
  );
}

/** What all tests of a page came to. */
export function ReachOutcome({
  reached,
  unreached,
}: {
  reached: ComponentChildren;
  unreached: ComponentChildren;
}) {
  return (
    <div role="status" data-ui-reach-outcome>
      <div data-when="reached" hidden>
        {reached}
      </div>
      <div data-when="unreached" hidden>
        {unreached}
      </div>
    </div>
  );
}

/** The list that a test fills in with the names of what cannot be reached. */
export function UnreachedNames() {
  return <ul class="ui-list" data-names />;
}
