import nodemailer from 'nodemailer';
import { SECOND } from '#support/primitives/durations.ts';

export type Mail = {
  readonly to: { readonly name: string; readonly address: string };
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly locale: 'ja' | 'en';
};
export type Mailer = { send(mail: Mail): Promise<void>; close(): void };

/** Sends mails through an SMTP server (`smtp://host:port`). `send` throws when the server does not take the mail. */
export function createMailer(
  smtpUrl: string,
  sender: { name: Readonly<Record<Mail['locale'], string>>; address: string },
): Mailer {
  const transport = nodemailer.createTransport({
    url: smtpUrl,
    connectionTimeout: 5 * SECOND,
    greetingTimeout: 5 * SECOND,
    socketTimeout: 20 * SECOND,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return {
    async send({ to, subject, text, html, locale }) {
      await transport.sendMail({
        from: { name: sender.name[locale], address: sender.address },
        to: { name: to.name, address: to.address },
        subject,
        text,
        html,
        headers: { 'Content-Language': locale, 'Auto-Submitted': 'auto-generated' },
      });
    },
    close: () => transport.close(),
  };
}
