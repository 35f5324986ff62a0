import { renderToString } from 'preact-render-to-string';
import { routes } from '#app/routes.ts';
import type { ConsoleBrand } from '#domain/brand.ts';
import type { ResetMail } from '#domain/legacy-login/reset-mail.ts';
import type { Mail } from '#support/mail/mailer.ts';
import { momentText } from '#web/http/times.ts';
import { legacyResetTexts } from './legacy-reset-text.ts';

/** The mail of the legacy reset, as plain text and as HTML with the same words. `origin` is the console's own. */
export function legacyResetMail(
  brand: ConsoleBrand,
  origin: string,
  { to, locale, token, expiresAt }: ResetMail,
): Mail {
  const text = legacyResetTexts[locale];
  const link = `${origin}${routes.reset}?token=${token}`;
  const point = text.point(brand.texts[locale].name, momentText(expiresAt, locale));
  const contact = `${text.ask} ${brand.support}`;
  const paragraphs = [text.harmless, text.unasked];
  return {
    to,
    locale,
    subject: text.subject(brand.texts[locale].name),
    text:
      [
        text.greeting(to.name),
        point,
        link,
        ...paragraphs,
        '--',
        text.why(brand.texts[locale].name),
        contact,
      ].join('\n\n') + '\n',
    html: `<!doctype html>${renderToString(
      <html lang={locale}>
        <body>
          <p>{text.greeting(to.name)}</p>
          <p>{point}</p>
          <p>
            <a href={link}>{text.link}</a>
          </p>
          <p>{link}</p>
          {paragraphs.map((one) => (
            <p key={one}>{one}</p>
          ))}
          <hr />
          <p>{text.why(brand.texts[locale].name)}</p>
          <p>{contact}</p>
        </body>
      </html>,
    )}`,
  };
}
