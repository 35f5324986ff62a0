import type { ComponentChildren } from 'preact';
import { Footer, type FooterProps } from '../components/footer.tsx';
import { BrandLink, Document, type DocumentProps } from './document.tsx';
import { AccountMenu, NavLinks, type AccountMenuProps, type NavLink } from './navigation.tsx';

export interface ConsolePageProps extends DocumentProps {
  nav: { label: string; links: readonly NavLink[] };
  account: AccountMenuProps;
  languageSwitch?: ComponentChildren;
  /** Between header and content: what just happened, or a `Notice` for all pages. */
  banner?: ComponentChildren;
  /** The content; begins with a `PageHead`. */
  children: ComponentChildren;
  footer?: FooterProps | undefined;
}

/** The shell of an admin console. */
export function ConsolePage(props: ConsolePageProps) {
  const { nav, account, languageSwitch, banner, children, footer } = props;
  return (
    <Document {...props} kind="console">
      <header class="ui-console-header">
        <div class="ui-console-header-inner">
          <BrandLink brand={props.brand} />
          <div class="ui-console-header-end">
            {languageSwitch}
            <AccountMenu {...account} />
          </div>
          <nav class="ui-console-nav" aria-label={nav.label}>
            <NavLinks links={nav.links} />
          </nav>
        </div>
      </header>
      <main id="main" tabIndex={-1} class="ui-console-main">
        {banner === undefined ? null : <div class="ui-banner">{banner}</div>}
        {children}
      </main>
      {footer === undefined ? null : <Footer {...footer} />}
    </Document>
  );
}
