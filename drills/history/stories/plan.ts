import { setTimeout as pause } from 'node:timers/promises';
import type { Answer, Browser } from '../../../bench/browser.ts';
import type { Chance } from '../../login-id/chance.ts';
import { FIRST_REVISION, PLAN, type PlanInput, type PlanOutput } from '../models/plan.ts';
import { recorder, type Outcome } from '../record.ts';
import {
  basic,
  clients,
  impatientBrowser,
  jsonCall,
  outcomeOf,
  storyOf,
  type Stage,
  type Story,
} from '../story.ts';

const CLIENTS = 4;
const DEEDS = 12;

/** Operators and a console read and change one plan, each change with the revision that was looked at (R12, R13). */
export async function planStory(stage: Stage, chance: Chance): Promise<Story> {
  const { world } = stage;
  const console = world.freshConsole();
  const asOperator = { authorization: `Bearer ${world.operatorToken}` };
  const path = `/api/operator/v1/consoles/${console.clientId}/plan`;
  const book = recorder<PlanInput, PlanOutput>();
  const read = (browser: Browser, chance: Chance): Promise<Outcome<PlanOutput>> => {
    const way = chance.below(3);
    if (way === 0)
      return outcomeOf(stage, jsonCall(browser, 'GET', path, asOperator), (answer) => planIn(answer));
    if (way === 1)
      return outcomeOf(
        stage,
        jsonCall(browser, 'GET', '/api/console/v1/plan', { authorization: basic(console) }),
        (answer) => planIn(answer),
      );
    return outcomeOf(stage, jsonCall(browser, 'GET', `${path}/history?limit=1`, asOperator), lastIn);
  };
  await clients(
    chance,
    Array.from({ length: CLIENTS }, (_, number) => async (client, own) => {
      const browser = impatientBrowser(stage, own);
      let revision = FIRST_REVISION;
      for (let deed = 0; deed < DEEDS; deed += 1) {
        if (own.hits(0.5)) {
          const seen = await book.call(client, { do: 'read' }, () => read(browser, own));
          if (seen?.is === 'read') ({ revision } = seen);
        } else {
          const linkAt = new Date(Date.UTC(2035, number, 1 + deed, 0, 0, own.below(60))).toISOString();
          const begun = performance.now();
          const standing: Answer[] = [];
          const said = await book.call(client, { do: 'write', revision, linkAt }, () =>
            outcomeOf(
              stage,
              jsonCall(
                browser,
                'POST',
                `${path}/link-time`,
                { ...asOperator, 'if-match': `"${revision}"` },
                { linkAt },
              ),
              (answer): Outcome<PlanOutput> | undefined => {
                if (answer.status === 200) standing.push(answer);
                return answer.status === 200
                  ? { output: { is: 'written' } }
                  : answer.status === 412
                    ? { output: { is: 'refused' } }
                    : undefined;
              },
            ),
          );
          // How the plan stands after the change is looked at apart.
          const seen = standing.map(planIn)[0]?.output;
          if (said?.is === 'written' && seen?.is === 'read') {
            book.note(client, { do: 'read' }, seen, begun, performance.now());
            ({ revision } = seen);
          }
        }
        await pause(own.below(120));
      }
    }),
  );
  return storyOf('plan', console.clientId, PLAN, () => book.operations);
}

function planIn({ status, body }: Answer): { output: PlanOutput } | undefined {
  if (status !== 200) return undefined;
  const { revision, linkAt } = JSON.parse(body) as { revision: number; linkAt: string | null };
  return { output: { is: 'read', revision, linkAt } };
}

function lastIn({ status, body }: Answer): { output: PlanOutput } | undefined {
  if (status !== 200) return undefined;
  const [last] = (JSON.parse(body) as { items: { revision: number; linkAt: string | null }[] }).items;
  return { output: { is: 'read', revision: last?.revision ?? FIRST_REVISION, linkAt: last?.linkAt ?? null } };
}
