import { setTimeout as pause } from 'node:timers/promises';
import { chanceOf } from '../login-id/chance.ts';
import { grouped, type Report } from '../report.ts';
import type { Databases } from '../world.ts';
import { compare } from './ledger.ts';
import { openSmsWorld, type SmsWorld } from './world.ts';

export type SmsDrill = {
  messages: number;
  kills: number;
  seed: number;
  tell: (line: string) => void;
};

/** The console is killed at latest so long after it served, in milliseconds, whatever it has done by then. */
const LONGEST_LIFE = 4_000;
const LONGEST_END = 120_000;

/**
 * kill -9 of the SMS console under a campaign (R29): the real program, with its own PostgreSQL, sends to a gateway that speaks real
 * SMPP and keeps a ledger. Afterwards ledger and database are compared, part by part.
 */
export async function drillSms(
  databases: Databases,
  { messages, kills, seed, tell }: SmsDrill,
): Promise<Report> {
  const begun = performance.now();
  const world = await openSmsWorld(databases, messages);
  try {
    const chance = chanceOf(seed);
    const share = messages / (kills + 1);
    for (let kill = 1; kill <= kills; kill++) {
      // Sometimes at once, sometimes after more than its share; and then at any moment of a batch.
      await untilSent(world, world.carrier.submits().length + share * 1.6 * chance.next());
      await pause(60 * chance.next());
      world.console.killAndRestart(0);
      await world.console.up();
      if (kill % 20 === 0) tell(`${kill} kills, ${grouped(world.carrier.submits().length)} submits`);
    }
    tell('no more kills; the rest of the campaign …');
    const settled = await untilSettled(world);
    const found = await compare(world);
    return {
      title: 'kill -9 under a campaign of short messages (R29)',
      lead: [
        `${grouped(messages)} messages, every tenth of three parts, sent by the real console program through one bind with a window of 50.`,
        `It was killed with -9 ${grouped(world.console.kills)} times; seed ${seed}.`,
      ],
      tables: [
        {
          title: 'What happened',
          head: ['', 'count'],
          rows: [
            ['messages', grouped(messages)],
            ['kills', grouped(world.console.kills)],
            ['submits that the gateway took', grouped(world.carrier.submits().length)],
            ['messages that were in doubt', grouped(found.inDoubt)],
            ['parts that the gateway took more than once, each of them in doubt', grouped(found.doubled)],
          ],
          note: 'In doubt: written to the gateway when the program died, its answer not stored. The default is to send these again.',
        },
      ],
      zeros: [...found.zeros, { what: 'messages not settled after two minutes', count: settled ? 0 : 1 }],
      seconds: (performance.now() - begun) / 1_000,
    };
  } finally {
    await world.close();
  }
}

async function untilSent(world: SmsWorld, submits: number): Promise<void> {
  const latest = performance.now() + LONGEST_LIFE;
  while (world.carrier.submits().length < submits && performance.now() < latest) await pause(5);
}

async function untilSettled(world: SmsWorld): Promise<boolean> {
  const latest = performance.now() + LONGEST_END;
  while ((await world.open()) > 0) {
    if (performance.now() > latest) return false;
    await pause(200);
  }
  return true;
}
