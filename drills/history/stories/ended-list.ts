import { setTimeout as pause } from 'node:timers/promises';
import { ENDED_LIST, fitting, type ListInput, type ListOutput, type Told } from '../models/ended-list.ts';
import type { Chance } from '../../login-id/chance.ts';
import type { History } from '../operation.ts';
import { moment, recorder } from '../record.ts';
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
import type { Seen } from './account.ts';

const CLIENTS = 3;
const EVERY = 400;

/** Three instances of a console ask for the sessions that have ended, each from its own place on, until they are told to stop (R9). */
export function startListStory(
  stage: Stage,
  chance: Chance,
): { seen: readonly Seen[]; stop(): Promise<Story> } {
  const { world } = stage;
  const book = recorder<ListInput, Told>();
  const seen: Seen[] = [];
  let isStopped = false;
  const asking = clients(
    chance,
    Array.from({ length: CLIENTS }, () => async (client, own) => {
      const browser = impatientBrowser(stage, own);
      let after = 0;
      for (let isLast = false; !isLast;) {
        // One more question after the end, so that whatever was acknowledged is asked for.
        isLast = isStopped;
        const start = moment();
        const told = await book.call(client, { after }, () =>
          outcomeOf(
            stage,
            jsonCall(browser, 'GET', `/api/console/v1/ended-sessions?after=${after}`, {
              authorization: basic(world.watched),
            }),
            ({ status, body }) => {
              if (status !== 200) return undefined;
              const { sessions, next, more } = JSON.parse(body) as {
                sessions: { sid: string }[];
                next: string;
                more: boolean;
              };
              return { output: { after, next: Number(next), sids: sessions.map(({ sid }) => sid), more } };
            },
          ),
        );
        for (const sid of told?.sids ?? []) seen.push({ sid, start, end: moment() });
        // Some instances have lost their place.
        after = own.hits(0.05) ? 0 : (told?.next ?? after);
        if (!isLast) await pause(EVERY / 2 + own.below(EVERY));
      }
    }),
  );
  return {
    seen,
    async stop() {
      isStopped = true;
      await asking;
      return storyOf(
        'ended sessions',
        world.watched.clientId,
        ENDED_LIST,
        (): History<ListInput, ListOutput> => {
          const { operations } = book;
          const fits = fitting(operations.map(({ output }) => output ?? { after: 0, next: 0, sids: [] }));
          return operations.map((one, index) => {
            const { output } = one;
            const fit = fits[index] ?? false;
            return { ...one, output: output && { next: output.next, more: output.more, fits: fit } };
          });
        },
      );
    },
  };
}
