import { routes } from '#app/routes.ts';
import type { ConsoleBrand } from '#domain/brand.ts';
import type { ResetMail } from '#domain/legacy-login/reset-mail.ts';
import type { Mail } from '#support/mail/mailer.ts';
import { momentText } from '#web/http/times.ts';
import { legacyResetTexts } from './legacy-reset-text.ts';
import { mailOf } from './letter.tsx';

/** The mail of the legacy reset. `origin` is the console's own. */
export function legacyResetMail(
  brand: ConsoleBrand,
  origin: string,
  { to, locale, token, expiresAt }: ResetMail,
): Mail {
  const text = legacyResetTexts[locale];
  const { name } = brand.texts[locale];
  return mailOf({
    to,
    locale,
    subject: text.subject(name),
    greeting: text.greeting(to.name),
    point: text.point(name, momentText(expiresAt, locale)),
    link: { href: `${origin}${routes.reset}?token=${token}`, label: text.link },
    paragraphs: [text.harmless, text.unasked],
    footer: [text.why(name), `${text.ask} ${brand.support}`],
  });
}
