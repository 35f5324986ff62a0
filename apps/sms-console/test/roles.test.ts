import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pathOf, routes } from '#app/routes.ts';
import { ROLES } from '#domain/people/roles.ts';
import type { Person } from '#domain/people/people.ts';
import type { PersonRole } from '#support/db/schema.ts';
import { newId } from '#support/primitives/ids.ts';
import type { Page, TestBrowser } from './browser.ts';
import { SAMPLES, type Sample, type SampleName } from './role-samples.ts';
import { openWorld, PASSWORD, type World } from './world.ts';

type Rule = {
  /** Roles that may; `out` too: everybody may, signed in or not; `program`: no person may, keys count there. */
  who: readonly PersonRole[] | 'everybody' | 'program';
  /** What the path's parameters name. */
  of?: SampleName;
  /** What is typed; with it a person who may changes something. */
  typed?: (sample: Sample) => Record<string, string>;
  /** A file is handed in. */
  file?: true;
  /** What who may is answered; 200 for a page, 303 for a form. */
  answer?: number;
  /** What is answered to whoever may not; otherwise a page that says so (403), and to who is signed out the way to the sign-in (303). */
  refusal?: number;
  /** What is typed is refused, or nothing of it is kept. */
  keepsNothing?: true;
};

const ALL = ['administrator', 'sender', 'viewer'] as const;
const SENDERS = ['administrator', 'sender'] as const;
const ADMINISTRATORS = ['administrator'] as const;
const page = (who: Rule['who'], more: Partial<Rule> = {}): Rule => ({ who, ...more });
const form = (who: Rule['who'], typed: NonNullable<Rule['typed']>, more: Partial<Rule> = {}): Rule => ({
  who,
  typed,
  ...more,
});
const nothing = () => ({});
const written = () => ({
  draft: newId('drf', new Date()),
  recipients: '090-1234-5001',
  body: '見本',
  when: 'now',
});
let count = 0;
const another = (what: string) => `${what}${++count}`;

/** Every page and form of `routes`: who may. A new one is added here. */
const MATRIX: Readonly<Record<string, Rule>> = {
  'GET /': page(ALL),
  'GET /login': page('everybody'),
  'POST /login': form('everybody', nothing, { answer: 422, keepsNothing: true }),
  'GET /login/unified-link': page('everybody'),
  'GET /password/forgot': page('everybody', { answer: 303 }),
  'POST /password/forgot': form('everybody', nothing, { keepsNothing: true }),
  'GET /password/forgot/sent': page('everybody'),
  'GET /password/reset': page('everybody', { answer: 410 }),
  'POST /password/reset': form('everybody', nothing, { answer: 410, keepsNothing: true }),
  'POST /language': form('everybody', () => ({ lang: 'ja' }), { keepsNothing: true }),
  'GET /signed-out': page('everybody'),

  'GET /settings': page(ALL),
  'GET /settings/email': page(ALL),
  'POST /settings/email': form(ALL, nothing, { answer: 422, keepsNothing: true }),
  'GET /settings/email/code': page(ALL, { answer: 303 }),
  'POST /settings/email/code': form(ALL, nothing, { answer: 422, keepsNothing: true }),
  'POST /settings/email/resend': form(ALL, nothing, { answer: 410, keepsNothing: true }),
  'POST /settings/email/abandon': form(ALL, nothing, { keepsNothing: true }),
  'POST /settings/email/seen': form(ALL, nothing, { keepsNothing: true }),
  'GET /settings/password': page(ALL, { answer: 303 }),
  'POST /settings/password': form(ALL, nothing, { keepsNothing: true }),

  'GET /settings/api-keys': page(ADMINISTRATORS),
  'POST /settings/api-keys': form(ADMINISTRATORS, () => ({ name: another('鍵'), may: 'both', ends: '' }), {
    answer: 200,
  }),
  'GET /settings/api-keys/:id/revoke': page(ADMINISTRATORS, { of: 'apiKey' }),
  'POST /settings/api-keys/:id/revoke': form(ADMINISTRATORS, nothing, { of: 'apiKey' }),
  'GET /settings/webhooks': page(ADMINISTRATORS),
  'POST /settings/webhooks': form(ADMINISTRATORS, () => ({ url: another('https://example.co.jp/new-') }), {
    answer: 200,
  }),
  'GET /settings/webhooks/:id': page(ADMINISTRATORS, { of: 'webhook' }),
  'POST /settings/webhooks/:id/secret': form(ADMINISTRATORS, nothing, { of: 'webhook', answer: 200 }),
  'POST /settings/webhooks/:id/remove': form(ADMINISTRATORS, nothing, { of: 'webhook' }),
  'POST /settings/webhooks/:id/retry': form(ADMINISTRATORS, ({ delivery = '' }) => ({ delivery }), {
    of: 'webhook',
  }),
  'GET /settings/sending': page(ALL),
  'POST /settings/sending': form(ADMINISTRATORS, () => ({ long_messages: 'yes' })),
  'GET /settings/gateways': page(ADMINISTRATORS),

  'GET /compose': page(SENDERS),
  'POST /compose': form(SENDERS, () => ({ ...written(), act: 'save' })),
  'POST /compose/preview': form(SENDERS, written, { answer: 200, refusal: 401, keepsNothing: true }),
  'POST /compose/save': form(SENDERS, written, { answer: 200, refusal: 401 }),
  'GET /compose/:draft/confirm': page(SENDERS, { of: 'draft' }),
  'POST /compose/:draft/confirm': form(SENDERS, ({ revision = '' }) => ({ revision }), { of: 'draft' }),
  'POST /compose/:draft/delete': form(SENDERS, nothing, { of: 'draft' }),
  'GET /compose/csv': page(SENDERS),
  'POST /compose/csv': form(SENDERS, nothing, { file: true }),
  'GET /compose/csv/:id': page(SENDERS, { of: 'file' }),
  'POST /compose/csv/:id': form(
    SENDERS,
    () => ({ number_column: '1', body: '見本', when: 'now', act: 'check' }),
    { of: 'file' },
  ),
  'POST /compose/csv/:id/confirm': form(SENDERS, ({ revision = '' }) => ({ revision }), {
    of: 'checkedFile',
  }),
  'POST /compose/csv/:id/change': form(SENDERS, nothing, { of: 'checkedFile' }),
  'POST /compose/csv/:id/cancel': form(SENDERS, nothing, { of: 'file' }),
  'GET /compose/csv/:id/refused.csv': page(SENDERS, { of: 'checkedFile' }),

  'GET /campaigns': page(ALL),
  'GET /campaigns/:id': page(ALL, { of: 'campaign' }),
  'GET /campaigns/:id/:act': page(SENDERS, { of: 'campaign' }),
  'POST /campaigns/:id/:act': form(SENDERS, nothing, { of: 'campaign' }),
  'GET /campaigns/months': page(ALL),
  'GET /campaigns/months.csv': page(ALL),
  'GET /messages': page(ALL),
  'GET /messages/export': page(ALL),
  'GET /messages.csv': page(ALL),
  'GET /messages/:id': page(ALL, { of: 'message' }),

  'GET /templates': page(ALL),
  'GET /templates/new': page(SENDERS),
  'POST /templates/new': form(SENDERS, () => ({ name: another('型'), body: '見本' })),
  'GET /templates/:id': page(SENDERS, { of: 'template' }),
  'POST /templates/:id': form(SENDERS, () => ({ name: another('型'), body: '見本' }), { of: 'template' }),
  'GET /templates/:id/delete': page(SENDERS, { of: 'template' }),
  'POST /templates/:id/delete': form(SENDERS, nothing, { of: 'template' }),
  'GET /addresses': page(ALL),
  'POST /addresses': form(SENDERS, () => ({ name: another('宛先') })),
  'GET /addresses/:id': page(ALL, { of: 'group' }),
  'POST /addresses/:id': form(SENDERS, () => ({ number: '090-1234-5002' }), { of: 'group' }),
  'POST /addresses/:id/import': form(SENDERS, nothing, { of: 'group', file: true, answer: 200 }),
  'GET /addresses/:id/delete': page(SENDERS, { of: 'group' }),
  'POST /addresses/:id/delete': form(SENDERS, nothing, { of: 'group' }),
  'POST /addresses/:id/entries/:entry/delete': form(SENDERS, nothing, { of: 'group' }),
  'GET /addresses/opt-outs': page(ALL),
  'POST /addresses/opt-outs': form(SENDERS, () => ({ number: `070${10_000_000 + ++count}` })),
  'POST /addresses/opt-outs/import': form(SENDERS, nothing, { file: true, answer: 200 }),
  'POST /addresses/opt-outs/remove': form(SENDERS, ({ number = '' }) => ({ number }), { of: 'optOut' }),

  'GET /people': page(ADMINISTRATORS),
  'POST /people': form(ADMINISTRATORS, () => ({
    name: '見本 新',
    email_address: `${another('new')}@example.co.jp`,
    role: 'viewer',
    locale: 'ja',
  })),
  'GET /people/:id': page(ADMINISTRATORS, { of: 'member' }),
  'POST /people/:id': form(ADMINISTRATORS, () => ({ role: 'sender' }), { of: 'member' }),
  'POST /people/:id/active': form(ADMINISTRATORS, () => ({ active: 'no' }), { of: 'member' }),

  'GET /api/v1/messages': page('program'),
  'POST /api/v1/messages': page('program'),
  'GET /api/v1/messages/:id': page('program', { of: 'message' }),
  'POST /api/v1/messages/:id/cancel': page('program', { of: 'message' }),
  'POST /api/v1/bulks': page('program'),
  'GET /api/v1/bulks/:id': page('program', { of: 'campaign' }),
  'POST /api/v1/bulks/:id/cancel': page('program', { of: 'campaign' }),
  'GET /api/v1/usage': page('program'),
  'GET /api/openapi.json': page('everybody'),
  'GET /api/docs': page('everybody'),
  'GET /api/docs/reference.js': page('everybody'),
  'GET /api/docs/start.js': page('everybody'),
  'POST /internal/v1/codes': page('program'),
  'GET /internal/v1/codes/:id': page('program', { of: 'message' }),
  'GET /internal/v1/kannel/:gateway/:secret/:message': page('program', { refusal: 404 }),
  'GET /healthz': page('everybody'),
  // The last: who sends it is signed out.
  'POST /logout': form('everybody', nothing, { keepsNothing: true }),
};

/** The protocol with the login server proves its caller by itself: `@hitokagi/console-kit` has its tests. */
const PROTOCOL = [
  'GET /auth/start',
  'GET /auth/callback',
  'GET /auth/reachable',
  'POST /auth/backchannel-logout',
  'POST /auth/events',
  'POST /auth/legacy-password-check',
];

/** They lead to the sign-in after the cut-over and are not there before: `web/pages/login/after-cut-over.test.ts`. */
const OTHER_WAYS_OF_POSTING = ['DELETE /login', 'PATCH /login', 'PUT /login'];

/** These change without anybody's call: when a session was last used, what the program knows of the login server and of gateways. */
const MOVING = new Set([
  'console_session',
  'last_known_plan',
  'legacy_sign_in',
  'ended_sessions_place',
  'login_id_compare',
  'delivery_worker',
  'gateway_state',
]);

let world: World;
const people = {} as Record<PersonRole, Person>;
const browsers = {} as Record<PersonRole | 'out', TestBrowser>;
const tokens = {} as Record<PersonRole | 'out', string>;
let tables: readonly string[];
beforeAll(async () => {
  world = await openWorld({ phase: 'parallel' });
  for (const role of ROLES) {
    people[role] = await world.addPerson({ role });
    browsers[role] = world.browser();
    await browsers[role].open('/login');
    await browsers[role].send('/login', { email_address: people[role].emailAddress, password: PASSWORD });
    tokens[role] = tokenOn(await browsers[role].open('/settings'));
  }
  browsers.out = world.browser();
  tokens.out = tokenOn(await browsers.out.open('/login'));
  const { rows } = await sql<{ name: string }>`
    select table_name as name from information_schema.tables where table_schema = current_schema() and table_type = 'BASE TABLE'`.execute(
    world.db,
  );
  tables = rows.map(({ name }) => name).filter((name) => !MOVING.has(name));
});
afterAll(() => world.close());

const tokenOn = ({ html }: Page): string => /name="_csrf" value="([^"]+)"/.exec(html)?.[1] ?? '';

/** What stands in the database, except for what moves by itself. */
async function standing(): Promise<string> {
  const each = tables.map(
    (name) =>
      `select '${name}' as name, md5(string_agg(t::text, ',' order by t::text)) as sum from "${name}" t`,
  );
  const { rows } = await sql.raw(each.join(' union all ')).execute(world.db);
  return JSON.stringify(rows);
}

/** Calls it as this visitor, with everything that the page's own form would send. */
async function call(visitor: PersonRole | 'out', route: string, sample: Sample): Promise<Page> {
  const [method = '', pattern = ''] = route.split(' ');
  const rule = MATRIX[route];
  const url = new URL(pathOf(pattern, sample), world.config.url);
  const browser = browsers[visitor];
  if (method === 'GET') return browser.request('GET', url);
  const fields = { _csrf: tokens[visitor], ...rule?.typed?.(sample) };
  if (rule?.file !== true) return browser.request('POST', url, new URLSearchParams(fields).toString());
  const boundary = 'form-boundary-0123456789';
  const part = (head: string, content: string) =>
    `--${boundary}\r\ncontent-disposition: form-data; ${head}\r\n\r\n${content}\r\n`;
  const number = `0801234${String(5_000 + ++count)}`;
  const body = `${part('name="_csrf"', fields._csrf)}${part('name="file"; filename="sample.csv"', `電話番号,名前\r\n${number},見本\r\n`)}--${boundary}--\r\n`;
  return browser.request('POST', url, Buffer.from(body), `multipart/form-data; boundary=${boundary}`);
}

const sampleFor = (rule: Rule, person: Person): Promise<Sample> =>
  rule.of === undefined ? Promise.resolve({}) : SAMPLES[rule.of](world, person);
const mayNot =
  ({ who }: Rule) =>
  (role: PersonRole) =>
    who === 'program' || (who !== 'everybody' && !who.includes(role));

describe('R30: who may do what', () => {
  test('every page and form of the console stands in the table, and nothing else', () => {
    const served = [...new Set(Object.values(routes))].flatMap((url) =>
      (['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const)
        .filter((method) => world.app.hasRoute({ method, url }))
        .map((method) => `${method} ${url}`),
    );
    expect(served.toSorted()).toEqual(
      [...Object.keys(MATRIX), ...PROTOCOL, ...OTHER_WAYS_OF_POSTING].toSorted(),
    );
  });

  test('whoever may not is told so, page by page and form by form, and changes nothing', async () => {
    const samples = new Map<string, Sample>();
    for (const [route, rule] of Object.entries(MATRIX))
      samples.set(route, await sampleFor(rule, people.administrator));
    const before = await standing();
    for (const [route, rule] of Object.entries(MATRIX)) {
      const sample = samples.get(route) ?? {};
      for (const role of ROLES.filter(mayNot(rule))) {
        const answer = await call(role, route, sample);
        expect
          .soft(answer.status, `${route} as ${role}`)
          .toBe(rule.refusal ?? (rule.who === 'program' ? 401 : 403));
        if (answer.status === 403) expect(answer.text, route).toContain('この操作はできません');
        expect(await standing(), `${route} as ${role}`).toBe(before);
      }
      if (rule.who === 'everybody') continue;
      const answer = await call('out', route, sample);
      expect
        .soft(answer.status, `${route} signed out`)
        .toBe(rule.refusal ?? (rule.who === 'program' ? 401 : 303));
      if (answer.status === 303) expect(answer.headers['location'], route).toMatch(/^\/login(\?|$)/);
      expect(await standing(), `${route} signed out`).toBe(before);
    }
  });

  test('whoever may does it by the very same call', async () => {
    for (const [route, rule] of Object.entries(MATRIX)) {
      if (rule.who === 'program') continue;
      const isForm = route.startsWith('POST ');
      for (const role of rule.who === 'everybody' ? [...ROLES, 'out' as const] : rule.who) {
        const sample = await sampleFor(rule, role === 'out' ? people.administrator : people[role]);
        const before = isForm ? await standing() : '';
        const answer = await call(role, route, sample);
        expect.soft(answer.status, `${route} as ${role}`).toBe(rule.answer ?? (isForm ? 303 : 200));
        expect(String(answer.headers['location'] ?? ''), `${route} as ${role}`).not.toMatch(/^\/login/);
        if (isForm && rule.keepsNothing !== true)
          expect(await standing(), `${route} as ${role}`).not.toBe(before);
      }
    }
  });
});
