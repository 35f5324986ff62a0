import { simpleParser, type ParsedMail } from 'mailparser';
import { SMTPServer } from 'smtp-server';

/** A real SMTP server that keeps what it gets; `refuse` has it answer 451 to every mail. */
export type TestMailServer = { url: string; mails: ParsedMail[]; refuse: boolean; close(): Promise<void> };

export async function startMailServer(): Promise<TestMailServer> {
  const mails: ParsedMail[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    onMailFrom: (_address, _session, done) =>
      done(test.refuse ? Object.assign(new Error('later'), { responseCode: 451 }) : null),
    onData: (stream, _session, done) => {
      void simpleParser(stream).then((mail) => {
        mails.push(mail);
        done();
      }, done);
    },
  });
  await new Promise<void>((ready) => server.listen(0, 'localhost', ready));
  const { port } = server.server.address() as { port: number };
  const test: TestMailServer = {
    url: `smtp://localhost:${port}`,
    mails,
    refuse: false,
    close: () => new Promise((done) => server.close(() => done())),
  };
  return test;
}
