import { hash, randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Answer } from '../../../bench/browser.ts';
import type { Chance } from '../../login-id/chance.ts';
import { KEY, type KeyInput, type KeyOutput } from '../models/idempotency.ts';
import { FIRST_REVISION } from '../models/plan.ts';
import { recorder } from '../record.ts';
import {
  clients,
  impatientBrowser,
  jsonCall,
  outcomeOf,
  problemCode,
  storyOf,
  type Stage,
  type Story,
} from '../story.ts';

const CLIENTS = 4;
const DEEDS = 5;

/** One Idempotency-Key comes again and again, from several at once, once in a while with other content. What it changes is a plan of its own, whose revision says how often. */
export async function idempotencyStory(stage: Stage, chance: Chance): Promise<Story> {
  const { world } = stage;
  const console = world.freshConsole();
  const key = randomUUID();
  const path = `/api/operator/v1/consoles/${console.clientId}/plan`;
  const asOperator = { authorization: `Bearer ${world.operatorToken}` };
  const [usual, other] = ['2035-01-01T00:00:00.000Z', '2036-01-01T00:00:00.000Z'];
  const book = recorder<KeyInput, KeyOutput>();
  await clients(
    chance,
    Array.from({ length: CLIENTS }, () => async (client, own) => {
      const browser = impatientBrowser(stage, own);
      await pause(own.below(40));
      for (let deed = 0; deed < DEEDS; deed += 1) {
        if (own.hits(0.3))
          await book.call(client, { do: 'read' }, () =>
            outcomeOf(stage, jsonCall(browser, 'GET', path, asOperator), timesIn),
          );
        else {
          const content = own.hits(0.9) ? usual : other;
          await book.call(client, { do: 'post', content }, () =>
            outcomeOf(
              stage,
              jsonCall(
                browser,
                'POST',
                `${path}/link-time`,
                { ...asOperator, 'if-match': '*', 'idempotency-key': key },
                { linkAt: content },
              ),
              postedIn,
            ),
          );
        }
        await pause(own.below(60));
      }
    }),
  );
  return storyOf('idempotency key', console.clientId, KEY, () => book.operations);
}

function timesIn({ status, body }: Answer): { output: KeyOutput } | undefined {
  if (status !== 200) return undefined;
  const { revision, linkAt } = JSON.parse(body) as { revision: number; linkAt: string | null };
  return { output: { is: 'read', times: revision - FIRST_REVISION, content: linkAt } };
}

function postedIn(answer: Answer): { output: KeyOutput } | undefined {
  if (answer.status === 200)
    return { output: { is: 'done', answer: hash('sha256', answer.body, 'base64url').slice(0, 12) } };
  switch (problemCode(answer)) {
    case 'idempotency-key-reused':
      return { output: { is: 'reused' } };
    case 'idempotency-under-way':
      return { output: { is: 'under-way' } };
    case 'idempotency-answer-lost':
      return { output: { is: 'answer-lost' } };
    default:
      return undefined;
  }
}
