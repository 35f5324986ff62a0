import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createOperatorToken } from '#domain/operators/tokens.ts';
import type { OperatorRole } from '#support/db/schema.ts';
import { MINUTE } from '#support/primitives/durations.ts';
import { consoleWithPeople, giveVerdicts, japan, noticesOf } from '#test/migration.ts';
import { openWorld, type World } from '#test/world.ts';

let world: World;
const tokens = {} as Record<OperatorRole, { id: string; token: string }>;
beforeAll(async () => {
  world = await openWorld({ work: false });
  for (const role of ['viewer', 'support', 'administrator'] as const)
    tokens[role] = await createOperatorToken(
      world.database.db,
      { name: role, role, days: 365 },
      { actor: 'operator:cli', now: world.now },
    );
});
afterAll(() => world.close());
beforeEach(() => {
  world.now = japan('2027-01-10 10:00');
});

const MARCH = '2027-03-31T22:00:00+09:00';

async function call(
  method: 'GET' | 'POST',
  path: string,
  payload?: object,
  role: OperatorRole = 'administrator',
  language?: string,
) {
  return world.app.server.inject({
    method,
    url: `/api/operator/v1/consoles/${path}`,
    headers: {
      host: 'login.example.co.jp',
      authorization: `Bearer ${tokens[role].token}`,
      ...(method === 'POST' ? { 'if-match': '*' } : {}),
      ...(language ? { 'accept-language': language } : {}),
    },
    ...(payload === undefined ? {} : { payload }),
  });
}

async function announced(clientId: string, consoleId: string): Promise<void> {
  expect((await call('POST', `${clientId}/plan/announcement`, { cutOverAt: MARCH })).statusCode).toBe(200);
  world.pass(1 * MINUTE);
  for (const { id } of await noticesOf(world, consoleId)) await giveVerdicts(world, id, { at: world.now });
}

describe('R26, R12–R16: the plan by the operator API', () => {
  it('is changed only as it was looked at, where If-Match says so', async () => {
    const { clientId } = await consoleWithPeople(world);
    const url = `/api/operator/v1/consoles/${clientId}/plan`;
    const headers = { host: 'login.example.co.jp', authorization: `Bearer ${tokens.administrator.token}` };
    const { etag } = (await world.app.server.inject({ url, headers })).headers;
    const change = (condition: string | undefined, linkAt: string) =>
      world.app.server.inject({
        method: 'POST',
        url: `${url}/link-time`,
        headers: { ...headers, ...(condition === undefined ? {} : { 'if-match': condition }) },
        payload: { linkAt },
      });
    const first = await change(String(etag), '2027-01-01T22:00:00+09:00');
    expect([first.statusCode, first.headers.etag === etag]).toEqual([200, false]);
    for (const condition of [String(etag), '"abc"', 'W/"1"']) {
      const late = await change(condition, '2027-01-02T22:00:00+09:00');
      expect([late.statusCode, late.json<{ code: string }>().code]).toEqual([412, 'precondition-failed']);
    }
    expect((await change(String(first.headers.etag), '2027-01-02T22:00:00+09:00')).statusCode).toBe(200);
    const blind = await change(undefined, '2027-01-03T22:00:00+09:00');
    expect([blind.statusCode, blind.json<{ code: string }>().code]).toEqual([428, 'precondition-required']);
    expect((await change('*', '2027-01-03T22:00:00+09:00')).statusCode).toBe(200);
  });

  it('plays a whole move: announce, set, postpone, take back, announce again, close; the history names the token', async () => {
    const { clientId, consoleId } = await consoleWithPeople(world);
    const steps: unknown[] = [];
    const step = async (path: string, payload: object) => {
      const answer = await call('POST', `${clientId}/plan/${path}`, payload);
      expect(answer.statusCode, answer.body).toBe(200);
      steps.push(answer.json<{ phase: string; cutOverAt: string | null }>());
    };
    await step('link-time', { linkAt: '2027-01-01T22:00:00+09:00', note: 'as agreed' });
    await announced(clientId, consoleId);
    await step('cut-over', { cutOverAt: MARCH });
    await step('cut-over', { cutOverAt: '2027-04-30T13:00:00Z' });
    await step('rollback', { correction: true });
    await announced(clientId, consoleId);
    await step('cut-over', { cutOverAt: MARCH });
    world.now = new Date(MARCH);
    await step('close', {});
    expect(steps).toEqual([
      expect.objectContaining({ phase: 'parallel', linkAt: '2027-01-01T13:00:00.000Z', cutOverAt: null }),
      expect.objectContaining({
        cutOverAt: '2027-03-31T13:00:00.000Z',
        toldCutOverAt: '2027-03-31T13:00:00.000Z',
      }),
      expect.objectContaining({
        cutOverAt: '2027-04-30T13:00:00.000Z',
        toldCutOverAt: '2027-04-30T13:00:00.000Z',
      }),
      expect.objectContaining({ phase: 'parallel', cutOverAt: null, announceAt: null, toldCutOverAt: null }),
      expect.objectContaining({ cutOverAt: '2027-03-31T13:00:00.000Z' }),
      expect.objectContaining({
        phase: 'unified',
        closedAt: world.now.toISOString(),
        earliestCutOverAt: null,
      }),
    ]);
    const history = (await call('GET', `${clientId}/plan/history`, undefined, 'viewer')).json<{
      items: { action: string; actor: string; note: string }[];
    }>().items;
    const first = (await call('GET', `${clientId}/plan/history?limit=5`)).json<{
      items: object[];
      next: string;
    }>();
    const rest = (await call('GET', `${clientId}/plan/history?limit=5&cursor=${first.next}`)).json<{
      items: object[];
    }>();
    expect([...first.items, ...rest.items]).toEqual(history);
    expect(rest).toMatchObject({ next: null });
    expect(history.map((change) => change.action)).toEqual([
      'closed',
      'cut-over-set',
      'announced',
      'rolled-back',
      'postponed',
      'cut-over-set',
      'announced',
      'link-time-set',
    ]);
    expect(new Set(history.map((change) => change.actor))).toEqual(
      new Set([`operator:${tokens.administrator.id}`]),
    );
    expect(history.at(-1)?.note).toBe('as agreed');
  });

  it('says how the move stands and what the earliest cut-over is', async () => {
    const { clientId, consoleId } = await consoleWithPeople(world, 3);
    await announced(clientId, consoleId);
    expect((await call('GET', `${clientId}/plan`, undefined, 'viewer')).json()).toMatchObject({
      consoleId,
      phase: 'parallel',
      allows: { legacyLink: true, legacySignIn: true },
      audience: 3,
      announcement: {
        accepted: 3,
        underWay: 0,
        unsettled: 0,
        untold: 0,
        lastAcceptedAt: world.now.toISOString(),
      },
      earliestCutOverAt: '2027-03-31T13:00:00.000Z',
    });
  });

  it('R26: says a refusal in the language that is asked for, and refuses what was decided on an older plan', async () => {
    const { clientId } = await consoleWithPeople(world);
    const refused = await call('POST', `${clientId}/plan/close`, {}, 'administrator', 'ja,en;q=0.5');
    expect(refused.json()).toMatchObject({ detail: '完了にできるのは、切替が済んだ計画だけです。' });
    expect(refused.headers['content-language']).toBe('ja');
    const { revision } = (await call('GET', `${clientId}/plan`)).json<{ revision: number }>();
    const linkAt = '2027-01-01T22:00:00+09:00';
    expect((await call('POST', `${clientId}/plan/link-time`, { linkAt, revision })).statusCode).toBe(200);
    const stale = await call('POST', `${clientId}/plan/announcement`, { cutOverAt: MARCH, revision });
    expect(stale.json()).toMatchObject({ status: 409, code: 'plan-changed' });
  });

  it('R14: a refusal has a code, the figures, and a sentence that says what to do', async () => {
    const { clientId, consoleId, accounts } = await consoleWithPeople(world, 2);
    const cutOver = async (cutOverAt: string) =>
      (await call('POST', `${clientId}/plan/cut-over`, { cutOverAt })).json<Record<string, unknown>>();
    expect(await cutOver(MARCH)).toMatchObject({ status: 409, code: 'not-announced' });
    await call('POST', `${clientId}/plan/announcement`, { cutOverAt: MARCH });
    expect(await cutOver(MARCH)).toMatchObject({ status: 409, code: 'announcement-under-way', underWay: 2 });
    const [notice] = await noticesOf(world, consoleId);
    await giveVerdicts(world, notice?.id ?? '', {
      at: world.now,
      state: 'refused',
      account: accounts[0] as string,
    });
    await giveVerdicts(world, notice?.id ?? '', { at: japan('2027-03-05 10:00') });
    expect(await cutOver(MARCH)).toMatchObject({
      code: 'people-unsettled',
      unsettled: 1,
      detail: expect.stringContaining('did not reach 1 person') as string,
    });
    await world.database.db
      .updateTable('notice_recipient')
      .set({ settlement: 'told-otherwise', settled_at: world.now, settled_by: 'x' })
      .where('account_id', '=', accounts[0] as string)
      .execute();
    expect(await cutOver(MARCH)).toEqual({
      type: 'http://login.example.co.jp/api/problems#cut-over-too-soon',
      title: 'The cut-over is too soon',
      status: 409,
      code: 'cut-over-too-soon',
      detail:
        'People must have a calendar month; the last mail was accepted on Fri 5 Mar 2027, 10:00 (Japan time). The earliest possible moment is Mon 5 Apr 2027, 10:00 (Japan time).',
      requestId: expect.stringMatching(/^req_/) as string,
      earliestCutOverAt: '2027-04-05T01:00:00.000Z',
      underWay: 0,
      untold: 0,
      unsettled: 0,
    });
    expect(await cutOver('2027-03-30T22:00:00+09:00')).toMatchObject({ code: 'earlier-than-announced' });
    expect(await cutOver('2020-01-01T00:00:00Z')).toMatchObject({ status: 422, code: 'cut-over-past' });
  });

  it.each([
    ['announcement', { cutOverAt: '2027-02-01T00:00:00Z' }, 409, 'cut-over-too-soon'],
    ['announcement', { cutOverAt: MARCH, sendAt: '2027-01-01T00:00:00Z' }, 422, 'send-time-past'],
    ['announcement', { cutOverAt: MARCH, texts: { ja: { body: '{nobody}さま' } } }, 422, 'text-unfit'],
    ['rollback', { correction: true }, 409, 'nothing-to-take-back'],
    ['close', {}, 409, 'not-unified'],
    ['cut-over', { cutOverAt: 'soon' }, 422, 'malformed'],
    ['cut-over', { cutOverAt: '2027-03-31T22:00:00' }, 422, 'malformed'],
    ['cut-over', { cutOverAt: MARCH, force: true }, 422, 'malformed'],
    ['announcement', { cutOverAt: MARCH, consoleId: 'con_x' }, 422, 'malformed'],
    ['link-time', {}, 422, 'malformed'],
    ['rollback', {}, 422, 'malformed'],
  ])('POST %s %j is %i %s, and changes nothing', async (path, payload, status, code) => {
    const { clientId, consoleId } = await consoleWithPeople(world);
    const answer = await call('POST', `${clientId}/plan/${path}`, payload);
    expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([status, code]);
    expect((await call('GET', `${clientId}/plan`)).json()).toMatchObject({ revision: 1 });
    expect(await noticesOf(world, consoleId)).toEqual([]);
  });

  it('A1: viewers and the support desk read; only administrators change', async () => {
    const { clientId } = await consoleWithPeople(world);
    for (const role of ['viewer', 'support'] as const) {
      expect((await call('GET', `${clientId}/plan`, undefined, role)).statusCode).toBe(200);
      expect((await call('GET', `${clientId}/plan/history`, undefined, role)).statusCode).toBe(200);
      for (const path of ['link-time', 'announcement', 'cut-over', 'rollback', 'close'])
        expect(
          (await call('POST', `${clientId}/plan/${path}`, { cutOverAt: MARCH }, role)).json(),
        ).toMatchObject({
          code: 'role-missing',
        });
    }
    expect((await call('GET', `${clientId}/plan`)).json()).toMatchObject({ revision: 1 });
  });

  it('an unknown console is 404', async () => {
    expect((await call('GET', 'nobody/plan')).json()).toMatchObject({ status: 404, code: 'console-unknown' });
    expect((await call('POST', 'nobody/plan/close', {})).statusCode).toBe(404);
  });
});
