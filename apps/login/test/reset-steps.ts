import { expect } from 'vitest';
import { Browser, type Answer } from './browser.ts';
import { codeIn, PASSWORD, textOf } from './steps.ts';
import type { World } from './world.ts';

/** A browser on the code page of a request that it made. */
export type AtCodePage = { browser: Browser; page: Answer };

/** The steps of a password reset (R4), for people who are made as needed; each is a user of the SMS console. */
export function resetSteps(world: () => World) {
  let people = 0;
  return { person, atCodePage, start, mailed, finish, resend, passwordOf };

  /** Someone without a password, unless one is given. */
  async function person(
    options: Parameters<World['addPerson']>[2] = {},
  ): Promise<{ address: string; id: string; userId: string }> {
    const userId = String(++people);
    const address = `reset${userId}@example.co.jp`;
    return { address, userId, id: await world().addPerson(address, { sms: userId }, options) };
  }

  /** Asks for a code in a new browser and reads it. */
  async function atCodePage(address: string): Promise<AtCodePage & { code: string }> {
    const browser = new Browser(world());
    const page = await browser.submit(await browser.open('/reset'), '/reset', { email_address: address });
    expect(textOf(page)).toContain('検証コード');
    return { browser, page, code: await mailed({ address }) };
  }

  /** A new person’s browser on its code page; the first code is still in the mailbox. */
  async function start(): Promise<AtCodePage & { address: string; accountId: string; userId: string }> {
    const { address, id, userId } = await person();
    const browser = new Browser(world());
    const asked = await browser.request('POST', '/reset', { email_address: address });
    return {
      browser,
      page: await browser.open(String(asked.headers.location)),
      address,
      accountId: id,
      userId,
    };
  }

  async function mailed(at: { address: string }): Promise<string> {
    return codeIn((await world().nextMail(at.address)).text);
  }

  function finish(
    at: AtCodePage,
    code: string,
    password = PASSWORD,
    confirmation = password,
  ): Promise<Answer> {
    return at.browser.submit(at.page, pathOf(at.page), { code, password, confirmation });
  }

  function resend(at: AtCodePage): Promise<Answer> {
    return at.browser.submit(at.page, `${pathOf(at.page)}/resend`, {});
  }

  function passwordOf(accountId: string) {
    return world()
      .database.db.selectFrom('password_credential')
      .selectAll()
      .where('account_id', '=', accountId)
      .executeTakeFirst();
  }
}

/** The page's own path, as its form has it. */
export function pathOf(page: Answer): string {
  return page.path.split('?')[0] ?? '';
}

export function isDone(answer: Answer): boolean {
  return answer.path === '/reset/done';
}
