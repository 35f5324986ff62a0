import type { ComponentChildren } from 'preact';
import { Footer, type FooterProps } from '../components/footer.tsx';
import { BrandLink, Document, type DocumentProps } from './document.tsx';
import { AccountMenu, NavLinks, type AccountMenuProps, type NavLink } from './navigation.tsx';

export interface OperatorPageProps extends DocumentProps {
  nav: { label: string; menuLabel: string; links: readonly NavLink[] };
  /** Which console all pages speak of: links, one of them current. */
  chooser: { label: string; current: string; choices: readonly NavLink[] };
  /** Where this is, for example “production”; `production` stands out. */
  environment: { name: string; production: boolean };
  /** The operator's role, always in view. */
  role: { label: string; name: string };
  /** Search from anywhere; “/” puts the focus there. */
  search?:
    | {
        action: string;
        label: string;
        name?: string | undefined;
        value?: string | undefined;
        buttonLabel: string;
      }
    | undefined;
  account: AccountMenuProps;
  languageSwitch?: ComponentChildren;
  banner?: ComponentChildren;
  children: ComponentChildren;
  footer?: FooterProps | undefined;
}

/** The shell of the operators' console: what to work on above, jobs at the left. */
export function OperatorPage(props: OperatorPageProps) {
  const { nav, chooser, environment, role, search, account, languageSwitch, banner, children, footer } =
    props;
  return (
    <Document {...props} kind="operator">
      <header class="ui-operator-header">
        <BrandLink brand={props.brand} />
        <span class={environment.production ? 'ui-environment ui-environment-production' : 'ui-environment'}>
          {environment.name}
        </span>
        <details class="ui-menu ui-chooser" data-ui-menu>
          <summary class="ui-menu-button">
            <span class="ui-chooser-label">{chooser.label}</span>{' '}
            <span class="ui-menu-name">{chooser.current}</span>
          </summary>
          <div class="ui-menu-body">
            <NavLinks links={chooser.choices} />
          </div>
        </details>
        {search === undefined ? null : (
          <form class="ui-search" action={search.action} method="get" role="search">
            <input
              class="ui-input"
              type="search"
              name={search.name ?? 'q'}
              value={search.value}
              aria-label={search.label}
              placeholder={search.label}
              autocomplete="off"
              data-ui-search
              aria-keyshortcuts="/"
            />
            <button class="ui-button ui-button-secondary ui-button-small" type="submit">
              {search.buttonLabel}
            </button>
          </form>
        )}
        <div class="ui-operator-header-end">
          {languageSwitch}
          <span class="ui-role">
            <span class="ui-role-label">{role.label}</span> {role.name}
          </span>
          <AccountMenu {...account} />
        </div>
      </header>
      <div class="ui-operator-body">
        <nav class="ui-operator-nav" aria-label={nav.label}>
          <details class="ui-operator-nav-small" data-ui-menu>
            <summary class="ui-menu-button">{nav.menuLabel}</summary>
            <NavLinks links={nav.links} />
          </details>
          <div class="ui-operator-nav-wide">
            <NavLinks links={nav.links} />
          </div>
        </nav>
        <div class="ui-operator-content">
          <main id="main" tabIndex={-1} class="ui-operator-main">
            {banner === undefined ? null : <div class="ui-banner">{banner}</div>}
            {children}
          </main>
          {footer === undefined ? null : <Footer {...footer} />}
        </div>
      </div>
    </Document>
  );
}
