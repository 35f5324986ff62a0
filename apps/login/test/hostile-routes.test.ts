import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addOperator } from '#domain/operators/operators.ts';
import { createOperatorToken } from '#domain/operators/tokens.ts';
import { brokenInvariants } from '../../../drills/invariants.ts';
import { addressOf, bodyOf, draws, formsIn, type Draw } from '../../../test-support/route-fuzz.ts';
import { routesOf } from '../../../test-support/route-tree.ts';
import { Browser } from './browser.ts';
import { authorizeUrl, basic, enter, PASSWORD, signIn } from './steps.ts';
import { MASTER_SECRET, openWorld, type World } from './world.ts';

/** Requests to each route; `HITOKAGI_FULL_CAMPAIGN=1`: 300. */
const FULL = process.env.HITOKAGI_FULL_CAMPAIGN === '1';
const OF_EACH = FULL ? 300 : 1;
const SEED = Number(process.env.HITOKAGI_SEED ?? (FULL ? Date.now() % 2 ** 31 : 20_261_123));

const OPERATOR = 'operator@example.co.jp';

let world: World;
let token: string;
let accessToken: string;
/** What parameters of paths may be called, so that a request comes as far as one that is meant. */
const known: Record<string, string> = {};
beforeAll(async () => {
  process.stdout.write(`hostile requests to every route: HITOKAGI_SEED=${SEED}\n`);
  world = await openWorld({ work: false });
  const { db } = world.database;
  await world.addConsole('sms', { backchannelLogoutUri: 'https://sms.example.co.jp/logout' });
  known.clientId = 'sms';
  await world.addPerson(OPERATOR, {}, { password: PASSWORD });
  known.account = await world.addPerson('taro@example.co.jp', { sms: '1' }, { password: PASSWORD });
  const by = { actor: 'operator:cli', now: world.now };
  await addOperator(db, { emailAddress: OPERATOR, role: 'administrator' }, by);
  token = (await createOperatorToken(db, { name: 'sample', role: 'administrator' }, by)).token;
  const person = new Browser(world);
  accessToken = (await enter(world, person, 'sms', { address: 'taro@example.co.jp' })).tokens.access_token;
  known.logout = (await person.submit(await person.open('/'), '/sign-out', {})).path.split('/')[2] ?? '';
  const reset = await person.submit(await person.open('/reset'), '/reset', {
    email_address: 'taro@example.co.jp',
  });
  known.request = reset.path.split('/')[2] ?? '';
  const mail = await db.selectFrom('message').select('id').executeTakeFirstOrThrow();
  known['/operator/mail/'] = mail.id;
  const delivery = await db.selectFrom('logout_delivery').select('id').executeTakeFirstOrThrow();
  known['/operator/deliveries/logouts/'] = delivery.id;
  Object.assign(known, { group: 'brand', kind: 'announcement', act: 'pause' });
});
afterAll(() => world.close());

const idIn = (path: string) => (name: string) =>
  known[name] ?? Object.entries(known).find(([start]) => path.startsWith(start))?.[1] ?? 'x';

function authorizationFor(path: string): Record<string, string> {
  if (path.startsWith('/api/operator/')) return { authorization: `Bearer ${token}` };
  if (/^\/(api\/console|token|introspect|revoke|ssf|scim)/.test(path)) return { authorization: basic('sms') };
  return path.startsWith('/userinfo') ? { authorization: `Bearer ${accessToken}` } : {};
}

async function operator(): Promise<Browser> {
  const browser = new Browser(world);
  // Whatever was done to the account meanwhile, by design or by the requests of before.
  await world.database.pool.query(`delete from sign_in_throttle`);
  const answer = await signIn(browser, '/sign-in', OPERATOR).catch((error: Error) => error);
  if (answer instanceof Error) throw new Error(`The operator cannot sign in any more: ${answer.message}`);
  const pending = await browser.open(authorizeUrl('sms', { prompt: 'login' }).url);
  known.uid = pending.path.split('/')[2] ?? 'x';
  return browser;
}

describe('P4: no request to any route makes the server fail', () => {
  it(
    'whatever replaces the parts of what an administrator’s browser would send, or a console or a program with its secret',
    async () => {
      const routes = routesOf(world.app.server.printRoutes({ commonPrefix: false }));
      expect(routes.length).toBeGreaterThan(250);
      const failed: string[] = [];
      let browser = await operator();
      let longest = { milliseconds: 0, what: '' };
      let sent = 0;
      const send = async (method: string, path: string, draw: Draw, fields: [string, string][]) => {
        const url = addressOf(path, idIn(path), draw);
        const body = method === 'GET' ? undefined : bodyOf(fields, draw);
        const before = process.threadCpuUsage();
        const answer = await world.app.server.inject({
          method: method as 'GET',
          url,
          remoteAddress: `10.8.${(++sent >> 8) & 255}.${sent & 255}`,
          headers: {
            host: 'login.example.co.jp',
            accept: path.startsWith('/api/') ? 'application/json' : 'text/html',
            origin: world.config.issuer,
            cookie: [...browser.cookies]
              .map(([name, { value }]) => `${name.split(';')[0]}=${value}`)
              .join('; '),
            ...authorizationFor(path),
            ...(body ? { 'content-type': body.type } : {}),
          },
          ...(body ? { payload: body.text } : {}),
        });
        const { user, system } = process.threadCpuUsage(before);
        const milliseconds = (user + system) / 1_000;
        if (milliseconds > longest.milliseconds) longest = { milliseconds, what: `${method} ${path}` };
        // RFC 7644 §3.11: what is not supported is answered so.
        const isMeant = answer.statusCode === 501 && path === '/scim/v2/Me';
        if (answer.statusCode >= 500 && !isMeant)
          failed.push(
            `${method} ${url.slice(0, 300)} ${body?.type ?? ''} ${body?.text.slice(0, 300) ?? ''} → ${answer.statusCode} ${answer.body.slice(0, 200)}`,
          );
        return answer;
      };
      const good: Draw = { parameter: undefined, query: [], replaced: [], added: [], shape: 'form' };
      for (const [index, route] of routes.entries()) {
        const [method = '', path = ''] = route.split(' ');
        if (path.startsWith('/operator') && (await send('GET', '/operator', good, [])).statusCode !== 200)
          browser = await operator();
        // The page of the same address has the form.
        const page =
          method === 'POST' && routes.includes(`GET ${path}`) ? await send('GET', path, good, []) : undefined;
        const forms = page ? [...formsIn(page.body).values()].flat() : [];
        const fields =
          forms.length > 0 ? forms : FIELDS.map((name): [string, string] => [name, known[name] ?? 'sms']);
        const names = [...new Set([...FIELDS, ...fields.map(([name]) => name)])];
        for (const draw of fc.sample(draws(names), { numRuns: OF_EACH, seed: SEED + index }))
          await send(method, path, draw, fields);
      }
      console.info(
        `${sent} requests to ${routes.length} routes, the longest ${longest.milliseconds.toFixed(0)} ms: ${longest.what}`,
      );
      expect(failed).toEqual([]);
    },
    FULL ? 3_600_000 : 120_000,
  );

  it('and the invariants of the database hold afterwards', async () => {
    const broken = await brokenInvariants(world.database, { masterSecret: MASTER_SECRET, now: world.now });
    expect(broken.filter(({ count }) => count > 0)).toEqual([]);
    expect(broken.length).toBeGreaterThan(15);
  });
});

/** What forms without a page of their own, calls and queries are asked. */
const FIELDS = [
  ...[
    'client_id',
    'email_address',
    'password',
    'code',
    'confirmation',
    'lang',
    'return_path',
    'q',
    'state',
    'cursor',
  ],
  ...[
    'limit',
    'sort',
    'from',
    'to',
    'action',
    'actor',
    'since',
    'day',
    'company',
    'seen',
    'kind',
    'role',
    'name',
  ],
  ...[
    'reason',
    'note',
    'revision',
    'grant_type',
    'token',
    'redirect_uri',
    'scope',
    'claims',
    'max_age',
    'request',
  ],
  ...[
    'consoleUserId',
    'newEmailAddress',
    'filter',
    'startIndex',
    'count',
    'attributes',
    'at',
    'date',
    'time',
    'page',
  ],
];
