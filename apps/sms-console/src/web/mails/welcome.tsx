import { renderToString } from 'preact-render-to-string';
import type { ConsoleBrand } from '#domain/brand.ts';
import type { WelcomeMail } from '#domain/members/registrations.ts';
import type { Mail } from '#support/mail/mailer.ts';
import { welcomeTexts } from './welcome-text.ts';

/** The first mail to somebody whom an administrator added, as plain text and as HTML with the same words. `link`: where the first password is set. */
export function welcomeMail(brand: ConsoleBrand, link: string, { to, company, locale }: WelcomeMail): Mail {
  const text = welcomeTexts[locale];
  const name = brand.texts[locale].name;
  const contact = `${text.ask} ${brand.support}`;
  const paragraphs = [text.how(to.address), text.harmless, text.unasked];
  return {
    to,
    locale,
    subject: text.subject(name),
    text:
      [
        text.greeting(to.name),
        text.point(name, company),
        link,
        ...paragraphs,
        '--',
        text.why(name),
        contact,
      ].join('\n\n') + '\n',
    html: `<!doctype html>${renderToString(
      <html lang={locale}>
        <body>
          <p>{text.greeting(to.name)}</p>
          <p>{text.point(name, company)}</p>
          <p>
            <a href={link}>{text.link}</a>
          </p>
          <p>{link}</p>
          {paragraphs.map((one) => (
            <p key={one}>{one}</p>
          ))}
          <hr />
          <p>{text.why(name)}</p>
          <p>{contact}</p>
        </body>
      </html>,
    )}`,
  };
}
