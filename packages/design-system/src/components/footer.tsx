import type { ComponentChildren } from 'preact';

export interface FooterLink {
  href: string;
  label: string;
}

export interface FooterProps {
  links?: readonly FooterLink[] | undefined;
  /** Who runs the service, the copyright line, the number to quote. */
  note?: ComponentChildren;
}

/** The end of every page. */
export function Footer({ links = [], note }: FooterProps) {
  return (
    <footer class="ui-footer">
      <div class="ui-footer-inner">
        {links.length === 0 ? null : (
          <ul class="ui-footer-links">
            {links.map((link) => (
              <li key={link.href}>
                <a href={link.href}>{link.label}</a>
              </li>
            ))}
          </ul>
        )}
        {note === undefined ? null : <div class="ui-footer-note">{note}</div>}
      </div>
    </footer>
  );
}
