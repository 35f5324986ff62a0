import { setTimeout as pause } from 'node:timers/promises';
import type { Answer, Browser } from '../../../bench/browser.ts';
import type { Chance } from '../../login-id/chance.ts';
import { account, type AccountInput, type AccountOutput } from '../models/account.ts';
import type { Operation } from '../operation.ts';
import { recorder, type Outcome } from '../record.ts';
import {
  answered,
  clients,
  impatientBrowser,
  nextCode,
  outcomeOf,
  plain,
  storyOf,
  type Stage,
  type Story,
} from '../story.ts';
import type { Person } from '../world.ts';
import { redeem, setOut, sidIn } from './entering.ts';

const ROUNDS = 2;
const VISITS = 4;

/** What is known of a session that a history names: a browser that has it, and what the console calls it. */
type Session = { name: string; browser: Browser; sids: Set<string> };

/** With what the console calls its sessions, and whether they were acknowledged to have ended: of each of those the console has to be told. */
export type AccountStory = Story & { sids(): readonly { sid: string; hasEnded: boolean }[] };

/**
 * One account: a code is asked for, typed several times at once with different passwords and among wrong ones, while others sign in with old and new passwords, enter a console, and leave (R2, R4, R9, V1).
 */
export async function accountStory(
  stage: Stage,
  chance: Chance,
  person: Person,
  told: () => readonly Seen[],
): Promise<AccountStory> {
  const { world } = stage;
  const book = recorder<AccountInput, AccountOutput>();
  const passwords = [person.password];
  const sessions: Session[] = [];
  const ended = new Set<string>();

  const begin = (browser: Browser): Session => {
    const session = { name: `session ${sessions.length + 1}`, browser, sids: new Set<string>() };
    sessions.push(session);
    return session;
  };

  for (let round = 0; round < ROUNDS; round += 1) {
    const asker = impatientBrowser(stage, chance);
    const taken = world.mail.taken.length;
    const asked = await answered(stage, asker.submit('/reset', { email_address: person.emailAddress }));
    const page = asked?.status === 303 ? (asked.location.split('?')[0] ?? '') : undefined;
    const code = page === undefined ? undefined : await nextCode(stage, person.emailAddress, taken);
    const typing =
      page === undefined
        ? []
        : Array.from({ length: code === undefined ? 0 : 1 + chance.below(3) }, (_, number) => {
            const password = `Yama-no-oto ${round}${number} ${10 + chance.below(90)} desu`;
            passwords.push(password);
            return async (client: string, own: Chance) => {
              await pause(own.below(300));
              await type(`${client} typing`, asker.twin(), { page, code: code ?? '', password });
            };
          });
    const guesses = page === undefined ? 0 : chance.below(8);
    const guessing = Array.from({ length: guesses }, () => async (client: string, own: Chance) => {
      await pause(own.below(400));
      const wrong = code === '00000000' ? '00000001' : '00000000';
      await type(`${client} guessing`, asker.twin(), {
        page: page ?? '',
        code: wrong,
        password: person.password,
        isWrong: true,
      });
    });
    await clients(chance, [...typing, ...guessing, visit, visit]);
  }

  async function type(
    client: string,
    browser: Browser,
    typed: { page: string; code: string; password: string; isWrong?: boolean },
  ): Promise<void> {
    const { page, code, password, isWrong = false } = typed;
    await book.call(client, { do: 'type', request: page, code: isWrong ? 'wrong' : 'mailed', password }, () =>
      outcomeOf(stage, browser.submit(page, { code, password, confirmation: password }), (answer) =>
        typedOutcome(answer, () => begin(browser).name),
      ),
    );
  }

  async function visit(client: string, own: Chance): Promise<void> {
    for (let turn = 0; turn < VISITS; turn += 1) {
      await pause(own.below(200));
      const browser = impatientBrowser(stage, own);
      const password = own.pick(own.hits(0.6) ? passwords.slice(-2) : passwords);
      const said = await book.call(client, { do: 'sign-in', password }, () =>
        outcomeOf(
          stage,
          browser.submit('/sign-in', { email_address: person.emailAddress, password }),
          (answer) => signInOutcome(answer, () => begin(browser).name),
        ),
      );
      const mine = said?.is === 'signed-in' ? sessions.find(({ name }) => name === said.session) : undefined;
      const session = mine ?? (sessions.length > 0 ? own.pick(sessions) : undefined);
      if (!session) continue;
      await useSession(client, own, session);
      if (own.hits(0.4))
        await Promise.all([leave(client, session), useSession(`${client}'s other window`, own, session)]);
      await useSession(client, own, session);
    }
  }

  /** With the cookies of the beginning, as somebody would who has kept them. */
  async function useSession(client: string, own: Chance, session: Session): Promise<void> {
    const browser = session.browser.twin();
    const input = { do: 'look', session: session.name } as const;
    if (own.hits(0.5)) {
      await book.call(client, input, () => outcomeOf(stage, browser.get('/account'), lookOutcome));
      return;
    }
    const entered: { code: string; verifier: string }[] = [];
    await book.call(client, input, async () => {
      const arrival = await setOut(stage, browser, world.watched, { prompt: 'none' });
      if (!arrival) return 'unknown';
      if (!('callback' in arrival)) {
        // The session ended in the middle of this request.
        if (arrival.status === 400 && arrival.body.includes('ログインをやり直してください'))
          return { output: { is: 'dead' } };
        stage.odd.push(`entering with prompt=none: ${arrival.status} ${plain(arrival)}`);
        return 'unknown';
      }
      const { callback, verifier } = arrival;
      const code = callback.searchParams.get('code');
      if (code !== null) entered.push({ code, verifier });
      else if (callback.searchParams.get('error') !== 'login_required') {
        if (callback.searchParams.get('error') !== 'temporarily_unavailable')
          stage.odd.push(`entering with prompt=none: ${callback.search}`);
        return 'unknown';
      }
      return { output: { is: code === null ? 'dead' : 'live' } };
    });
    const [given] = entered;
    if (!given) return;
    const tokens = await answered(stage, redeem(browser, world.watched, given));
    const sid = tokens?.status === 200 ? sidIn(tokens) : undefined;
    if (sid !== undefined) session.sids.add(sid);
  }

  async function leave(client: string, session: Session): Promise<void> {
    const said = await book.call(client, { do: 'sign-out', session: session.name }, () =>
      outcomeOf(stage, session.browser.twin().submit('/sign-out', {}), ({ status, location }) => {
        if (status !== 303 || !location.startsWith('/signed-out')) return undefined;
        return { output: { is: location.startsWith('/signed-out/slo_') ? 'left' : 'gone' } };
      }),
    );
    if (said) ended.add(session.name);
  }

  const complete = (): readonly Operation<AccountInput, AccountOutput>[] => {
    const whole = recorder<AccountInput, AccountOutput>();
    const ends = told().flatMap(({ sid, start, end }) =>
      sessions.flatMap(({ name, sids }) => (sids.has(sid) ? [{ name, start, end }] : [])),
    );
    for (const { name, start, end } of ends)
      whole.note('what the console was told', { do: 'look', session: name }, { is: 'dead' }, start, end);
    return [
      ...book.operations,
      ...whole.operations.map((one) => ({ ...one, id: book.operations.length + one.id })),
    ];
  };
  return {
    ...storyOf('account', person.emailAddress, account(person.password), complete),
    sids: () =>
      sessions.flatMap(({ name, sids }) => [...sids].map((sid) => ({ sid, hasEnded: ended.has(name) }))),
  };
}

/** That a session has ended, as a console was told, by push or by its own question. */
export type Seen = { sid: string; start: number; end: number };

function typedOutcome(
  { status, location, body }: Answer,
  begin: () => string,
): Outcome<AccountOutput> | undefined {
  // Another one set a password between this one and its session.
  if (status === 303)
    return { output: { is: 'set', session: location.startsWith('/sign-in') ? null : begin() } };
  if (status === 200) return { output: { is: 'ended' } };
  const left = /あと(\d)回入力できます/.exec(body)?.[1];
  if (status === 422 && left !== undefined) return { output: { is: 'wrong', left: Number(left) } };
  if (status === 422 && body.includes('検証コードが違います。これまでのコードは'))
    return { output: { is: 'wrong', left: 0 } };
  return status === 429 && body.includes('検証コードの間違いが続いたため')
    ? { output: { is: 'too-many-tries' } }
    : undefined;
}

function signInOutcome(
  { status, location }: Answer,
  begin: () => string,
): Outcome<AccountOutput> | undefined {
  if (status === 429) return 'nothing';
  if (status === 401) return { output: { is: 'refused' } };
  if (status !== 303) return undefined;
  return location.startsWith('/sign-in')
    ? { output: { is: 'refused' } }
    : { output: { is: 'signed-in', session: begin() } };
}

function lookOutcome({ status, location }: Answer): Outcome<AccountOutput> | undefined {
  if (status === 200) return { output: { is: 'live' } };
  return status === 303 && location.includes('/sign-in') ? { output: { is: 'dead' } } : undefined;
}
