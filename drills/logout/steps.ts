/** A moment of a logout at which the login server is killed, known by the statement that it is about to send or has sent. */
export type Step = {
  name: string;
  when: 'before' | 'after';
  /** @param before statements of the same transaction so far */
  at(statement: string, before: readonly string[]): boolean;
};

const commitAfter =
  (mark: RegExp) =>
  (statement: string, before: readonly string[]): boolean =>
    /^commit/i.test(statement) && before.some((one) => mark.test(one));

const END = /^delete from "sso_session"/;
const DELIVERIES = /^insert into "logout_delivery"/;
const RESULT = /^update "logout_delivery" set "state"/;
const PLACES = /set list_number =/;

/** Every step of a logout, in their order: of the end of the session, of a delivery, and of a console's own question. */
export const STEPS: readonly Step[] = [
  { name: 'before the session goes', when: 'before', at: (text) => END.test(text) },
  {
    name: 'the session is gone, nothing else is written',
    when: 'before',
    at: (text) => /^insert into "single_logout"/.test(text),
  },
  {
    name: 'the logout is written, no delivery',
    when: 'before',
    at: (text) => DELIVERIES.test(text),
  },
  {
    name: 'the deliveries are written, no job',
    when: 'after',
    at: (text) => DELIVERIES.test(text),
  },
  { name: 'all is written, not committed', when: 'before', at: commitAfter(DELIVERIES) },
  { name: 'committed, the browser not answered', when: 'after', at: commitAfter(DELIVERIES) },
  {
    name: 'the browser waits for the page',
    when: 'after',
    at: (text) => /^select .* from "logout_delivery" inner join "console"/.test(text),
  },
  {
    name: 'a delivery is claimed, not sent',
    when: 'after',
    at: (text) => /update logout_delivery set claim = claim \+ 1/.test(text),
  },
  {
    name: 'a console has answered, nothing is written',
    when: 'before',
    at: (text) => /^update "logout_delivery" set/.test(text),
  },
  {
    name: 'a result is written, not committed',
    when: 'before',
    at: commitAfter(/^update "logout_delivery" set/),
  },
  {
    name: 'a result is committed, its job not ended',
    when: 'after',
    at: commitAfter(RESULT),
  },
  {
    name: 'a console asks, its places are written, not committed',
    when: 'before',
    at: commitAfter(PLACES),
  },
  {
    name: 'a console asks, its places are committed, it is not answered',
    when: 'after',
    at: commitAfter(PLACES),
  },
  {
    name: 'a console asks from a place on, it is not noted that it was told',
    when: 'before',
    at: (text) => /told_by = 'pull'/.test(text),
  },
];
