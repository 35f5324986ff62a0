import { expect } from 'vitest';
import { basic } from './steps.ts';
import type { World } from './world.ts';

export type Problem = { status: number; code: string; detail: string; requestId: string; triesLeft?: number };

/** A login-ID change as the API answers it. */
export type Change = {
  id: string;
  newEmailAddress: string;
  sentFrom: string;
  codeExpiresAt: string;
  resendAt: string;
  state: 'pending' | 'confirmed' | 'ended' | 'undone';
  version: number | null;
};

/** What the SMS console asks of `/api/console/v1`, and people of it who are made as needed. */
export function apiSteps(world: () => World) {
  let people = 0;
  return { call, person, begin, look, confirm, resend, addressOf };

  function call(
    method: 'GET' | 'POST',
    path: string,
    payload?: unknown,
    headers: Record<string, string> = {},
  ) {
    return world().app.server.inject({
      method,
      url: `/api/console/v1${path}`,
      headers: {
        host: 'login.example.co.jp',
        authorization: basic('sms'),
        ...(typeof payload === 'string' ? { 'content-type': 'application/json' } : {}),
        ...headers,
      },
      ...(payload === undefined ? {} : { payload: payload as object }),
    });
  }

  async function person(
    options: Parameters<World['addPerson']>[2] = {},
  ): Promise<{ address: string; userId: string; accountId: string }> {
    const address = `api${++people}@example.co.jp`;
    const userId = `user-${people}`;
    return { address, userId, accountId: await world().addPerson(address, { sms: userId }, options) };
  }

  function begin(consoleUserId: string, newEmailAddress: string, extra: Record<string, unknown> = {}) {
    return call('POST', '/login-id-changes', { consoleUserId, newEmailAddress, locale: 'ja', ...extra });
  }

  function look(id: string) {
    return call('GET', `/login-id-changes/${id}`);
  }

  function confirm(id: string, code: string) {
    return call('POST', `/login-id-changes/${id}/confirm`, { code });
  }

  function resend(id: string) {
    return call('POST', `/login-id-changes/${id}/resend`);
  }

  async function addressOf(accountId: string): Promise<string> {
    const account = await world()
      .database.db.selectFrom('account')
      .select('email_address')
      .where('id', '=', accountId)
      .executeTakeFirstOrThrow();
    return account.email_address;
  }
}

export type CallAnswer = Awaited<ReturnType<World['app']['server']['inject']>>;

/** That an answer is a problem (RFC 9457) with this status and code, under its request's number. */
export function expectProblem(answer: CallAnswer, status: number, code: string): Problem {
  expect(answer.statusCode, answer.body).toBe(status);
  expect(answer.headers['content-type']).toContain('application/problem+json');
  const problem = answer.json<Problem>();
  expect(problem).toMatchObject({
    status,
    code,
    title: expect.any(String) as string,
    requestId: answer.headers['x-request-id'],
  });
  return problem;
}
