import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Answer } from '../../../bench/browser.ts';
import type { Chance } from '../../login-id/chance.ts';
import { loginIds, type LoginIdInput, type LoginIdOutput } from '../models/login-id.ts';
import { recorder, type Outcome } from '../record.ts';
import {
  basic,
  clients,
  impatientBrowser,
  jsonCall,
  nextCode,
  outcomeOf,
  problemCode,
  storyOf,
  type Stage,
  type Story,
} from '../story.ts';
import type { Person } from '../world.ts';

const ROUNDS = 3;
const PATH = '/api/console/v1/login-id-changes';

/** Two accounts change their login IDs again and again, and want the same addresses; changes are begun and confirmed several times at once (R18). */
export async function loginIdStory(stage: Stage, chance: Chance, movers: readonly Person[]): Promise<Story> {
  const { world } = stage;
  const asWatched = { authorization: basic(world.watched) };
  const book = recorder<LoginIdInput, LoginIdOutput>();
  const wanted = Array.from({ length: 3 }, () => `wanted-${randomUUID()}@example.co.jp`);
  const addresses = [...movers.map(({ emailAddress }) => emailAddress), ...wanted];
  const holders = new Map(movers.map((mover) => [mover.accountId, mover.emailAddress]));

  for (let round = 0; round < ROUNDS; round += 1) {
    const open: { change: string; code: string | undefined; account: string; address: string }[] = [];
    // One after the other, so that it is known whose code a mail has.
    for (const mover of movers) {
      if (chance.hits(0.2)) continue;
      const free = addresses.filter((address) => ![...holders.values()].includes(address));
      const address = round === 0 && chance.hits(0.6) ? (wanted[0] ?? '') : chance.pick(free);
      const taken = world.mail.taken.length;
      const change = await begin(chance, mover, address);
      if (change === undefined) continue;
      const code = await nextCode(stage, address, taken);
      open.push({ change, code, account: mover.accountId, address });
    }
    await clients(chance, [
      ...open.flatMap((one) =>
        Array.from({ length: 1 + chance.below(2) }, () => async (client: string, own: Chance) => {
          await pause(own.below(60));
          if (one.code !== undefined) await confirm(client, own, { ...one, code: one.code });
          await look(client, own, one.change);
        }),
      ),
      async (client, own) => {
        for (let turn = 0; turn < 4; turn += 1) {
          await pause(own.below(100));
          await signIn(client, own, own.pick(movers), own.pick(addresses));
          const [last] = open;
          if (last) await look(client, own, last.change);
        }
      },
    ]);
  }

  /** Twice with one key where the first is not answered, and now and then at once; then all answers name one change. */
  async function begin(own: Chance, mover: Person, address: string): Promise<string | undefined> {
    const key = randomUUID();
    const ask = async (client: string): Promise<string | undefined> => {
      const said = await book.call(client, { do: 'begin', account: mover.accountId, address, key }, () =>
        outcomeOf(
          stage,
          jsonCall(
            impatientBrowser(stage, own),
            'POST',
            PATH,
            { ...asWatched, 'idempotency-key': key },
            { consoleUserId: `user-${mover.accountId}`, newEmailAddress: address, locale: 'ja' },
          ),
          begunOutcome,
        ),
      );
      return said?.is === 'begun' ? said.change : undefined;
    };
    const name = `console, for ${mover.accountId}`;
    const names = own.hits(0.3) ? [name, `${name}, again`] : [name];
    const told = await Promise.all(names.map(ask));
    return told.find((one) => one !== undefined) ?? ask(name);
  }

  async function confirm(
    client: string,
    own: Chance,
    { change, code, account, address }: { change: string; code: string; account: string; address: string },
  ): Promise<void> {
    const said = await book.call(client, { do: 'confirm', change }, () =>
      outcomeOf(
        stage,
        jsonCall(impatientBrowser(stage, own), 'POST', `${PATH}/${change}/confirm`, asWatched, { code }),
        confirmedOutcome,
      ),
    );
    if (said?.is === 'confirmed') holders.set(account, address);
  }

  async function look(client: string, own: Chance, change: string): Promise<void> {
    await book.call(client, { do: 'look', change }, () =>
      outcomeOf(
        stage,
        jsonCall(impatientBrowser(stage, own), 'GET', `${PATH}/${change}`, asWatched),
        ({ status, body }) => {
          if (status !== 200) return undefined;
          const { state, version } = JSON.parse(body) as {
            state: 'pending' | 'confirmed' | 'ended';
            version: number | null;
          };
          return { output: { is: 'stands', state, version } };
        },
      ),
    );
  }

  async function signIn(client: string, own: Chance, mover: Person, address: string): Promise<void> {
    const form = { email_address: address, password: mover.password };
    await book.call(client, { do: 'sign-in', account: mover.accountId, address }, () =>
      outcomeOf(
        stage,
        impatientBrowser(stage, own).submit('/sign-in', form),
        ({ status, location }): Outcome<LoginIdOutput> | undefined => {
          if (status === 429) return 'nothing';
          if (status === 401) return { output: { is: 'refused' } };
          if (status !== 303) return undefined;
          return { output: { is: location.startsWith('/sign-in') ? 'refused' : 'signed-in' } };
        },
      ),
    );
  }

  const names = movers.map(({ accountId }) => accountId);
  const first = Object.fromEntries(movers.map(({ accountId, emailAddress }) => [accountId, emailAddress]));
  return storyOf('login IDs', names.join(' and '), loginIds(first), () => book.operations);
}

function begunOutcome(answer: Answer): Outcome<LoginIdOutput> | undefined {
  if (answer.status === 201)
    return { output: { is: 'begun', change: (JSON.parse(answer.body) as { id: string }).id } };
  return problemCode(answer) === 'address-unchanged' ? { output: { is: 'unchanged' } } : undefined;
}

function confirmedOutcome(answer: Answer): Outcome<LoginIdOutput> | undefined {
  if (answer.status === 200) {
    const { version, previousEmailAddress: previous } = JSON.parse(answer.body) as {
      version: number;
      previousEmailAddress: string;
    };
    return { output: { is: 'confirmed', version, previous } };
  }
  const code = problemCode(answer);
  switch (code) {
    case 'change-ended':
    case 'changed-meanwhile':
    case 'address-taken':
    case 'address-reserved':
      return { output: { is: code } };
    // It was confirmed between two looks.
    case 'code-used':
      return { output: { is: 'change-ended' } };
    // The code was another change's, or its mail went out twice: nothing was looked at but the code.
    case 'code-wrong':
    case 'code-superseded':
    case 'too-many-tries':
      return 'nothing';
    default:
      return undefined;
  }
}
