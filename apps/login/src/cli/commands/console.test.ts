import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { basic } from '#test/steps.ts';
import { addressesOf, openFakeConsole, type FakeConsole } from '#test/fake-console.ts';
import { openWorld, type World } from '#test/world.ts';
import { consoleCommand } from './console.ts';

let world: World;
let fake: FakeConsole;
beforeAll(async () => {
  world = await openWorld({ work: false });
  fake = await openFakeConsole('shop', world.config.issuer);
});
afterAll(async () => {
  await fake.close();
  await world.close();
});
afterEach(() => {
  process.exitCode = 0;
  vi.restoreAllMocks();
});

async function run(...args: string[]): Promise<{ out: string; err: string; code: unknown }> {
  const said = { out: '', err: '' };
  process.exitCode = 0;
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => ((said.out += String(text)), true));
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => ((said.err += String(text)), true));
  const command = consoleCommand({
    openDatabase: async () => world.database,
    clock: () => new Date(),
    locale: 'en',
    allowedInternalHosts: () => world.config.allowedInternalHosts,
    openCheck: async () => world.app.checkTools,
  });
  await command.parseAsync(args, { from: 'user' });
  vi.restoreAllMocks();
  const code = process.exitCode;
  process.exitCode = 0;
  return { ...said, code };
}
const knock = async (secret: string) => {
  world.app.forgetCaches();
  const answer = await world.app.server.inject({
    url: '/api/console/v1/plan',
    headers: { host: 'login.example.co.jp', authorization: basic('shop', secret) },
  });
  return answer.statusCode;
};

describe('R19, R26: hitokagi console', () => {
  it('registers, refuses with a sentence per fault, shows and changes', async () => {
    const names = ['--name-ja', '見本', '--name-en', 'Sample'];
    const bad = await run(
      'register',
      'shop',
      ...names,
      '--home',
      'http://x.example/',
      '--redirect',
      'https://y.example/*',
    );
    expect(bad).toMatchObject({ code: 1, out: '' });
    for (const words of ['homeUrl: http://x.example/ is not encrypted', 'redirectUris: * cannot be used'])
      expect(bad.err).toContain(words);

    const { homeUrl, redirectUris, initiateLoginUri, legacyLoginUrl, backchannelLogoutUri } =
      addressesOf(fake);
    const at = ['--home', homeUrl, '--redirect', ...redirectUris, '--entrance', initiateLoginUri];
    const made = await run('register', 'shop', ...names, ...at, '--legacy-login', legacyLoginUrl, '--json');
    const { clientSecret } = JSON.parse(made.out) as { clientSecret: string };
    expect(await knock(clientSecret)).toBe(200);
    expect((await run('register', 'shop', ...names, ...at)).err).toContain('"hitokagi console change"');

    const changed = await run(
      'change',
      'shop',
      '--logout',
      backchannelLogoutUri,
      '--idle',
      '30',
      '--revision',
      '1',
    );
    expect(changed.out).toContain('Changed: backchannelLogoutUri, sessionIdleMinutes.');
    const stale = await run('change', 'shop', '--idle', '40', '--revision', '1');
    expect(stale).toMatchObject({ code: 1 });
    expect(stale.err).toContain('somebody else has changed shop');
    const scoped = await run('change', 'shop', '--idle', '', '--scopes', 'plan.read', 'users.read');
    expect(scoped.out).toContain('apiScopes');
    expect((await run('change', 'shop', '--scopes', 'plan.write')).err).toContain(
      'There is no scope plan.write',
    );
    expect(JSON.parse((await run('show', 'shop', '--json')).out)).toMatchObject({
      backchannelLogoutUri,
      sessionIdleMinutes: null,
      apiScopes: ['plan.read', 'users.read'],
      revision: 3,
      secrets: [{}],
    });
    expect((await run('show', 'shop')).out).not.toContain(clientSecret);
    expect(await run('show', 'nobody')).toMatchObject({ code: 1, out: '' });

    const second = JSON.parse((await run('make-secret', 'shop', '--json')).out) as {
      secretId: string;
      clientSecret: string;
    };
    expect([await knock(clientSecret), await knock(second.clientSecret)]).toEqual([200, 200]);
    expect((await run('make-secret', 'shop')).err).toContain('two secrets already');
    const [older] = (JSON.parse((await run('show', 'shop', '--json')).out) as { secrets: { id: string }[] })
      .secrets;
    expect((await run('end-secret', 'shop', older?.id ?? '', '--even-if-used')).out).toBe('Ended.\n');
    expect([await knock(clientSecret), await knock(second.clientSecret)]).toEqual([401, 200]);
    expect(await run('end-secret', 'shop', second.secretId)).toMatchObject({ code: 1 });
  });

  it('check names each fault with its cure, and its exit code says that there is one', async () => {
    fake.wrong = { logout: 204 };
    const found = await run('check', 'shop');
    expect(found.code).toBe(1);
    expect(found.out).toContain('took a token that is none (204)');
    expect(found.out).toContain('→ Verify signature, iss and aud');
    expect(found.out).toContain('and the console did not redeem it (answer 400)');
    expect(found.out).toMatch(/FAULT {3}The test user signs in \(required\)/);
    expect(found.out).toContain('2 of them required');
    // It asks for the password each time: nobody can be signed in, and there is no fault in that.
    fake.wrong = { request: { prompt: 'login' } };
    await world.database.db
      .insertInto('console_use')
      .columns(['console_id', 'what', 'at'])
      .expression((eb) =>
        eb.selectFrom('console').select(['id', eb.val('plan').as('what'), eb.val(new Date()).as('at')]),
      )
      .execute();
    const right = await run('check', 'shop', '--json');
    expect(right.code, right.out).toBe(0);
    expect(JSON.parse(right.out)).toMatchObject({ faults: 0, required: 0 });
    expect(right.out).toContain('"always-asks"');
  });
});
