import { Agent } from 'node:http';
import { Browser } from '../browser.ts';
import { startLoginServer } from '../login-server.ts';
import { openMailbox } from '../mailbox.ts';
import { PASSWORD } from '../sample.ts';
import { percentile } from '../statistics.ts';
import { openLargeWorld } from './large-world.ts';
import { pageSamples } from './page-samples.ts';

/** Milliseconds from the request to the last byte, of one page over all its sample addresses. */
export type PageFigure = {
  page: string;
  times: number;
  p50: number;
  p95: number;
  highest: number;
  status: string;
};

export type PagesReport = { people: number; pages: PageFigure[]; postgresql: string };

/** Each address is asked for so many times, in both languages in turn; the first time fills caches and is not counted. */
const TIMES = 8;

/** Every operator page over an installation with so many accounts, 50 consoles and a year of audit log. */
export async function measurePages(
  people: number,
  say: (line: string) => void,
  folder?: string,
): Promise<PagesReport> {
  const world = await openLargeWorld(people, say, folder);
  const mailbox = await openMailbox();
  const server = await startLoginServer(world, mailbox.url);
  try {
    const browser = new Browser(server.address, new Agent({ keepAlive: true }));
    await signIn(browser, world.operator);
    const samples = await pageSamples(world.database);
    say(`${samples.length} pages …`);
    const pages: PageFigure[] = [];
    for (const { page, addresses } of samples) {
      // An installation that was kept may be older than the page.
      if (addresses.length === 0) {
        say(`Left out: ${page}, because there is nothing to show on it.`);
        continue;
      }
      const times: number[] = [];
      const statuses = new Set<number>();
      for (const address of addresses)
        for (let i = 0; i <= TIMES; i++) {
          const begun = performance.now();
          const { status } = await browser.get(address, { 'accept-language': i % 2 === 0 ? 'ja' : 'en' });
          if (i > 0) times.push(performance.now() - begun);
          statuses.add(status);
        }
      pages.push({
        page,
        times: times.length,
        p50: percentile(times, 0.5),
        p95: percentile(times, 0.95),
        highest: Math.max(...times),
        status: [...statuses].join(' '),
      });
    }
    return { people, pages, postgresql: world.versions.postgresql };
  } finally {
    await server.stop();
    await mailbox.close();
    await world.close();
  }
}

/** By the sign-in page that the operator pages lead to. */
async function signIn(browser: Browser, emailAddress: string): Promise<void> {
  const asked = await browser.get('/operator');
  if (asked.status !== 303) throw new Error(`The operator pages answered ${asked.status} before a sign-in.`);
  const { pathname, search } = new URL(asked.location, 'http://localhost');
  const page = pathname + search;
  await browser.get(page);
  let answer = await browser.submit(page, { email_address: emailAddress, password: PASSWORD });
  for (let hops = 0; answer.status === 303 && hops < 5; hops++) {
    const next = new URL(answer.location, 'http://localhost');
    answer = await browser.get(next.pathname + next.search);
  }
  if (answer.status !== 200) throw new Error(`Not signed in: ${answer.status} ${answer.body.slice(0, 500)}`);
}
