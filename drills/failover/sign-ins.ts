import { Agent } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { Browser, type Address, type Answer } from '../../bench/browser.ts';
import { fullSignIn, silentSignIn } from '../../bench/flows.ts';
import { addressOf, clientAddressOf, CONSOLE, PASSWORD, PEOPLE } from '../../bench/sample.ts';

/** A sign-in that the login server has acknowledged: the console has its ID token. */
export type SignedIn = { address: string; browser: Browser; at: number };

/** People who sign in one after the other, each once, whatever happens; who is refused is followed by the next. */
export type SignIns = {
  readonly acknowledged: readonly SignedIn[];
  readonly refused: number;
  /** What went wrong and should not have: not the refusal "try again in a moment". */
  readonly odd: readonly string[];
  /** Milliseconds without an acknowledged sign-in after this moment, counted from it; undefined while there was none. */
  gapAfter(moment: number): number | undefined;
  stop(): Promise<void>;
};

const CLIENTS = 6;
/** Milliseconds between two sign-ins of a client: all machines of the drill are this one, and it is their survival that is measured, not what they can do. */
const PAUSE = 300;
/** What a person is told while the database is away: ours, or HAProxy's when no node is ready. */
const TRY_AGAIN = /got 503/;
/** A connection that was cut: HAProxy has taken the node out while it was answering. */
const CUT = /ECONNRESET|socket hang up|ECONNREFUSED/;

/** Knows where it was refused. */
class TracedBrowser extends Browser {
  last = '';

  override get(...args: Parameters<Browser['get']>): Promise<Answer> {
    this.last = `GET ${args[0].split('?')[0]}`;
    return super.get(...args);
  }

  override post(...args: Parameters<Browser['post']>): Promise<Answer> {
    this.last = `POST ${args[0]}`;
    return super.post(...args);
  }
}

export function startSignIns(address: Address): SignIns {
  const agent = new Agent({ keepAlive: true, maxSockets: 2 * CLIENTS });
  const acknowledged: SignedIn[] = [];
  const odd: string[] = [];
  let refused = 0;
  let stopping = false;
  let next = 0;
  const client = async (): Promise<void> => {
    while (!stopping) {
      const person = next++;
      if (person >= PEOPLE) throw new Error(`All ${PEOPLE} people have signed in; ask for fewer seconds.`);
      const browser = new TracedBrowser(address, agent);
      browser.clientAddress = clientAddressOf(person);
      const emailAddress = addressOf(person);
      try {
        await fullSignIn(browser, CONSOLE, { emailAddress, password: PASSWORD });
        acknowledged.push({ address: emailAddress, browser, at: performance.now() });
        await pause(PAUSE);
      } catch (error) {
        refused += 1;
        const { message } = error as Error;
        if (!TRY_AGAIN.test(message) && !CUT.test(message) && odd.length < 10)
          odd.push(`${browser.last}: ${message.slice(0, 300)}`);
        await pause(100);
      }
    }
  };
  const running = Promise.all(Array.from({ length: CLIENTS }, client));
  running.catch(() => undefined);
  return {
    acknowledged,
    get refused() {
      return refused;
    },
    odd,
    gapAfter(moment) {
      const first = acknowledged.find(({ at }) => at > moment + AFTER_THE_LOSS);
      return first && first.at - moment;
    },
    async stop() {
      stopping = true;
      await running;
    },
  };
}

/** What was under way when the primary was lost may still be acknowledged for a moment. */
const AFTER_THE_LOSS = 300;

/** Whose sessions have not survived: each browser sets out again and must come back without being asked. */
export async function lostSessions(signedIn: readonly SignedIn[]): Promise<string[]> {
  const lost: string[] = [];
  let next = 0;
  const client = async (): Promise<void> => {
    for (let one = signedIn[next++]; one; one = signedIn[next++]) {
      const { address, browser } = one;
      await silentSignIn(browser, CONSOLE).catch((error: Error) =>
        lost.push(`${address}: ${error.message.slice(0, 200)}`),
      );
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  return lost;
}

/** Asks a node itself, past HAProxy, ten times a second: what it answers, and how long it takes. */
export type Probe = {
  readonly answers: readonly { at: number; status: number; milliseconds: number; told: boolean }[];
  stop(): Promise<void>;
};

export function startProbe(port: number, host: string, path: string): Probe {
  const agent = new Agent({ keepAlive: true });
  const browser = new Browser({ port, host }, agent);
  const answers: { at: number; status: number; milliseconds: number; told: boolean }[] = [];
  let stopping = false;
  const ask = async (): Promise<void> => {
    const at = performance.now();
    const answer: Answer = await browser.get(path);
    answers.push({
      at,
      status: answer.status,
      milliseconds: performance.now() - at,
      told: answer.status !== 503 || answer.body.includes('ただいま混み合っています'),
    });
  };
  const running = (async () => {
    const asked: Promise<void>[] = [];
    while (!stopping) {
      asked.push(ask());
      await pause(100);
    }
    await Promise.all(asked);
  })();
  running.catch(() => undefined);
  return {
    answers,
    async stop() {
      stopping = true;
      await running;
      agent.destroy();
    },
  };
}
