import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { changeAccountState } from '#domain/suspension/change-state.ts';
import { openJobs } from '#support/jobs/jobs.ts';
import { DAY, MINUTE, SECOND } from '#support/primitives/durations.ts';
import { Browser, type Answer } from '#test/browser.ts';
import { authorizeUrl, PASSWORD, textOf } from '#test/steps.ts';
import { openWorld, type World } from '#test/world.ts';

/** Every kind of person that a stranger may ask for; the names are of one length, so that pages are too. */
const KINDS = ['aaa1', 'aaa2', 'aaa3', 'aaa4', 'aaa5', 'aaa6'] as const;

let world: World;
beforeAll(async () => {
  world = await openWorld();
  await world.addConsole('sms');
  await world.addPerson('aaa1@example.co.jp', { sms: '1' }, { password: PASSWORD });
  await world.addPerson('aaa2@example.co.jp', { sms: '2' });
  const suspended = await world.addPerson('aaa3@example.co.jp', { sms: '3' }, { password: PASSWORD });
  await world.addPerson('aaa4@example.co.jp', {}, { locale: 'en' });
  const closed = await world.addPerson('aaa5@example.co.jp', { sms: '5' }, { password: PASSWORD });
  const jobs = await openJobs({
    databaseUrl: world.databaseUrl,
    mailRetryAfter: 30,
    onError: () => undefined,
  });
  const by = { actor: 'operator:test', administrator: true, now: world.now };
  for (const [accountId, change] of [
    [suspended, 'suspend'],
    [closed, 'close'],
  ] as const) {
    const deps = { db: world.database.db, jobs };
    const changed = await changeAccountState(deps, accountId, { change, reason: 'a test' }, by);
    expect(changed.ok).toBe(true);
  }
  await jobs.stop();
});
afterAll(() => world.close());

describe('C4: asking for a code tells a stranger nothing', () => {
  it.each(['/reset', 'sign-in'])(
    'known, without a password, suspended, without a console, closed and unknown: every step from %s is byte-equal',
    async (where) => {
      world.pass(3 * DAY);
      const begin = world.now;
      const stories = [];
      for (const kind of KINDS) {
        world.now = begin;
        stories.push(await story(kind, where));
      }
      for (const [nth, story] of stories.entries())
        for (const [step, seen] of story.entries()) {
          const same = JSON.stringify(seen) === JSON.stringify(stories[0]?.[step]);
          expect(
            same,
            `${KINDS[nth]} differs at step ${step}: ${seen.status} ${textOf(seen)} | ${textOf(stories[0]?.[step] ?? { body: '' })}`,
          ).toBe(true);
        }
      expect(stories[0]?.map((step) => step.status)).toEqual([
        422, 303, 200, 303, 429, 422, 422, 422, 422, 422, 422, 429, 303, 200, 422, 422, 303, 200, 422, 429,
        200,
      ]);
    },
  );

  it('and mail goes only to who has an account that lives', async () => {
    const sent = await world.database.db
      .selectFrom('message')
      .select(['recipient', 'state'])
      .where('template', '=', 'verification-code')
      .execute();
    const states = (name: string) => [
      ...new Set(sent.filter((one) => one.recipient.startsWith(name)).map((one) => one.state)),
    ];
    for (let tries = 0; tries < 100 && sent.some((one) => one.state === 'queued'); tries++) {
      await new Promise((later) => setTimeout(later, 50));
      sent.splice(
        0,
        sent.length,
        ...(await world.database.db
          .selectFrom('message')
          .select(['recipient', 'state'])
          .where('template', '=', 'verification-code')
          .execute()),
      );
    }
    for (const name of ['aaa1', 'aaa2', 'aaa4']) expect(states(name)).toEqual(['accepted']);
    for (const name of ['aaa3', 'aaa5', 'aaa6']) expect(states(name)).toEqual(['dropped']);
    expect(new Set(world.mails.map((mail) => mail.to.slice(0, 4)))).toEqual(
      new Set(['aaa1', 'aaa2', 'aaa4']),
    );
  });
});

type Seen = { status: number; headers: Record<string, unknown>; cookies: string[]; body: string };

/** Everything that a stranger can do with an address whose mail they cannot read. */
async function story(who: string, where: string): Promise<Seen[]> {
  const browser = new Browser(world);
  const base = where === 'sign-in' ? `${(await browser.open(authorizeUrl('sms').url)).path}/reset` : '/reset';
  const steps: Answer[] = [];
  const post = async (path: string, form: Record<string, string>): Promise<Answer> => {
    const answer = await browser.request('POST', path, form);
    steps.push(answer);
    return answer;
  };
  const get = async (path: string): Promise<void> => void steps.push(await browser.request('GET', path));
  const guess = (code: string, password = PASSWORD): Promise<Answer> =>
    post(page, { code, password, confirmation: password });

  await post(base, { email_address: `${who}@` });
  const page = String((await post(base, { email_address: `${who}@example.co.jp` })).headers.location);
  await get(page);
  await post(base, { email_address: `${who}@example.co.jp` });
  await post(`${page}/resend`, {});
  await guess('1234', 'short');
  for (let i = 0; i < 5; i++) await guess('00000000');
  await guess('00000000');
  // The codes ended; another one is asked for and must be guessed at with tries of its own, whether or not it was ever made.
  world.pass(60 * SECOND);
  await mailsAreOut(who);
  const resent = await post(`${page}/resend`, {});
  await get(String(resent.headers.location));
  await mailsAreOut(who);
  await guess('00000000');
  await guess('00000000', 'Password1!');
  world.pass(11 * MINUTE);
  const again = await post(base, { email_address: `${who}@example.co.jp` });
  await get(String(again.headers.location));
  await mailsAreOut(who);
  await guess('00000000');
  world.pass(10 * SECOND);
  await post(`${page}/resend`, {});
  await get(page);
  return steps.map((answer) => seenIn(answer, who, browser));
}

function seenIn(answer: Answer, who: string, browser: Browser): Seen {
  const secrets = [...browser.cookies.values()].map((cookie) => cookie.value);
  const mask = (text: string): string =>
    [...secrets, String(answer.headers['x-request-id'])]
      .reduce((masked, secret) => masked.replaceAll(secret, 'SECRET'), text)
      .replace(/vrq_[0-9a-z]{26}/g, 'vrq_ID')
      .replace(/\/sign-in\/[\w-]{21,}/g, '/sign-in/UID')
      .replace(/expires=[^;"]+/gi, 'expires=TIME')
      .replaceAll(who, 'WHO');
  const { date: _, 'set-cookie': cookies = [], ...headers } = answer.headers;
  return {
    status: answer.statusCode,
    headers: JSON.parse(mask(JSON.stringify(headers))) as Record<string, unknown>,
    cookies: [cookies].flat().map(mask),
    body: mask(answer.body),
  };
}

/** Codes are made when the mail is: the story goes on when the queue has done so, as time would. */
async function mailsAreOut(who: string): Promise<void> {
  for (;;) {
    const queued = await world.database.db
      .selectFrom('message')
      .select('id')
      .where('recipient', 'like', `${who}%`)
      .where('state', '=', 'queued')
      .executeTakeFirst();
    if (!queued) return;
    await new Promise((later) => setTimeout(later, 10));
  }
}
