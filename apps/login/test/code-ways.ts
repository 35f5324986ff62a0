import { expect } from 'vitest';
import { Browser } from './browser.ts';
import { PASSWORD, codeIn } from './steps.ts';
import { apiSteps, type Change, type Problem } from './console-api.ts';
import { askByOperator } from './operator-change.ts';
import { isDone, resetSteps } from './reset-steps.ts';
import type { World } from './world.ts';

/** One request for codes, as whoever asked for it can use it. */
export type Asked = {
  /** The mailbox to which its codes go. */
  address: string;
  /** The account that it is for. */
  accountId: string;
  /** The newest code that has arrived. Waits for one that was not read before. */
  arrived(): Promise<string>;
  /** Types a code. What is answered: that it was accepted, or the HTTP status of the refusal. */
  type(code: string): Promise<'accepted' | number>;
  /** Asks for another code; whether one goes out. */
  again(): Promise<boolean>;
};

/** A purpose of verification codes: how one is asked for, and by how many different people as needed. */
export type Way = { purpose: string; ask(): Promise<Asked> };

/** Every way in which a code by mail opens something, in one world with a console `sms`. */
export function codeWays(world: () => World) {
  const reset = resetSteps(world);
  const api = apiSteps(world);
  let wanted = 0;
  const ways: { reset: Way; change: Way; byOperator: Way } = {
    reset: {
      purpose: 'set-password',
      async ask() {
        const at = await reset.start();
        return {
          address: at.address,
          accountId: at.accountId,
          arrived: () => reset.mailed(at),
          async type(code) {
            const answer = await at.browser.request('POST', at.page.path, {
              code,
              password: PASSWORD,
              confirmation: PASSWORD,
            });
            return answer.headers.location === '/reset/done' || isDone(answer)
              ? 'accepted'
              : answer.statusCode;
          },
          again: async () =>
            (await at.browser.request('POST', `${at.page.path}/resend`, {})).statusCode === 303,
        };
      },
    },
    change: {
      purpose: 'change-login-id',
      async ask() {
        const { userId, accountId } = await api.person();
        const address = `wanted${++wanted}@example.co.jp`;
        const { id } = (await api.begin(userId, address)).json<Change & Problem>();
        return {
          address,
          accountId,
          arrived: async () => codeIn((await world().nextMail(address)).text),
          async type(code) {
            const answer = await api.confirm(id, code);
            return answer.statusCode === 200 ? 'accepted' : answer.statusCode;
          },
          again: async () => (await api.resend(id)).statusCode === 200,
        };
      },
    },
    byOperator: {
      purpose: 'change-login-id that an operator began',
      async ask() {
        const { accountId } = await api.person();
        const address = `regained${++wanted}@example.co.jp`;
        expect((await askByOperator(world(), accountId, address)).statusCode).toBe(201);
        const path = await codePageOf(world(), accountId);
        const browser = new Browser(world());
        return {
          address,
          accountId,
          arrived: async () => codeIn((await world().nextMail(address)).text),
          async type(code) {
            const { statusCode } = await browser.request('POST', path, { code });
            return statusCode === 200 ? 'accepted' : statusCode;
          },
          again: async () => (await browser.request('POST', `${path}/resend`, {})).statusCode === 303,
        };
      },
    },
  };
  return { ...ways, steps: { ...reset, ...api } };
}

/** The page that the mail names. It is there before the mail is. */
async function codePageOf({ database }: World, accountId: string): Promise<string> {
  const change = await database.db
    .selectFrom('login_id_change')
    .select('request_id')
    .where('account_id', '=', accountId)
    .executeTakeFirstOrThrow();
  return `/login-id/code/${change.request_id}`;
}
