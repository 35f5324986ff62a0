import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { gateAt, memoryPlanStore, millisecondsToNextChange, phaseAt } from '../src/index.ts';
import type { ConsoleKit, Plan } from '../src/index.ts';
import { kitFor } from './console.ts';
import { CLIENT_SECRET, startLoginServer, type TestLoginServer } from './login-server.ts';

const ALLOWS: Plan['allows'] = {
  prepared: { legacyLink: false, legacySignIn: true, reset: 'console', logout: 'console' },
  parallel: { legacyLink: true, legacySignIn: true, reset: 'unified', logout: 'by-session' },
  unified: { legacyLink: false, legacySignIn: false, reset: 'unified', logout: 'by-session' },
};
const LINK_AT = '2026-11-21T13:00:00.000Z'; // 22:00 in Japan

function plan(changes: Partial<Plan> = {}): Plan {
  return {
    consoleId: 'con_1',
    revision: 1,
    linkAt: LINK_AT,
    announceAt: null,
    cutOverAt: null,
    allows: ALLOWS,
    ...changes,
  };
}

describe('phases', () => {
  const moment = fc.date({ min: new Date('2020-01-01'), max: new Date('2040-01-01'), noInvalidDate: true });
  const maybe = fc.option(moment);
  const plans = fc
    .record({ linkAt: maybe, cutOverAt: maybe })
    .map(({ linkAt, cutOverAt }) =>
      plan({ linkAt: linkAt?.toISOString() ?? null, cutOverAt: cutOverAt?.toISOString() ?? null }),
    );

  test('R13: the phase changes at the very millisecond of link time', () => {
    expect(phaseAt(plan(), new Date('2026-11-21T12:59:59.999Z'))).toBe('prepared');
    expect(phaseAt(plan(), new Date('2026-11-21T13:00:00.000Z'))).toBe('parallel');
  });

  test('R12: time only ever moves a plan forward', () => {
    const order = ['prepared', 'parallel', 'unified'];
    fc.assert(
      fc.property(plans, moment, moment, (one, a, b) => {
        const [early, late] = a <= b ? [a, b] : [b, a];
        expect(order.indexOf(phaseAt(one, early))).toBeLessThanOrEqual(order.indexOf(phaseAt(one, late)));
      }),
    );
  });

  test('R12: unified exactly from cut-over on, parallel exactly from link time until then', () => {
    fc.assert(
      fc.property(plans, moment, (one, now) => {
        const cutOver = one.cutOverAt !== null && now.toISOString() >= one.cutOverAt;
        const linked = one.linkAt !== null && now.toISOString() >= one.linkAt;
        expect(phaseAt(one, now)).toBe(cutOver ? 'unified' : linked ? 'parallel' : 'prepared');
      }),
    );
  });

  test('R12: nothing changes before millisecondsToNextChange, and something does then', () => {
    fc.assert(
      fc.property(plans, moment, (one, now) => {
        const wait = millisecondsToNextChange(one, now);
        const later = (milliseconds: number) => phaseAt(one, new Date(now.getTime() + milliseconds));
        if (wait === null) {
          expect(later(50 * 365 * 24 * 3_600_000)).toBe(phaseAt(one, now));
        } else {
          expect(wait).toBeGreaterThan(0);
          expect(later(wait - 1)).toBe(phaseAt(one, now));
          expect(later(wait)).not.toBe(phaseAt(one, now));
        }
      }),
    );
  });

  test('R12: what a phase allows is what the plan says, without a plan the console goes on as it was', () => {
    fc.assert(
      fc.property(plans, moment, (one, now) => {
        const phase = phaseAt(one, now);
        expect(gateAt(one, now)).toEqual({ phase, ...ALLOWS[phase] });
        expect(gateAt(null, now)).toEqual({ phase: 'prepared', ...ALLOWS.prepared });
        expect(millisecondsToNextChange(null, now)).toBeNull();
      }),
    );
  });
});

describe('keeping the plan', () => {
  let login: TestLoginServer;
  let told: { plan: unknown; etag: string; seen: (string | undefined)[]; authorization: string | undefined };
  const kits: ConsoleKit[] = [];

  beforeAll(async () => {
    login = await startLoginServer();
  });
  beforeEach(() => {
    told = {
      plan: { ...plan(), serverTime: new Date().toISOString() },
      etag: '"1"',
      seen: [],
      authorization: undefined,
    };
    login.api = (request) => {
      if (request.url !== '/api/console/v1/plan') return { status: 404 };
      told.seen.push(request.headers['if-none-match']);
      told.authorization = request.headers.authorization;
      if (request.headers['if-none-match'] === told.etag) return { status: 304 };
      return { status: 200, headers: { etag: told.etag }, body: told.plan };
    };
  });
  afterEach(async () => {
    await Promise.all(kits.splice(0).map((kit) => kit.plan.stop()));
  });
  afterAll(() => login.goDown());

  const polling = (options: Parameters<typeof kitFor>[1] = {}): ConsoleKit => {
    const kit = kitFor(login, { planIntervalMilliseconds: 20, ...options });
    kits.push(kit);
    return kit;
  };

  test('R12: the plan arrives by itself, is stored, and is asked for with its ETag from then on', async () => {
    const store = memoryPlanStore();
    const kit = polling({ plan: store });
    await kit.plan.start();
    await vi.waitFor(() => expect(told.seen.length).toBeGreaterThan(3));
    expect(told.seen.slice(0, 3)).toEqual([undefined, '"1"', '"1"']);
    expect(told.authorization).toBe(`Basic ${Buffer.from(`sms:${CLIENT_SECRET}`).toString('base64')}`);
    expect(await store.load()).toEqual(plan());
    expect(kit.gate(new Date(LINK_AT))).toEqual({ phase: 'parallel', ...ALLOWS.parallel });
    expect(kit.millisecondsToNextChange(new Date('2026-11-21T12:59:59.000Z'))).toBe(1_000);
  });

  test('R16: a changed plan, also a cut-over taken back, is in force within two polls', async () => {
    const past = new Date(Date.now() - 1_000).toISOString();
    told.plan = plan({ cutOverAt: past });
    const kit = polling();
    await kit.plan.start();
    await vi.waitFor(() => expect(kit.gate(new Date()).phase).toBe('unified'));
    told = { ...told, plan: plan({ revision: 2, linkAt: past }), etag: '"2"' };
    await vi.waitFor(() => expect(kit.gate(new Date())).toEqual({ phase: 'parallel', ...ALLOWS.parallel }));
  });

  test('R12: before any plan was seen the legacy login works and no link shows', async () => {
    const kit = kitFor(login);
    expect(kit.plan.current()).toBeNull();
    expect(kit.gate(new Date())).toEqual({ phase: 'prepared', ...ALLOWS.prepared });
  });

  test('R12: after a restart during an outage the last known plan holds, and the console starts at once', async () => {
    const own = await startLoginServer();
    await own.goDown();
    const kit = kitFor(own, {
      plan: memoryPlanStore(plan({ cutOverAt: LINK_AT })),
      planIntervalMilliseconds: 20,
    });
    await kit.plan.start();
    expect(kit.gate(new Date(LINK_AT))).toMatchObject({ phase: 'unified', legacySignIn: false });
    expect(await kit.plan.refresh()).toEqual({ ok: false, reason: 'login-server-unreachable' });
    own.api = () => ({ status: 200, headers: { etag: '"2"' }, body: plan({ revision: 2 }) });
    await own.comeBack();
    await vi.waitFor(() => expect(kit.gate(new Date(LINK_AT)).phase).toBe('parallel'));
    await kit.plan.stop();
    await own.goDown();
  });

  test('R12: answers that are no plan leave the last known one in force', async () => {
    const kit = polling();
    expect(await kit.plan.refresh()).toEqual({ ok: true, changed: true });
    const rubbish: unknown[] = [
      null,
      [],
      'plan',
      {},
      { ...plan(), linkAt: 'soon' },
      { ...plan(), linkAt: undefined },
      { ...plan(), revision: '1' },
      { ...plan(), allows: { ...ALLOWS, unified: undefined } },
      { ...plan(), allows: { ...ALLOWS, unified: { ...ALLOWS.unified, legacySignIn: 'no' } } },
      { ...plan(), allows: { ...ALLOWS, unified: { ...ALLOWS.unified, reset: 'nobody' } } },
    ];
    for (const [at, body] of rubbish.entries()) {
      told = { ...told, plan: body, etag: `"rubbish-${at}"` };
      expect(await kit.plan.refresh()).toEqual({ ok: false, reason: 'login-server-unreachable' });
    }
    login.api = () => ({ status: 401, body: { code: 'client-unknown' } });
    expect(await kit.plan.refresh()).toMatchObject({ ok: false });
    login.api = () => ({ status: 500 });
    expect(await kit.plan.refresh()).toMatchObject({ ok: false });
    expect(kit.plan.current()).toEqual(plan());
  });

  test('R12: a plan that could not be stored is in force and stored with the next answer', async () => {
    const saved: Plan[] = [];
    let failing = true;
    const kit = polling({
      plan: {
        load: async () => null,
        save: async (next) => {
          if (failing) throw new Error('database down');
          saved.push(next);
        },
      },
    });
    expect(await kit.plan.refresh()).toEqual({ ok: true, changed: true });
    expect(kit.plan.current()).toEqual(plan());
    failing = false;
    expect(await kit.plan.refresh()).toEqual({ ok: true, changed: false });
    expect(saved).toEqual([plan()]);
  });

  test('R12: a store that cannot be read stops the start: without its plan a console might open a closed legacy login', async () => {
    const kit = kitFor(login, {
      plan: { load: () => Promise.reject(new Error('database down')), save: async () => undefined },
    });
    await expect(kit.plan.start()).rejects.toThrow('database down');
  });

  test('R12: a clock that differs from the login server is named in the log', async () => {
    const warnings: object[] = [];
    told.plan = { ...plan(), serverTime: new Date(Date.now() + 60_000).toISOString() };
    const kit = polling({
      log: { info: () => undefined, warn: (fields) => warnings.push(fields), error: () => undefined },
    });
    await kit.plan.refresh();
    expect(warnings).toEqual([{ seconds: expect.closeTo(60, -1) as number }]);
  });

  test('R12: an unchanged plan is an answer too', async () => {
    const kit = polling();
    expect(await kit.plan.refresh()).toEqual({ ok: true, changed: true });
    expect(await kit.plan.refresh()).toEqual({ ok: true, changed: false });
    expect(told.seen).toEqual([undefined, '"1"']);
  });

  test('R12: an outage is logged when it begins and when it ends, not every few seconds', async () => {
    const lines: string[] = [];
    const line = (_fields: object, message: string) => void lines.push(message);
    const kit = polling({ log: { info: line, warn: line, error: line } });
    const plans = login.api;
    await kit.plan.refresh();
    login.api = () => ({ status: 503 });
    for (let round = 0; round < 5; round++) await kit.plan.refresh();
    login.api = plans;
    await kit.plan.refresh();
    expect(lines).toEqual([
      'plan: changed',
      'plan: cannot be had; the last known one stays in force',
      'plan: the login server tells it again',
    ]);
  });

  test('R12: starting again after a stop asks at the same pace', async () => {
    const kit = polling({ planIntervalMilliseconds: 100 });
    for (let round = 0; round < 5; round++) {
      void kit.plan.stop();
      await kit.plan.start();
    }
    await new Promise((done) => setTimeout(done, 50));
    told.seen.length = 0;
    await new Promise((done) => setTimeout(done, 350));
    expect(told.seen.length).toBeLessThanOrEqual(4);
  });

  test('R12: after stop nothing is asked any more', async () => {
    const kit = polling();
    await kit.plan.start();
    await vi.waitFor(() => expect(told.seen.length).toBeGreaterThan(1));
    await kit.plan.stop();
    const count = told.seen.length;
    await new Promise((done) => setTimeout(done, 80));
    expect(told.seen).toHaveLength(count);
  });
});
