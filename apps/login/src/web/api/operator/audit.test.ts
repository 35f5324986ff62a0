import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createOperatorToken } from '#domain/operators/tokens.ts';
import { AUDIT_ACTIONS, resultOf, type AuditAction } from '#support/audit/events.ts';
import { recordEvent } from '#support/audit/record.ts';
import { sealEvents } from '#support/audit/seal.ts';
import { MINUTE } from '#support/primitives/durations.ts';
import { secretKeys } from '#support/primitives/secrets.ts';
import { MASTER_SECRET, openWorld, type World } from '#test/world.ts';

let world: World;
let token = '';
let consoles: string[] = [];
const SEAL_KEY = secretKeys(MASTER_SECRET).derive('audit-seals');
const ACTORS = ['acc_1', 'acc_2', 'operator:acc_1', 'anonymous', 'system'];
beforeAll(async () => {
  world = await openWorld({ work: false });
  consoles = [await world.addConsole('sms'), await world.addConsole('mail')];
  const by = { actor: 'operator:cli', now: world.now };
  token = (await createOperatorToken(world.database.db, { name: 'audit', role: 'administrator' }, by)).token;
  for (let i = 0; i < 300; i++)
    await recordEvent(world.database.db, {
      // Some share a moment.
      at: new Date(world.now.getTime() - Math.floor(i / 3) * MINUTE),
      action: AUDIT_ACTIONS[i % AUDIT_ACTIONS.length] as AuditAction,
      actor: ACTORS[i % ACTORS.length] ?? '',
      accountId: i % 4 === 0 ? null : `acc_${i % 3}`,
      consoleId: i % 3 === 0 ? null : (consoles[i % 2] ?? null),
      clientIp: '192.0.2.1',
      requestId: `req_${i}`,
      detail: { reason: '=1+1', userAgent: 'Browser "見本", 1', n: i },
    });
}, 60_000);
afterAll(() => world.close());

type Event = {
  id: string;
  at: string;
  action: string;
  result: string;
  actor: string;
  accountId: string | null;
  consoleId: string | null;
};
async function get(path: string, query: Record<string, string> = {}) {
  const search = new URLSearchParams(query).toString();
  return world.app.server.inject({
    url: `/api/operator/v1${path}${search === '' ? '' : `?${search}`}`,
    headers: { host: 'login.example.co.jp', authorization: `Bearer ${token}` },
  });
}
async function all(query: Record<string, string>): Promise<Event[]> {
  const events: Event[] = [];
  for (let cursor: string | undefined, pages = 0; pages < 200; pages++) {
    const answer = await get('/audit', { ...query, limit: '37', ...(cursor ? { cursor } : {}) });
    expect(answer.statusCode, answer.body).toBe(200);
    const page = answer.json<{ items: Event[]; next: string | null }>();
    events.push(...page.items);
    if (page.next === null) return events;
    cursor = page.next;
  }
  throw new Error('The list has no end.');
}

describe('R27: searching the audit log', () => {
  it('finds exactly what is asked for, the newest first, each once, whatever is combined', async () => {
    const everything = await all({});
    expect(everything.length).toBeGreaterThanOrEqual(300);
    expect(everything).toEqual(
      everything.toSorted((a, b) => b.at.localeCompare(a.at) || Number(b.id) - Number(a.id)),
    );
    const minutes = fc
      .integer({ min: -5, max: 110 })
      .map((n) => new Date(world.now.getTime() - n * MINUTE).toISOString());
    await fc.assert(
      fc.asyncProperty(
        fc.record(
          {
            actor: fc.constantFrom(...ACTORS),
            accountId: fc.constantFrom('acc_0', 'acc_1', 'acc_9'),
            clientId: fc.constantFrom('sms', 'mail'),
            action: fc.constantFrom(...AUDIT_ACTIONS),
            result: fc.constantFrom('done', 'refused'),
            since: minutes,
            until: minutes,
          },
          { requiredKeys: [] },
        ),
        async (wanted) => {
          const consoleId = wanted.clientId && consoles[wanted.clientId === 'sms' ? 0 : 1];
          const expected = everything.filter(
            (one) =>
              (wanted.actor === undefined || one.actor === wanted.actor) &&
              (wanted.accountId === undefined || one.accountId === wanted.accountId) &&
              (consoleId === undefined || one.consoleId === consoleId) &&
              (wanted.action === undefined || one.action === wanted.action) &&
              (wanted.result === undefined || resultOf(one.action) === wanted.result) &&
              (wanted.since === undefined || one.at >= wanted.since) &&
              (wanted.until === undefined || one.at < wanted.until),
          );
          expect((await all(wanted)).map((one) => one.id)).toEqual(expected.map((one) => one.id));
        },
      ),
      { numRuns: 60 },
    );
  }, 60_000);

  it('tells one event whole, with the link that seals it', async () => {
    const [newest] = await all({ action: 'plan.changed' });
    expect((await get(`/audit/${newest?.id}`)).json()).toMatchObject({
      reason: '=1+1',
      userAgent: 'Browser "見本", 1',
      clientIp: '192.0.2.1',
      batch: null,
      erased: false,
    });
    await sealEvents(world.database.db, SEAL_KEY, () => world.now);
    expect((await get(`/audit/${newest?.id}`)).json()).toMatchObject({ batch: '1' });
    expect((await get('/audit-head')).json()).toMatchObject({
      number: '1',
      text: expect.stringMatching(/^1:[0-9a-f]{64}$/) as string,
    });
    for (const id of ['99999999', 'none', '-1', "1'"])
      expect((await get(`/audit/${id}`)).statusCode).toBe(404);
    expect((await get('/audit', { clientId: 'none' })).statusCode).toBe(404);
    expect((await get('/audit', { since: 'yesterday' })).statusCode).toBe(422);
    expect((await get('/audit', { cursor: 'bm9uc2Vuc2U' })).statusCode).toBe(200);
  });

  it('saves the same as CSV and JSON lines, and records who did with what was asked for', async () => {
    const listed = await all({ clientId: 'sms', result: 'refused' });
    const lines = (await get('/audit.jsonl', { clientId: 'sms', result: 'refused' })).body.trim().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as Event).id)).toEqual(listed.map((one) => one.id));
    const csv = await get('/audit.csv', { clientId: 'sms', result: 'refused', locale: 'en' });
    expect(csv.headers['content-type']).toContain('text/csv');
    const rows = csv.body.trim().split('\r\n');
    expect(rows).toHaveLength(listed.length + 1);
    expect(rows[0]).toContain('Time,Event,Result,Actor');
    // What a spreadsheet would take for a formula is none.
    expect(rows[1]).toContain(`,'=1+1,`);
    expect(rows[1]).toContain('"Browser ""見本"", 1"');
    const [newest, before] = await all({ action: 'audit.exported' });
    for (const [event, format] of [
      [newest, 'csv'],
      [before, 'jsonl'],
    ] as const)
      expect(event).toMatchObject({
        actor: expect.stringMatching(/^operator:/) as string,
        detail: { format, consoleId: consoles[0], result: 'refused' },
      });
  });

  it('erases what is personal of a closed account only, for administrators, and says how much', async () => {
    const erase = (account: string, payload: object = { reason: 'asked for it' }) =>
      world.app.server.inject({
        method: 'POST',
        url: `/api/operator/v1/accounts/${account}/erase-audit`,
        headers: { host: 'login.example.co.jp', authorization: `Bearer ${token}` },
        payload,
      });
    const id = await world.addPerson('closed@example.co.jp');
    await recordEvent(world.database.db, {
      at: world.now,
      action: 'code.sent',
      actor: 'anonymous',
      accountId: id,
      clientIp: '192.0.2.1',
    });
    expect((await erase(id)).json()).toMatchObject({ code: 'account-not-closed', status: 409 });
    await world.database.db.updateTable('account').set({ state: 'closed' }).where('id', '=', id).execute();
    expect((await erase(id, { reason: ' ' })).statusCode).toBe(422);
    expect((await erase(id)).json()).toEqual({ events: 1 });
    expect((await erase('acc_none')).statusCode).toBe(404);
    expect(await all({ accountId: id })).toMatchObject([
      {
        action: 'audit.erased',
        actor: expect.stringMatching(/^operator:opt_/) as string,
        reason: 'asked for it',
      },
      { action: 'code.sent', clientIp: null, erased: true },
    ]);
  });
});
