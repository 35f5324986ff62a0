import { setTimeout as pause } from 'node:timers/promises';
import type { Answer, Browser } from '../../bench/browser.ts';
import { chanceOf, type Chance } from '../login-id/chance.ts';
import { coreOf } from './core.ts';
import { linearize, type Verdict } from './linearize.ts';
import type { History, Model } from './operation.ts';
import type { Outcome } from './record.ts';
import type { HistoryWorld } from './world.ts';

/** What all stories of a campaign share. */
export type Stage = {
  readonly world: HistoryWorld;
  /** Answers that no story expects; there must be none. */
  readonly odd: string[];
  /** Milliseconds that a story waits for a mail before it goes on without. */
  readonly mailWait: number;
};

/** One object, what was asked of it, and what it should be. */
export type Story = {
  readonly kind: string;
  readonly key: string;
  /** What happened, once everything has been said. */
  history(): History<unknown, unknown>;
  verdict(): Verdict;
  /** The part that contradicts itself. */
  core(): History<unknown, unknown>;
};

/** @param complete says what is known only afterwards */
export function storyOf<S, I, O>(
  kind: string,
  key: string,
  model: Model<S, I, O>,
  complete: () => History<I, O>,
): Story {
  return {
    kind,
    key,
    history: complete,
    verdict: () => linearize(complete(), model),
    core: () => coreOf(complete(), model),
  };
}

const PATIENCE = 6_000;
/** So often a connection breaks in the middle of a request. */
const BREAKS = 0.02;

/** A browser that nobody has used, whose owner waits some seconds, and whose connection breaks now and then. */
export function impatientBrowser({ world }: Stage, chance: Chance): Browser {
  const browser = world.browser();
  const own = chanceOf(chance.below(2 ** 31));
  browser.patience = () => AbortSignal.timeout(own.hits(BREAKS) ? 1 + own.below(60) : PATIENCE);
  return browser;
}

/**
 * Undefined: nothing was answered, or that something went wrong, which leaves open what was done. Then whoever asked waits until there is somebody to ask again: else a story would be over before
 * the outage is.
 */
export async function answered(stage: Stage, asking: Promise<Answer>): Promise<Answer | undefined> {
  const answer = await asking.catch(() => undefined);
  if (answer && answer.status < 500) return answer;
  if (answer?.status === 500) stage.odd.push(`500: ${plain(answer)}`);
  await insist(async () => stage.world.balancer.ready.size > 0 || undefined);
  await pause(100);
  return undefined;
}

/** The beginning of what a page says. */
export function plain({ body }: Answer): string {
  return body
    .replaceAll(/<style[^]*?<\/style>|<[^>]*>/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .slice(0, 400);
}

/** Asks, and reads the answer; what cannot be read is noted as odd, and what it came to is not known. */
export async function outcomeOf<O>(
  stage: Stage,
  asking: Promise<Answer>,
  read: (answer: Answer) => Outcome<O> | undefined,
): Promise<Outcome<O>> {
  const answer = await answered(stage, asking);
  if (!answer) return 'unknown';
  const outcome = read(answer);
  if (outcome !== undefined) return outcome;
  stage.odd.push(`${answer.status} ${answer.location} ${plain(answer)}`);
  return 'unknown';
}

/** Tries something that is no part of the history until it is answered; undefined when that takes too long. */
export async function insist<T>(act: () => Promise<T | undefined>, within = 30_000): Promise<T | undefined> {
  const end = performance.now() + within;
  while (performance.now() < end) {
    const result = await act();
    if (result !== undefined) return result;
    await pause(200);
  }
  return undefined;
}

/** The next code that is mailed to this address after `taken` mails had come; undefined when none comes in time. */
export function nextCode(stage: Stage, address: string, taken: number): Promise<string | undefined> {
  const { mail } = stage.world;
  return insist(
    async () => mail.taken.slice(taken).find(({ to, code }) => to === address && code !== undefined)?.code,
    stage.mailWait,
  );
}

/** A JSON call with a bearer token or as a console. */
export function jsonCall(
  browser: Browser,
  method: 'GET' | 'POST',
  path: string,
  headers: Readonly<Record<string, string>>,
  content?: unknown,
): Promise<Answer> {
  if (content === undefined) return browser.send(method, path, { accept: 'application/json', ...headers });
  const body = JSON.stringify(content);
  const described = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  return browser.send(method, path, { accept: 'application/json', ...described, ...headers }, body);
}

export function problemCode({ body }: Answer): string {
  return (JSON.parse(body) as { code?: string }).code ?? '';
}

export function basic({ clientId, clientSecret }: { clientId: string; clientSecret: string }): string {
  return `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`;
}

/** Several clients at once, each with choices of its own, a little apart. */
export async function clients(
  chance: Chance,
  acts: readonly ((client: string, chance: Chance) => Promise<void>)[],
): Promise<void> {
  const seeds = acts.map(() => chance.below(2 ** 31));
  await Promise.all(acts.map((act, index) => act(`client ${index + 1}`, chanceOf(seeds[index] ?? 0))));
}
