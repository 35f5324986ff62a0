import type { ComponentChildren } from 'preact';
import { HiddenField, type HiddenValue } from '../components/form.tsx';

export interface NavLink {
  href: string;
  label: string;
  current?: boolean | undefined;
  /** A figure that waits there, with its meaning for screen readers. */
  count?: { value: string; label: string } | undefined;
}

/** A list of links; the one that the page belongs to is marked. */
export function NavLinks({ links }: { links: readonly NavLink[] }) {
  return (
    <ul class="ui-nav-links">
      {links.map((link) => (
        <li key={link.href}>
          <a href={link.href} aria-current={link.current === true ? 'page' : undefined}>
            <span>{link.label}</span>
            {link.count === undefined ? null : (
              <span class="ui-nav-count">
                {link.count.value}
                <span class="ui-unseen"> {link.count.label}</span>
              </span>
            )}
          </a>
        </li>
      ))}
    </ul>
  );
}

export interface AccountMenuProps {
  /** Who is signed in, as shown on the button. */
  name: string;
  /** What the button opens, for screen readers. */
  label: string;
  detail?: ComponentChildren;
  links?: readonly { href: string; label: string }[] | undefined;
  /** A POST form that signs out. */
  signOut: { action: string; label: string; hidden?: readonly HiddenValue[] | undefined };
}

/** Who is signed in and what they can do about it; opens without script. */
export function AccountMenu({ name, label, detail, links = [], signOut }: AccountMenuProps) {
  return (
    <details class="ui-menu" data-ui-menu>
      <summary class="ui-menu-button">
        <span class="ui-unseen">{label} </span>
        <span class="ui-menu-name">{name}</span>
      </summary>
      <div class="ui-menu-body">
        {detail === undefined ? null : <div class="ui-menu-detail">{detail}</div>}
        {links.length === 0 ? null : (
          <ul class="ui-menu-links">
            {links.map((link) => (
              <li key={link.href}>
                <a href={link.href}>{link.label}</a>
              </li>
            ))}
          </ul>
        )}
        <form action={signOut.action} method="post" data-ui-once>
          {(signOut.hidden ?? []).map((field) => (
            <HiddenField key={field.name} {...field} />
          ))}
          <button class="ui-menu-sign-out" type="submit">
            {signOut.label}
          </button>
        </form>
      </div>
    </details>
  );
}
