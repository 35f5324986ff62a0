import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, test } from 'vitest';
import type { Visitor } from './visitor.ts';
import { openWorld, type World, type WorldOptions } from './world.ts';

const RESULTS = 'test-results';

type Walk = (world: World) => Promise<void>;

export type Journey = {
  (title: string, walk: Walk): void;
  /** A journey that moves neither clock nor plans: it goes on beside those next to it. */
  beside(title: string, walk: Walk): void;
  /** The world of this file, from the first journey on. */
  world(): World;
};

/** Opens one world for the journeys of a file, and closes it after the last. A journey that fails leaves pictures of its pages. */
export function journeysIn(options: WorldOptions = {}): Journey {
  let world: World | undefined;
  beforeAll(async () => {
    world = await openWorld(options);
  });
  afterAll(async () => world?.close());
  const current = (): World => {
    if (!world) throw new Error('The world opens with the first journey.');
    return world;
  };
  const journey = (title: string, walk: Walk): void => {
    test(title, () => walkWatched(current(), title, walk));
  };
  const beside = (title: string, walk: Walk): void => {
    test.concurrent(title, () => walkWatched(current(), title, walk));
  };
  return Object.assign(journey, { beside, world: current });
}

/** No journey may meet a 5xx answer, a failing script or a broken policy, whatever else it asserts. */
async function walkWatched(world: World, title: string, walk: Walk): Promise<void> {
  const visitors: Visitor[] = [];
  const visitor: World['visitor'] = async (options) => {
    const one = await world.visitor(options);
    visitors.push(one);
    return one;
  };
  try {
    await walk({ ...world, visitor });
    const troubles = visitors.flatMap((one) => one.troubles);
    if (troubles.length > 0) throw new Error(`On the way: ${troubles.join('; ')}`);
  } catch (error) {
    const seen = await capture(visitors, title);
    if (error instanceof Error)
      error.message += `\n\nWhat was on the screen:\n${seen.map((line) => `  ${line}`).join('\n')}`;
    throw error;
  } finally {
    await Promise.all(visitors.map((one) => one.close()));
  }
}

/** Picture and HTML of every open page; answers one line a page: its address and the files. */
async function capture(visitors: readonly Visitor[], title: string): Promise<string[]> {
  const folder = join(RESULTS, title.replaceAll(/[^\p{L}\p{N}]+/gu, '-').slice(0, 120));
  await mkdir(folder, { recursive: true });
  const lines: string[] = [];
  for (const [index, page] of visitors.flatMap(({ context }) => context.pages()).entries()) {
    const file = join(folder, String(index + 1));
    await page.screenshot({ path: `${file}.png`, fullPage: true, timeout: 10_000 }).catch(() => undefined);
    await writeFile(`${file}.html`, await page.content().catch(String));
    lines.push(`${page.url()}  ${file}.png  ${file}.html`);
  }
  const troubles = visitors.flatMap((visitor) => visitor.troubles);
  return [...lines, ...troubles];
}
