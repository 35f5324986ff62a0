import { Browser } from './browser.ts';
import { openReceiver, type Receiver } from './receiver.ts';
import { authorizeUrl, enter, PASSWORD, type Tokens } from './steps.ts';
import { openWorld, type World } from './world.ts';

type Entered = { tokens: Tokens; claims: Record<string, unknown> };

/** A world in which two consoles listen for logouts, a third one cannot, and Tarō is a user of all of them. */
export async function openTwoConsoles() {
  const [sms, mail]: [Receiver, Receiver] = [await openReceiver(), await openReceiver()];
  const world: World = await openWorld();
  await world.addConsole('sms', { backchannelLogoutUri: sms.url });
  await world.addConsole('mail', { backchannelLogoutUri: mail.url, idTokenAlg: 'RS256' });
  await world.addConsole('deaf');
  const links = { sms: '1', mail: '2', deaf: '3' };
  const accountId = await world.addPerson('taro@example.co.jp', links, { password: PASSWORD });
  await world.addPerson('hanako@example.co.jp', { sms: '4' }, { password: PASSWORD });
  return { world, sms, mail, accountId, inBoth, isOut, deliveries, forget, close };

  /** A browser in which Tarō is signed in at both consoles. */
  async function inBoth(): Promise<{ browser: Browser; sms: Entered; mail: Entered }> {
    const browser = new Browser(world);
    return {
      browser,
      sms: await enter(world, browser, 'sms', { address: 'taro@example.co.jp' }),
      mail: await enter(world, browser, 'mail', { address: 'taro@example.co.jp' }),
    };
  }

  /** Whether the browser's unified session is over. */
  async function isOut(browser: Browser): Promise<boolean> {
    const answer = await browser.request('GET', authorizeUrl('sms', { prompt: 'none' }).url);
    return String(answer.headers.location).includes('login_required');
  }

  /** The deliveries queued at this moment of the clock. */
  function deliveries() {
    return world.database.db
      .selectFrom('logout_delivery')
      .innerJoin('console', 'console.id', 'console_id')
      .selectAll('logout_delivery')
      .select('client_id')
      .where('logout_delivery.created_at', '=', world.now)
      .orderBy('client_id')
      .execute();
  }

  /** What the consoles have received so far, and how they answer, is forgotten. */
  function forget(): void {
    for (const receiver of [sms, mail]) Object.assign(receiver, { received: [], answer: { status: 204 } });
  }

  async function close(): Promise<void> {
    await world.close();
    await Promise.all([sms.close(), mail.close()]);
  }
}

/** An RP-initiated logout request with these parameters. */
export function logoutUrl(parameters: Record<string, string>): string {
  return `/logout?${new URLSearchParams(parameters).toString()}`;
}
