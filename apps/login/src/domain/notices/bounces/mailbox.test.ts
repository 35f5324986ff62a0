import { describe, expect, it } from 'vitest';
import { mailsIn } from './mailbox.ts';

const texts = (file: string) => mailsIn(Buffer.from(file)).map((mail) => mail.toString());

describe('R14: the mails of a file', () => {
  it.each([
    ['one mail', 'Subject: a\r\n\r\nFrom here\r\n', ['Subject: a\r\n\r\nFrom here\r\n']],
    ['nothing', '', ['']],
    [
      'a mailbox, with lines of either kind',
      'From MAILER-DAEMON Sun Nov 22 10:00:03 2026\nSubject: a\n\nbody\n\nFrom - Sun Nov 22 10:00:04 2026\r\nSubject: b\r\n\r\n見本\r\n\r\nFrom \nSubject: c\n\nend\n',
      ['Subject: a\n\nbody\n', 'Subject: b\r\n\r\n見本\r\n', 'Subject: c\n\nend\n'],
    ],
    [
      'a quoted line of a body, and a sentence that begins so',
      'From a Sun Nov 22 10:00:03 2026\nSubject: a\n\n>From me\n>>From you\n\nFrom now on all is well.\nReally.\n',
      ['Subject: a\n\nFrom me\n>From you\n\nFrom now on all is well.\nReally.\n'],
    ],
    ['what only begins like a mailbox', 'From here on nothing is a mail', ['From here on nothing is a mail']],
  ])('%s', (_what, file, mails) => {
    expect(texts(file)).toEqual(mails);
  });

  it('ten MiB made to be slow are split in less than two seconds', () => {
    const one = '\n\nFrom \nA'.repeat((10 * 1024 * 1024) / 9);
    const began = performance.now();
    mailsIn(Buffer.from(`From x\nA: b${one}`));
    expect(performance.now() - began).toBeLessThan(2_000);
  });
});
