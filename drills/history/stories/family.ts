import { hash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Answer } from '../../../bench/browser.ts';
import type { Chance } from '../../login-id/chance.ts';
import { family, type FamilyInput, type FamilyOutput } from '../models/family.ts';
import { overlap, type History } from '../operation.ts';
import { recorder, type Outcome } from '../record.ts';
import {
  answered,
  basic,
  clients,
  impatientBrowser,
  insist,
  outcomeOf,
  storyOf,
  type Stage,
  type Story,
} from '../story.ts';
import type { Person } from '../world.ts';
import { redeem, setOut } from './entering.ts';

const ROTATIONS = 6;
const PROBES = 8;
const OFFLINE = { scope: 'openid email profile offline_access', prompt: 'consent' };

/** A console redeems a code and refreshes; answers get lost, and somebody replays a token that was used, or the person leaves (P2). */
export async function familyStory(stage: Stage, chance: Chance, person: Person): Promise<Story | undefined> {
  const { world } = stage;
  const begun = await insist(async () => {
    const browser = world.browser();
    const form = { email_address: person.emailAddress, password: person.password };
    const signedIn = await answered(stage, browser.submit('/sign-in', form));
    if (signedIn?.status !== 303) return undefined;
    const arrival = await setOut(stage, browser, world.watched, OFFLINE);
    const code = arrival && 'callback' in arrival ? arrival.callback.searchParams.get('code') : null;
    return arrival && 'callback' in arrival && code !== null
      ? { browser, code, verifier: arrival.verifier }
      : undefined;
  });
  if (!begun) return undefined;
  const { code, verifier } = begun;
  const book = recorder<FamilyInput, FamilyOutput>();
  const refreshTokens: string[] = [];
  const accessTokens: string[] = [];
  const asWatched = { accept: 'application/json', authorization: basic(world.watched) };

  const use = (client: string, own: Chance, token: string): Promise<FamilyOutput | undefined> => {
    const browser = impatientBrowser(stage, own);
    return book.call(client, { do: 'use', token: nameOf(token) }, () =>
      outcomeOf(
        stage,
        token === code
          ? redeem(browser, world.watched, { code, verifier })
          : browser.post('/token', { grant_type: 'refresh_token', refresh_token: token }, asWatched),
        given,
      ),
    );
  };
  const given = (answer: Answer): Outcome<FamilyOutput> | undefined => {
    const tokens = JSON.parse(answer.body) as {
      error?: string;
      access_token?: string;
      refresh_token?: string;
    };
    if (answer.status === 400 && tokens.error === 'invalid_grant') return { output: { is: 'refused' } };
    if (answer.status !== 200 || !tokens.refresh_token || !tokens.access_token) return undefined;
    refreshTokens.push(tokens.refresh_token);
    accessTokens.push(tokens.access_token);
    return { output: { is: 'given', next: nameOf(tokens.refresh_token) } };
  };

  await clients(chance, [
    // The console: who is not answered sends the same once more.
    async (client, own) => {
      for (let turn = 0; turn < ROTATIONS; turn += 1) {
        const token = refreshTokens.at(-1) ?? code;
        const said = await use(client, own, token);
        if (said?.is === 'refused') break;
        await pause(own.below(100));
      }
    },
    async (client, own) => {
      for (let turn = 0; turn < PROBES; turn += 1) {
        await pause(own.below(120));
        if (accessTokens.length === 0) continue;
        const token = own.pick(accessTokens);
        const browser = impatientBrowser(stage, own);
        await book.call(client, { do: 'probe' }, () =>
          outcomeOf(stage, browser.post('/introspect', { token }, asWatched), probed),
        );
      }
    },
    async (client, own) => {
      await pause(own.below(500));
      const way = own.below(5);
      if (way === 0) await use(client, own, refreshTokens.at(-1) ?? code);
      else if (way === 1) await use(client, own, own.pick([code, ...refreshTokens]));
      else if (way === 2)
        await book.call(client, { do: 'leave' }, () =>
          outcomeOf(stage, begun.browser.submit('/sign-out', {}), ({ status }) =>
            status === 303 ? { output: { is: 'left' } } : undefined,
          ),
        );
      else if (way === 3)
        await clients(
          own,
          Array.from(
            { length: 4 },
            (_, number) => (_client: string, one: Chance) =>
              use(`${client}.${number + 1}`, one, refreshTokens.at(-1) ?? code).then(() => undefined),
          ),
        );
    },
  ]);
  return storyOf('refresh family', nameOf(code), family(nameOf(code)), () => withRivals(book.operations));
}

function probed({ status, body }: Answer): Outcome<FamilyOutput> | undefined {
  if (status !== 200) return undefined;
  return { output: { is: (JSON.parse(body) as { active: boolean }).active ? 'active' : 'inactive' } };
}

/** Notes of each use whether the same token was under way elsewhere. */
function withRivals(history: History<FamilyInput, FamilyOutput>): History<FamilyInput, FamilyOutput> {
  return history.map((one) => {
    const { input } = one;
    if (input.do !== 'use') return one;
    const rivals = history.some(
      (other) =>
        other.id !== one.id &&
        other.input.do === 'use' &&
        other.input.token === input.token &&
        overlap(one, other),
    );
    return rivals ? { ...one, input: { ...input, rivals } } : one;
  });
}

/** Tokens stand in the record by a part of their hash. */
function nameOf(token: string): string {
  return hash('sha256', token, 'base64url').slice(0, 10);
}
