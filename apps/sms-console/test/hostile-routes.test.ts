import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Person } from '#domain/people/people.ts';
import { addressOf, bodyOf, draws, formsIn, type Draw } from '../../../test-support/route-fuzz.ts';
import { routesOf } from '../../../test-support/route-tree.ts';
import type { TestBrowser } from './browser.ts';
import { newKey } from './machine.ts';
import { SAMPLES, type Sample, type SampleName } from './role-samples.ts';
import { openWorld, PASSWORD, type World } from './world.ts';

/** Requests to each route; `HITOKAGI_FULL_CAMPAIGN=1`: 300. */
const FULL = process.env['HITOKAGI_FULL_CAMPAIGN'] === '1';
const OF_EACH = FULL ? 300 : 2;
const SEED = Number(process.env['HITOKAGI_SEED'] ?? (FULL ? Date.now() % 2 ** 31 : 20_261_123));

/** What the parameters of paths name. */
const NAMED: readonly (readonly [string, SampleName])[] = [
  ['/compose/csv/', 'file'],
  ['/compose/', 'draft'],
  ['/campaigns/', 'campaign'],
  ['/api/v1/bulks/', 'campaign'],
  ['/messages/', 'message'],
  ['/api/v1/messages/', 'message'],
  ['/templates/', 'template'],
  ['/addresses/', 'group'],
  ['/people/', 'member'],
  ['/settings/webhooks/', 'webhook'],
  ['/settings/api-keys/', 'apiKey'],
];

let world: World;
let person: Person;
let browser: TestBrowser;
let key: string;
const samples = new Map<string, Sample>();
beforeAll(async () => {
  process.stdout.write(`hostile requests to every route of the console: HITOKAGI_SEED=${SEED}\n`);
  world = await openWorld({ phase: 'parallel' });
  Object.assign(world.config, { apiRequestsPerMinute: 1_000_000 });
  await world.restart();
  person = await world.addPerson({ role: 'administrator' });
  key = await newKey(world, '契約', person.id);
  for (const [start, name] of NAMED) samples.set(start, await SAMPLES[name](world, person));
});
afterAll(() => world.close());

async function signedIn(): Promise<TestBrowser> {
  const fresh = world.browser();
  await fresh.open('/login');
  await fresh.send('/login', { email_address: person.emailAddress, password: PASSWORD });
  return fresh;
}

describe('P4: no request to any route makes the console fail', () => {
  test(
    'whatever replaces the parts of what an administrator’s browser or a customer’s program would send',
    async () => {
      const routes = routesOf(world.app.printRoutes({ commonPrefix: false }));
      expect(routes.length).toBeGreaterThan(80);
      const failed: string[] = [];
      let sent = 0;
      const send = async (method: string, path: string, draw: Draw, fields: [string, string][]) => {
        const sample = [...samples].find(([start]) => path.startsWith(start))?.[1] ?? {};
        const url = addressOf(path, (name) => sample[name] ?? 'x', draw);
        const body = method === 'GET' ? undefined : bodyOf(fields, draw);
        sent += 1;
        const answer = await world.app.inject({
          method: method as 'GET',
          url,
          headers: {
            host: new URL(world.config.url).host,
            'accept-language': 'ja',
            cookie: browser.cookies.map(({ name, value }) => `${name}=${value}`).join('; '),
            ...(path.startsWith('/api/') ? { authorization: `Bearer ${key}` } : {}),
            ...(path.startsWith('/internal/') ? { authorization: `Bearer ${world.config.codesKey}` } : {}),
            ...(body ? { 'content-type': body.type } : {}),
          },
          ...(body ? { payload: body.text } : {}),
        });
        // The login server of this test answers only what is meant.
        if (answer.statusCode >= 500 && !path.startsWith('/auth/start'))
          failed.push(
            `${method} ${url.slice(0, 300)} ${body?.type ?? ''} ${body?.text.slice(0, 300) ?? ''} → ${answer.statusCode} ${answer.body.slice(0, 200)}`,
          );
        return answer;
      };
      const good: Draw = { parameter: undefined, query: [], replaced: [], added: [], shape: 'form' };
      browser = await signedIn();
      for (const [index, route] of routes.entries()) {
        const [method = '', path = ''] = route.split(' ');
        let settings = await send('GET', '/settings', good, []);
        if (settings.statusCode !== 200) {
          browser = await signedIn();
          settings = await send('GET', '/settings', good, []);
        }
        const csrf = /name="_csrf" value="([^"]+)"/.exec(settings.body)?.[1] ?? '';
        const page =
          method === 'POST' && routes.includes(`GET ${path}`) ? await send('GET', path, good, []) : undefined;
        const forms = page ? [...formsIn(page.body).values()].flat() : [];
        const fields = forms.length > 0 ? forms : FIELDS.map((name): [string, string] => [name, '1']);
        const names = [...new Set([...FIELDS, ...fields.map(([name]) => name)])];
        for (const draw of fc.sample(draws(names), { numRuns: OF_EACH, seed: SEED + index }))
          await send(method, path, draw, [['_csrf', csrf], ...fields.filter(([name]) => name !== '_csrf')]);
      }
      console.info(`${sent} requests to ${routes.length} routes of the console`);
      expect(failed).toEqual([]);
    },
    FULL ? 3_600_000 : 120_000,
  );
});

/** What forms without a page of their own, calls and queries are asked. */
const FIELDS = [
  ...[
    'email_address',
    'password',
    'lang',
    'return_path',
    'q',
    'state',
    'cursor',
    'limit',
    'from',
    'to',
    'text',
    'body',
  ],
  ...[
    'name',
    'number',
    'role',
    'active',
    'url',
    'month',
    'format',
    'encoding',
    'when',
    'date',
    'time',
    'draft',
    'group',
  ],
  ...[
    'recipients',
    'revision',
    'code',
    'token',
    'iss',
    'login_hint',
    'target_link_uri',
    'logout_token',
    'sendAt',
    'tag',
  ],
];
