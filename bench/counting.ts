import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { StatementCount } from './count-statements.ts';
import { startLoginServer, statementsOf } from './login-server.ts';
import type { Mailbox } from './mailbox.ts';
import type { Subject } from './measure.ts';
import type { FlowName } from './options.ts';
import { FLOW_TITLES, fullSignIns, resets, silentSignIns, tokenRequests, type Queue } from './subjects.ts';
import type { World } from './world.ts';

/** What the schedule does every few seconds may fall into one of them: the fewest are the flow's own. */
const TIMES = 5;

/** How many statements and commits each flow is, by its title: one flow at a time, alone, in a login server of its own that counts. */
export async function countStatements(
  world: World,
  mailbox: Mailbox,
  queue: Queue,
  flows: readonly FlowName[],
): Promise<Record<string, StatementCount>> {
  const server = await startLoginServer(world, mailbox.url, [
    '--import',
    fileURLToPath(new URL('count-statements.ts', import.meta.url)),
  ]);
  const counted: Record<string, StatementCount> = {};
  const count = async (title: string, subject: Subject): Promise<void> => {
    // The first one fills caches and is not counted.
    await subject.work(0);
    await untilMailIsConcluded();
    const counts: StatementCount[] = [];
    for (let i = 0; i < TIMES; i++) {
      await statementsOf(server);
      await subject.work(0);
      await untilMailIsConcluded();
      counts.push(await statementsOf(server));
    }
    const [fewest] = counts.sort((a, b) => a.statements - b.statements);
    if (fewest) counted[title] = fewest;
  };
  try {
    if (flows.includes('full')) await count(FLOW_TITLES.full, fullSignIns(server, queue));
    if (flows.includes('silent')) await count(FLOW_TITLES.silent, await silentSignIns([server], queue));
    if (flows.includes('reset')) await count(FLOW_TITLES.reset, resets(server, queue, mailbox, []));
    if (flows.includes('tokens'))
      for (const [name, subject] of Object.entries(await tokenRequests(server, queue)))
        await count(FLOW_TITLES[name as keyof typeof FLOW_TITLES], subject);
    return counted;
  } finally {
    await server.stop();
  }
}

/** The mail worker writes down what became of the mail after the code has arrived. */
async function untilMailIsConcluded(): Promise<void> {
  await sleep(700);
}
