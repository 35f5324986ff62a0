import type { ConsoleBrand } from '#domain/brand.ts';
import type { WelcomeMail } from '#domain/members/greetings.ts';
import type { Mail } from '#support/mail/mailer.ts';
import { mailOf } from './letter.tsx';
import { elsewhereTexts, welcomeTexts } from './welcome-text.ts';

/** The first mail to somebody whom an administrator added. `link`: where the first password is set. */
export function welcomeMail(brand: ConsoleBrand, link: string, { to, company, locale }: WelcomeMail): Mail {
  const text = welcomeTexts[locale];
  const { name } = brand.texts[locale];
  return mailOf({
    to,
    locale,
    subject: text.subject(name),
    greeting: text.greeting(to.name),
    point: text.point(name, company),
    link: { href: link, label: text.link },
    paragraphs: [text.how(to.address), text.harmless, text.unasked],
    footer: [text.why(name), `${text.ask} ${brand.support}`],
  });
}

/** To somebody who uses the console for one company and was added by the administrator of another: that nothing came of it, and what to do. */
export function elsewhereMail(brand: ConsoleBrand, { to, company, locale }: WelcomeMail): Mail {
  const text = elsewhereTexts[locale];
  const { name } = brand.texts[locale];
  return mailOf({
    to,
    locale,
    subject: text.subject(name),
    greeting: text.greeting(to.name),
    point: text.point(name, company),
    paragraphs: [text.wanted(company), text.unwanted],
    footer: [text.why(name), `${welcomeTexts[locale].ask} ${brand.support}`],
  });
}
