import { Agent, get } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { setLinkTime } from '../../apps/login/src/domain/migration/plans.ts';
import type { Database } from '../../apps/login/src/support/db/database.ts';
import { Browser } from '../../bench/browser.ts';
import { resetPassword } from '../../bench/flows.ts';
import type { Mailbox } from '../../bench/mailbox.ts';
import { addressOf, clientAddressOf, CONSOLE, PASSWORD, PEOPLE } from '../../bench/sample.ts';

/** Seconds in which a node listens again after writes go on. */
const LISTENS_WITHIN = 5;
/** A change that a node hears of reaches the console that waits for it within this; in milliseconds. */
const HEARD_WITHIN = 1_000;

let links = 0;

/** Nodes that do not hear what changes: consoles that wait there for another plan are not answered at once. */
export async function deafNodes(
  ports: readonly number[],
  webPort: number,
  { db }: Database,
): Promise<string[]> {
  const { id } = await retried(() =>
    db.selectFrom('console').select('id').where('client_id', '=', CONSOLE.clientId).executeTakeFirstOrThrow(),
  );
  let deaf = [...ports];
  for (let second = 0; second <= LISTENS_WITHIN && deaf.length > 0; second++) {
    const known = await Promise.all(deaf.map((port) => retried(() => plan(port, webPort))));
    const asked = deaf.map(async (port, i) => {
      const etag = known[i]?.etag ?? '';
      const answer = await plan(port, webPort, { 'if-none-match': etag, prefer: 'wait=20' });
      return { port, status: answer.status, at: performance.now() };
    });
    await pause(300);
    const now = new Date();
    await setLinkTime(db, id, new Date(Date.UTC(2030, 0, 1, 0, (links += 1))), {
      actor: 'operator:drill',
      now,
    });
    const changed = performance.now();
    const heard = (await Promise.all(asked))
      .filter(({ status, at }) => status === 200 && at - changed < HEARD_WITHIN)
      .map(({ port }) => port);
    deaf = deaf.filter((port) => !heard.includes(port));
  }
  return deaf.map((port) => `the node at port ${port}`);
}

/** People whose code does not come or sets no password, of five who ask. */
export async function unsentCodes(webPort: number, mailbox: Mailbox): Promise<string[]> {
  const agent = new Agent();
  const people = [1, 2, 3, 4, 5].map((n) => PEOPLE - n);
  const failed: string[] = [];
  for (const person of people) {
    const browser = new Browser({ port: webPort, host: `localhost:${webPort}` }, agent);
    browser.clientAddress = clientAddressOf(person);
    const emailAddress = addressOf(person);
    await resetPassword(browser, CONSOLE, mailbox, { emailAddress, password: PASSWORD }).catch(
      (error: Error) => failed.push(`${emailAddress}: ${error.message.slice(0, 200)}`),
    );
  }
  return failed;
}

function plan(
  port: number,
  webPort: number,
  headers: Record<string, string> = {},
): Promise<{ status: number; etag: string }> {
  const basic = Buffer.from(`${CONSOLE.clientId}:${CONSOLE.clientSecret}`).toString('base64');
  return new Promise((resolve, reject) => {
    const asked = get(
      {
        ...{ host: '127.0.0.1', port, path: '/api/console/v1/plan' },
        headers: { authorization: `Basic ${basic}`, host: `localhost:${webPort}`, ...headers },
      },
      (answer) => {
        answer.resume();
        answer.on('end', () =>
          resolve({ status: answer.statusCode ?? 0, etag: String(answer.headers.etag ?? '') }),
        );
      },
    );
    asked.on('error', reject);
  });
}

/** A connection of the pool may be one that was cut meanwhile. */
async function retried<T>(act: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries++)
    try {
      return await act();
    } catch (error) {
      if (tries === 20) throw error;
      await pause(100);
    }
}
