import { renderToString } from 'preact-render-to-string';
import type { Mail } from '#support/mail/mailer.ts';

/** What a mail to one person says. */
export type Letter = Pick<Mail, 'to' | 'locale' | 'subject'> & {
  readonly greeting: string;
  /** The first thing that is said. */
  readonly point: string;
  readonly link?: { readonly href: string; readonly label: string };
  readonly paragraphs: readonly string[];
  /** Why one gets it, and whom to ask. */
  readonly footer: readonly string[];
};

/** A letter as a mail: plain text, and HTML with the same words. */
export function mailOf({ to, locale, subject, greeting, point, link, paragraphs, footer }: Letter): Mail {
  const linkLines = link === undefined ? [] : [link.href];
  return {
    to,
    locale,
    subject,
    text: `${[greeting, point, ...linkLines, ...paragraphs, '--', ...footer].join('\n\n')}\n`,
    html: `<!doctype html>${renderToString(
      <html lang={locale}>
        <body>
          <p>{greeting}</p>
          <p>{point}</p>
          {link === undefined ? null : (
            <>
              <p>
                <a href={link.href}>{link.label}</a>
              </p>
              <p>{link.href}</p>
            </>
          )}
          {paragraphs.map((one) => (
            <p key={one}>{one}</p>
          ))}
          <hr />
          {footer.map((one) => (
            <p key={one}>{one}</p>
          ))}
        </body>
      </html>,
    )}`,
  };
}
