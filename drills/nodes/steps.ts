/** A moment of a sign-in, a reset or the leaving at which a node is killed, known by the statement that it is about to send or has sent. */
export type Step = {
  readonly name: string;
  readonly when: 'before' | 'after';
  /** @param before statements of the same transaction so far */
  at(statement: string, before: readonly string[]): boolean;
};

const COUNTED = /insert into sign_in_throttle/;
const SUCCESS = /signed_in as \(/;
const CONSUMED = /update "verification_code" set "consumed_at"/;
const PASSWORD = /insert into "password_credential"/;
const SENT = /update "message" set "state"/;

const commitAfter =
  (mark: RegExp) =>
  (statement: string, before: readonly string[]): boolean =>
    /^commit/i.test(statement) && before.some((one) => mark.test(one));

export const STEPS: readonly Step[] = [
  { name: 'an attempt is counted, nothing is checked', when: 'after', at: (text) => COUNTED.test(text) },
  { name: 'the password was right, nothing is written', when: 'before', at: (text) => SUCCESS.test(text) },
  {
    name: 'the sign-in is written, the browser not answered',
    when: 'after',
    at: (text) => SUCCESS.test(text),
  },
  {
    name: 'a code is written, its mail not sent',
    when: 'after',
    at: (text) => /insert into "verification_code"/.test(text),
  },
  { name: 'a mail was taken, its verdict not written', when: 'before', at: (text) => SENT.test(text) },
  { name: 'a code is used up, no password set', when: 'after', at: (text) => CONSUMED.test(text) },
  { name: 'a password is set, not committed', when: 'before', at: commitAfter(PASSWORD) },
  { name: 'a password is committed, the browser not answered', when: 'after', at: commitAfter(PASSWORD) },
  {
    name: 'a session goes, nothing else is written',
    when: 'after',
    at: (text) => /^delete from "sso_session"/.test(text),
  },
];
