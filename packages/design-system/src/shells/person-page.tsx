import type { ComponentChildren } from 'preact';
import { Footer, type FooterProps } from '../components/footer.tsx';
import { Shape } from '../components/shape.tsx';
import { BrandLink, Document, type DocumentProps } from './document.tsx';

export interface PersonPageProps extends DocumentProps {
  /** The page's one heading, with `Steps` above it and a `Lead` below it where there are any. */
  heading: ComponentChildren;
  /** The card: the form or the answer. */
  children: ComponentChildren;
  /** Stands beside the card from 768 px, and between heading and card on a phone. */
  aside?: ComponentChildren;
  /** Below the card, on the ground: help that most people do not need. */
  below?: ComponentChildren;
  /** Where one is heading, for example label “You are signing in to” and the console's name. */
  consoleBadge?: { label: string; name: string } | undefined;
  languageSwitch?: ComponentChildren;
  footer?: FooterProps | undefined;
}

/** A page for everyone: one column, one card, one thing to do. */
export function PersonPage(props: PersonPageProps) {
  const { heading, children, aside, below, consoleBadge, languageSwitch, footer } = props;
  return (
    <Document {...props} kind="person">
      <header class="ui-person-header">
        <div class="ui-person-header-inner">
          <BrandLink brand={props.brand} />
          {languageSwitch}
        </div>
      </header>
      <main
        id="main"
        tabIndex={-1}
        class={aside === undefined ? 'ui-person-main' : 'ui-person-main ui-person-with-aside'}
      >
        <div class="ui-person-heading">
          {consoleBadge === undefined ? null : <ConsoleBadge {...consoleBadge} />}
          {heading}
        </div>
        {aside === undefined ? null : <div class="ui-person-aside">{aside}</div>}
        <div class="ui-person-card">{children}</div>
        {below === undefined ? null : <div class="ui-person-below">{below}</div>}
      </main>
      {footer === undefined ? null : <Footer {...footer} />}
    </Document>
  );
}

function ConsoleBadge({ label, name }: { label: string; name: string }) {
  return (
    <p class="ui-console-badge">
      <Shape name="arrow" />
      <span>
        <span class="ui-console-badge-label">{label}</span> <strong class="ui-name">{name}</strong>
      </span>
    </p>
  );
}
