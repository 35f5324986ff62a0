import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { Agent } from 'node:http';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Browser } from '../../../bench/browser.ts';
import { authorizationRequest, fullSignIn, redeem, signIn, silentSignIn } from '../../../bench/flows.ts';
import { freePort } from '../../../journeys/free-port.ts';
import { addOperator } from '#domain/operators/operators.ts';
import { HOUR, MINUTE, SECOND } from '#support/primitives/durations.ts';
import { PASSWORD } from './steps.ts';
import { CONSOLE_SECRET, MASTER_SECRET, openWorld, type World } from './world.ts';

/** A machine whose clock is off by so much when the program starts, and which SIGUSR2 sets forward by an hour. */
const movedClock = (milliseconds: number): string =>
  `--import=data:text/javascript,${encodeURIComponent(`
    const Real = Date;
    let off = ${milliseconds};
    let told;
    const now = () => Real.now() + off;
    process.on('SIGUSR2', () => (off += ${HOUR}));
    globalThis.Date = new Proxy(Real, {
      construct: (target, given) => Reflect.construct(target, given.length === 0 ? [now()] : given),
      apply: () => new Real(now()).toString(),
      get: (target, key) => (key === 'now' ? (told ?? now) : Reflect.get(target, key)),
      set: (_target, key, value) => key === 'now' && ((told = value), true),
    });
  `)}`;

const PERSON = { emailAddress: 'taro@example.co.jp', password: PASSWORD };
const CONSOLE = {
  clientId: 'sms',
  clientSecret: CONSOLE_SECRET,
  redirectUri: 'http://sms.example.co.jp/auth/callback',
};

let world: World;
let said = '';
let metricsPort = 0;
const children: ChildProcess[] = [];
const ports: number[] = [];
const agent = new Agent({ keepAlive: true });

/** The clock of the first machine is five minutes fast, the one of the second half a minute slow. */
beforeAll(async () => {
  world = await openWorld({ work: false, now: new Date() });
  await world.addConsole('sms');
  await world.addPerson(PERSON.emailAddress, { sms: '1' }, { password: PASSWORD });
  const by = { actor: 'operator:cli', now: world.now };
  await addOperator(world.database.db, { emailAddress: PERSON.emailAddress, role: 'administrator' }, by);
  metricsPort = await freePort();
  for (const off of [5 * MINUTE, -30 * SECOND]) {
    const port = await freePort();
    const child = spawn(process.execPath, [movedClock(off), 'apps/login/bin/serve.js'], {
      env: {
        PATH: process.env.PATH,
        HITOKAGI_PORT: String(port),
        HITOKAGI_ISSUER: world.config.issuer,
        DATABASE_URL: world.databaseUrl,
        HITOKAGI_SECRET: MASTER_SECRET,
        HITOKAGI_LOG_LEVEL: 'warn',
        ...(ports.length === 0 ? { HITOKAGI_METRICS_PORT: String(metricsPort) } : {}),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()));
    children.push(child);
    ports.push(port);
    const lines = createInterface({ input: child.stdout as NonNullable<ChildProcess['stdout']> });
    await Promise.race([
      once(lines, 'line'),
      once(child, 'exit').then(() => Promise.reject(new Error(said))),
    ]);
  }
}, 60_000);
afterAll(async () => {
  for (const child of children) {
    child.kill('SIGTERM');
    await once(child, 'exit');
  }
  agent.destroy();
  await world.close();
});

/** A person's browser, which the load balancer sends to one server or the other. */
const browserAt = (node: number, browser?: Browser): Browser =>
  browser?.at(ports[node] ?? 0) ??
  new Browser({ port: ports[node] ?? 0, host: new URL(world.config.issuer).host }, agent);

const metric = async (): Promise<number> =>
  Number(
    /^hitokagi_clock_ahead_seconds (\S+)$/m.exec(
      await (await fetch(`http://localhost:${metricsPort}/metrics`)).text(),
    )?.[1],
  );

const timesOf = (idToken = ''): { iat: number; exp: number } =>
  JSON.parse(Buffer.from(idToken.split('.')[1] ?? '', 'base64url').toString()) as {
    iat: number;
    exp: number;
  };

describe('M2: machines whose clocks differ by five and a half minutes', () => {
  it('work by one time, the database’s: a code of one is good at the other, and tokens of both say the right time', async () => {
    for (const [from, to] of [
      [0, 1],
      [1, 0],
    ] as const) {
      const browser = browserAt(from);
      const request = authorizationRequest(CONSOLE);
      const back = await signIn(browser, request, PERSON);
      const tokens = await redeem(browserAt(to), CONSOLE, back, request.verifier);
      const { iat, exp } = timesOf(tokens.id_token);
      expect(Math.abs(iat * SECOND - Date.now())).toBeLessThan(5 * SECOND);
      expect(exp - iat).toBe(600);
      await silentSignIn(browserAt(to, browser), CONSOLE);
    }
    const { rows } = await world.database.pool.query<{ off: number }>(
      `select abs(extract(epoch from clock_timestamp() - at))::float as off from audit_event where action = 'account.signed-in'`,
    );
    expect(rows).toHaveLength(2);
    for (const { off } of rows) expect(off).toBeLessThan(5);
  });

  it('operators are told which clock is off and by how much, on the overview and in the log', async () => {
    const browser = browserAt(1);
    const page = new URL((await browser.get('/operator')).location, world.config.issuer);
    const form = { email_address: PERSON.emailAddress, password: PASSWORD };
    expect((await browser.submit(page.pathname + page.search, form)).status).toBe(303);
    const overview = (await browser.get('/operator')).body;
    expect(overview).toContain('5分進んでいます');
    expect(overview).toContain('30秒遅れています');
    expect(said.match(/look after the time service/g)).toHaveLength(2);
  });

  it('a clock that is set an hour forward while its server serves ends nothing', async () => {
    const browser = browserAt(0);
    await fullSignIn(browser, CONSOLE, PERSON);
    expect(await metric()).toBeCloseTo((5 * MINUTE) / SECOND, 0);
    children[0]?.kill('SIGUSR2');
    await expect.poll(metric).toBeCloseTo((HOUR + 5 * MINUTE) / SECOND, 0);
    await silentSignIn(browser, CONSOLE);
    await silentSignIn(browserAt(1, browser), CONSOLE);
    const request = authorizationRequest(CONSOLE);
    const back = await signIn(browserAt(0), request, PERSON);
    const { iat } = timesOf((await redeem(browserAt(1), CONSOLE, back, request.verifier)).id_token);
    expect(Math.abs(iat * SECOND - Date.now())).toBeLessThan(5 * SECOND);
  });
});
