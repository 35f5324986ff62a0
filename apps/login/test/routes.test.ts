import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { routesOf } from '../../../test-support/route-tree.ts';
import { openWorld, type World } from './world.ts';

/**
 * Every URL of the login server. A new route must be added here, and with it the answer to: may a page of another site call it?
 */
const FROM_OUR_PAGES_ONLY = [
  'POST /account/browsers/end',
  'POST /account/browsers/end-others',
  'POST /account/password',
  'POST /language',
  'POST /login-id/code/:request',
  'POST /login-id/code/:request/resend',
  'POST /new-password/:proof',
  'POST /operator/accounts/:account/change-address',
  'POST /operator/accounts/:account/clear-delay',
  'POST /operator/accounts/:account/close',
  'POST /operator/accounts/:account/end-session',
  'POST /operator/accounts/:account/end-sessions',
  'POST /operator/accounts/:account/merge',
  'POST /operator/accounts/:account/reinstate',
  'POST /operator/accounts/:account/send-code',
  'POST /operator/accounts/:account/set-up-mail',
  'POST /operator/accounts/:account/suspend',
  'POST /operator/consoles/:clientId/check',
  'POST /operator/consoles/:clientId/directories/new',
  'POST /operator/consoles/:clientId/domains/publish',
  'POST /operator/consoles/:clientId/edit',
  'POST /operator/consoles/:clientId/end-secret',
  'POST /operator/consoles/:clientId/secret',
  'POST /operator/consoles/:clientId/test',
  'POST /operator/consoles/new',
  'POST /operator/deliveries/events/:id/retry',
  'POST /operator/deliveries/events/of/:clientId/retry',
  'POST /operator/deliveries/logouts/:id/retry',
  'POST /operator/deliveries/logouts/of/:clientId/retry',
  'POST /operator/directories/:id/token',
  'POST /operator/directory-tokens/:id/revoke',
  'POST /operator/imports/:id/cancel',
  'POST /operator/imports/:id/start',
  'POST /operator/imports/new',
  'POST /operator/keys/rotate',
  'POST /operator/mail/:id/give-up',
  'POST /operator/mail/:id/retry',
  'POST /operator/migration/:clientId/announce',
  'POST /operator/migration/:clientId/close',
  'POST /operator/migration/:clientId/cut-over',
  'POST /operator/migration/:clientId/link-time',
  'POST /operator/migration/:clientId/roll-back',
  'POST /operator/notices/:id/cancel',
  'POST /operator/notices/:id/letter',
  'POST /operator/notices/:id/people/:account/settle',
  'POST /operator/notices/bounces',
  'POST /operator/notices/words/:clientId/:kind/edit',
  'POST /operator/settings/:group',
  'POST /operator/tokens/:id/revoke',
  'POST /operator/tokens/new',
  'POST /reset',
  'POST /reset/:request',
  'POST /reset/:request/resend',
  'POST /sign-in',
  'POST /sign-in/:uid',
  'POST /sign-in/:uid/new-password/:proof',
  'POST /sign-in/:uid/reset',
  'POST /sign-in/:uid/reset/:request',
  'POST /sign-in/:uid/reset/:request/resend',
  'POST /sign-out',
];

/** These prove who asks by something that no browser sends by itself: client credentials, a token, or the secret of the page before. */
const FROM_ANYWHERE = [
  'POST /api/operator/v1/consoles/:clientId/domains',
  'POST /api/console/v1/legacy-sign-ins',
  'POST /forward-auth/sign-out',
  'POST /api/console/v1/login-id-changes',
  'POST /api/console/v1/login-id-changes/:id/confirm',
  'POST /api/console/v1/login-id-changes/:id/resend',
  'POST /api/operator/v1/accounts/:account/sessions/:session/end',
  'POST /api/operator/v1/accounts/:account/sessions/end',
  'POST /api/operator/v1/accounts/:account/erase-audit',
  'POST /api/operator/v1/accounts/:account/merge',
  'POST /api/operator/v1/accounts/:account/set-up-mail',
  'POST /api/operator/v1/accounts/:account/code',
  'POST /api/operator/v1/accounts/:account/clear-delay',
  'POST /api/console/v1/login-ids/compare',
  'POST /api/operator/v1/consoles/:clientId/plan/announcement',
  'POST /api/operator/v1/consoles/:clientId/plan/close',
  'POST /api/operator/v1/consoles/:clientId/plan/cut-over',
  'POST /api/operator/v1/consoles/:clientId/plan/link-time',
  'POST /api/operator/v1/consoles/:clientId/plan/rollback',
  'POST /api/operator/v1/consoles/:clientId/notice-preview',
  'POST /api/operator/v1/consoles/:clientId/notice-test',
  'POST /api/operator/v1/accounts/:account/close',
  'POST /api/operator/v1/accounts/:account/reinstate',
  'POST /api/operator/v1/accounts/:account/suspend',
  'POST /api/operator/v1/event-deliveries/:id/retry',
  'POST /api/operator/v1/accounts/:account/login-id-changes',
  'POST /api/operator/v1/login-id-drift/:id/dismiss',
  'POST /api/operator/v1/login-id-drift/:id/repair',
  'POST /api/operator/v1/logout-deliveries/:id/retry',
  'POST /api/operator/v1/notice-bounces',
  'POST /api/operator/v1/notices/:id/cancel',
  'POST /api/operator/v1/notices/:id/recipients/:accountId/settle',
  'POST /api/operator/v1/notices/:id/test',
  'PUT /api/operator/v1/consoles/:clientId/notice-words/:kind',
  'POST /api/operator/v1/consoles/:clientId/imports',
  'POST /api/operator/v1/imports/:id/cancel',
  'POST /api/operator/v1/imports/:id/start',
  'POST /api/operator/v1/mails/:id/give-up',
  'POST /api/operator/v1/mails/:id/retry',
  'POST /api/operator/v1/consoles/:clientId/event-deliveries/retry',
  'POST /api/operator/v1/consoles/:clientId/logout-deliveries/retry',
  'POST /api/operator/v1/operator-tokens',
  'POST /api/operator/v1/operator-tokens/:id/revoke',
  'DELETE /ssf/stream',
  'PATCH /ssf/stream',
  'DELETE /api/operator/v1/operators/:accountId',
  'PUT /api/operator/v1/operators',
  'DELETE /scim/v2/Me',
  'DELETE /scim/v2/Users*',
  'PATCH /scim/v2/Me',
  'PATCH /scim/v2/Users*',
  'POST /api/operator/v1/consoles/:clientId/directories',
  'POST /api/operator/v1/directories/:id/tokens',
  'POST /api/operator/v1/directory-tokens/:id/revoke',
  'POST /scim/v2/Bulk',
  'POST /scim/v2/Me',
  'POST /scim/v2/Users',
  'POST /scim/v2/Users/.search',
  'PUT /scim/v2/Me',
  'PUT /scim/v2/Users*',
  'POST /introspect',
  'POST /login-id/undo',
  'POST /authorize',
  'POST /logout',
  'POST /logout/confirm',
  'POST /revoke',
  'POST /ssf/poll/:stream_id',
  'POST /ssf/status',
  'POST /ssf/stream',
  'POST /ssf/subjects/add',
  'POST /ssf/subjects/remove',
  'POST /ssf/verify',
  'POST /token',
  'POST /userinfo',
  'POST /api/operator/v1/consoles',
  'PATCH /api/operator/v1/consoles/:clientId',
  'PATCH /api/operator/v1/settings',
  'POST /api/operator/v1/signing-keys/rotate',
  'POST /api/operator/v1/consoles/:clientId/secrets',
  'DELETE /api/operator/v1/consoles/:clientId/secrets/:secretId',
  'POST /api/operator/v1/consoles/:clientId/check',
  'POST /api/operator/v1/consoles/:clientId/test-sign-in',
  'PUT /api/operator/v1/consoles/:clientId/legacy-passwords',
  'PUT /api/operator/v1/consoles/:clientId/event-stream/status',
  'PUT /ssf/stream',
];

const READING = [
  'GET /consoles/:clientId/link.html',
  'GET /consoles/:clientId/link.js',
  'GET /forward-auth/callback',
  'GET /forward-auth/check',
  'GET /forward-auth/sign-out',
  'GET /forward-auth/start',
  'GET /connection-test',
  'GET /connection-test/:clientId',
  'GET /connection-test/:clientId/domains.json',
  'GET /connection-test/:clientId/domains.txt',
  'GET /reachable',
  'GET /reachable/mark.svg',
  'GET /operator/consoles/:clientId/domains',
  'GET /operator/consoles/:clientId/domains/publish',
  'GET /api/operator/v1/consoles/:clientId/domains',
  'GET /operator/tokens',
  'GET /operator/tokens/new',
  'GET /operator/tokens/:id/revoke',
  'GET /api/docs',
  'GET /api/docs/reference.js',
  'GET /api/docs/start.js',
  'GET /api/problems',
  'GET /api/operator/v1/operators',
  'GET /operator',
  'GET /api/operator/v1/settings',
  'GET /api/operator/v1/signing-keys',
  'GET /operator/keys',
  'GET /operator/keys/rotate',
  'GET /operator/settings',
  'GET /operator/settings/preview',
  'GET /operator/settings/:group',
  'GET /operator/migration',
  'GET /operator/migration/:clientId',
  'GET /operator/migration/:clientId/announce',
  'GET /operator/migration/:clientId/close',
  'GET /operator/migration/:clientId/cut-over',
  'GET /operator/migration/:clientId/days.csv',
  'GET /operator/migration/:clientId/link-time',
  'GET /operator/migration/:clientId/people',
  'GET /operator/migration/:clientId/people.csv',
  'GET /operator/migration/:clientId/rehearsal',
  'GET /operator/migration/:clientId/roll-back',
  'GET /operator/migration/:clientId/status',
  'GET /operator/notices',
  'GET /operator/notices/:id',
  'GET /operator/notices/:id/cancel',
  'GET /operator/notices/:id/letter',
  'GET /operator/notices/:id/people',
  'GET /operator/notices/:id/people/:account/settle',
  'GET /operator/notices/bounces',
  'GET /operator/notices/words',
  'GET /operator/notices/words/:clientId/:kind',
  'GET /operator/notices/words/:clientId/:kind/edit',
  'GET /operator/imports',
  'GET /operator/imports/:id',
  'GET /operator/imports/:id/cancel',
  'GET /operator/imports/:id/refused.csv',
  'GET /operator/imports/:id/start',
  'GET /operator/imports/new',
  'GET /operator/mail',
  'GET /operator/mail/:id',
  'GET /operator/mail/:id/give-up',
  'GET /operator/mail/:id/retry',
  'GET /operator/deliveries',
  'GET /operator/deliveries/events',
  'GET /operator/deliveries/events/:id',
  'GET /operator/deliveries/events/:id/retry',
  'GET /operator/deliveries/events/of/:clientId/retry',
  'GET /operator/deliveries/logouts',
  'GET /operator/deliveries/logouts/:id',
  'GET /operator/deliveries/logouts/:id/retry',
  'GET /operator/deliveries/logouts/of/:clientId/retry',
  'GET /operator/audit',
  'GET /operator/audit.csv',
  'GET /operator/audit.jsonl',
  'GET /operator/audit/:id',
  'GET /operator/consoles',
  'GET /operator/consoles/new',
  'GET /operator/consoles/:clientId',
  'GET /operator/consoles/:clientId/edit',
  'GET /operator/consoles/:clientId/secret',
  'GET /operator/consoles/:clientId/end-secret',
  'GET /operator/consoles/:clientId/check',
  'GET /operator/consoles/:clientId/directories',
  'GET /operator/consoles/:clientId/directories/new',
  'GET /operator/directories/:id/token',
  'GET /operator/directory-tokens/:id/revoke',
  'GET /operator/consoles/:clientId/test',
  'GET /operator/accounts',
  'GET /operator/accounts/:account',
  'GET /operator/accounts/:account/set-up-mail',
  'GET /operator/accounts/:account/send-code',
  'GET /operator/accounts/:account/clear-delay',
  'GET /operator/accounts/:account/change-address',
  'GET /operator/accounts/:account/end-session',
  'GET /operator/accounts/:account/end-sessions',
  'GET /operator/accounts/:account/suspend',
  'GET /operator/accounts/:account/merge',
  'GET /operator/accounts/:account/reinstate',
  'GET /operator/accounts/:account/close',
  'GET /',
  'GET /.well-known/oauth-authorization-server',
  'GET /.well-known/openid-configuration',
  'GET /account',
  'GET /account/activity',
  'GET /account/browsers/end',
  'GET /account/browsers/end-others',
  'GET /account/ended/:moment',
  'GET /account/password',
  'GET /.well-known/ssf-configuration',
  'GET /api/console/v1/login-id-changes/:id',
  'GET /api/console/v1/ended-sessions',
  'GET /api/console/v1/plan',
  'GET /api/openapi.json',
  'GET /api/operator/v1/audit',
  'GET /api/operator/v1/audit-head',
  'GET /api/operator/v1/audit.csv',
  'GET /api/operator/v1/audit.jsonl',
  'GET /api/operator/v1/audit/:id',
  'GET /api/operator/v1/accounts',
  'GET /api/operator/v1/accounts/:account',
  'GET /api/operator/v1/accounts/:account/sessions',
  'GET /api/operator/v1/consoles',
  'GET /api/operator/v1/consoles/:clientId',
  'GET /api/operator/v1/consoles/:clientId/check',
  'GET /api/operator/v1/consoles/:clientId/test-sign-in',
  'GET /api/operator/v1/consoles/:clientId/plan',
  'GET /api/operator/v1/consoles/:clientId/plan/history',
  'GET /api/operator/v1/consoles/:clientId/progress',
  'GET /api/operator/v1/consoles/:clientId/progress/forecast',
  'GET /api/operator/v1/consoles/:clientId/progress/people',
  'GET /api/operator/v1/consoles/:clientId/progress/people.csv',
  'GET /api/operator/v1/consoles/:clientId/progress/series',
  'GET /api/operator/v1/consoles/:clientId/progress/series.csv',
  'GET /api/operator/v1/consoles/:clientId/rehearsal',
  'GET /api/operator/v1/consoles/:clientId/rehearsal/findings',
  'GET /api/operator/v1/consoles/:clientId/rehearsal/findings.csv',
  'GET /api/operator/v1/event-deliveries',
  'GET /api/operator/v1/event-deliveries/:id',
  'GET /api/operator/v1/event-health',
  'GET /api/operator/v1/imports',
  'GET /api/operator/v1/imports/:id',
  'GET /api/operator/v1/imports/:id/refused.csv',
  'GET /api/operator/v1/mail-health',
  'GET /api/operator/v1/mails',
  'GET /api/operator/v1/mails/:id',
  'GET /api/operator/v1/login-id-drift',
  'GET /api/operator/v1/logout-deliveries',
  'GET /api/operator/v1/logout-deliveries/:id',
  'GET /api/operator/v1/logout-health',
  'GET /api/operator/v1/consoles/:clientId/notice-words',
  'GET /api/operator/v1/notices',
  'GET /api/operator/v1/notices/:id',
  'GET /api/operator/v1/notices/:id/preview',
  'GET /api/operator/v1/notices/:id/recipients',
  'GET /api/operator/v1/operator-tokens',
  'GET /authorize',
  'GET /authorize/:uid',
  'GET /healthz',
  'GET /jwks',
  'GET /login-id/code/:request',
  'GET /login-id/code/:request/resend',
  'GET /login-id/undo',
  'GET /logout',
  'GET /api/operator/v1/consoles/:clientId/directories',
  'GET /scim/v2/Me',
  'GET /scim/v2/ResourceTypes',
  'GET /scim/v2/ResourceTypes/:id',
  'GET /scim/v2/Schemas',
  'GET /scim/v2/Schemas/:id',
  'GET /scim/v2/ServiceProviderConfig',
  'GET /scim/v2/Users',
  'GET /scim/v2/Users*',
  'GET /ssf/status',
  'GET /ssf/stream',
  'GET /logout/success',
  'GET /new-password/:proof',
  'GET /readyz',
  'GET /reset',
  'GET /reset/:request',
  'GET /reset/:request/resend',
  'GET /reset/done',
  'GET /sign-in',
  'GET /sign-in/:uid',
  'GET /sign-in/:uid/new-password/:proof',
  'GET /sign-in/:uid/reset',
  'GET /sign-in/:uid/reset/:request',
  'GET /sign-in/:uid/reset/:request/resend',
  'GET /signed-out',
  'GET /signed-out/:logout',
  'GET /userinfo',
];

let world: World;
beforeAll(async () => {
  world = await openWorld({ work: false });
});
afterAll(() => world.close());

describe('the routes of the login server', () => {
  it('are these and no others', () => {
    expect(routesOf(world.app.server.printRoutes({ commonPrefix: false }))).toEqual(
      [...READING, ...FROM_OUR_PAGES_ONLY, ...FROM_ANYWHERE].sort(),
    );
  });

  it('A2: each that changes something refuses a page of another site, or is one that no browser can be tricked into', async () => {
    const changing = routesOf(world.app.server.printRoutes({ commonPrefix: false })).filter(
      (route) => !route.startsWith('GET '),
    );
    const refused = [];
    for (const route of changing) {
      const [method = '', path = ''] = route.split(' ');
      const answer = await world.app.server.inject({
        method: method as 'POST',
        url: path.replace(/:\w+/g, 'x'),
        headers: {
          host: 'login.example.co.jp',
          origin: 'http://evil.example',
          'sec-fetch-site': 'cross-site',
        },
      });
      // Refused to everybody but the proxy of a console.
      if (route === 'POST /forward-auth/sign-out') expect(answer.body).toContain('did not authenticate');
      else if (answer.statusCode === 403) refused.push(route);
      // Becomes the same request by GET, which changes nothing by itself.
      else if (['POST /authorize', 'POST /logout'].includes(route))
        expect([answer.statusCode, answer.headers.location]).toEqual([303, `${path}?`]);
      else expect(answer.statusCode, route).toBeGreaterThanOrEqual(400);
    }
    expect(refused).toEqual(FROM_OUR_PAGES_ONLY);
  });
});

type Operation = {
  tags?: string[];
  summary?: string;
  responses: Record<string, { description?: string; $ref?: string }>;
};
type Document = {
  openapi: string;
  info: { title: string; version: string };
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, unknown> };
};

describe('R26: the OpenAPI document', () => {
  it('is a sound OpenAPI 3.1 document that describes every API route and no page', async () => {
    const document = (
      await world.app.server.inject({ url: '/api/openapi.json', headers: { host: 'login.example.co.jp' } })
    ).json<Document>();
    expect(document.openapi).toBe('3.1.0');
    expect(document.info).toMatchObject({ title: 'Hitokagi', version: '1' });
    const described = Object.entries(document.paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ':$1')}`),
    );
    const served = routesOf(world.app.server.printRoutes({ commonPrefix: false })).filter((route) =>
      / \/(api\/(console|operator)|ssf)\//.test(route),
    );
    expect(described.sort()).toEqual(served);

    const operations = Object.values(document.paths).flatMap((path) => Object.values(path));
    for (const operation of operations) {
      expect(operation.tags).toHaveLength(1);
      expect(operation.summary).toBeTruthy();
      expect(Object.keys(operation.responses)).toContain('401');
      for (const [status, response] of Object.entries(operation.responses)) {
        expect(status).toMatch(/^[2345]\d\d$/);
        expect(typeof (response.description ?? response.$ref)).toBe('string');
      }
    }
    const text = JSON.stringify(document);
    for (const [, name] of text.matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g))
      expect(document.components.schemas, name).toHaveProperty(name as string);
    expect([...text.matchAll(/"\$ref":"(?!#\/components\/(schemas|responses)\/)/g)]).toEqual([]);
    expect(Object.keys(document.components.schemas).sort()).toEqual(
      expect.arrayContaining(['LoginIdChange', 'Plan', 'Problem']),
    );
  });

  it('every list of the operator API has one form: items and next, asked with cursor and limit where it goes on', async () => {
    const document = (
      await world.app.server.inject({ url: '/api/openapi.json', headers: { host: 'login.example.co.jp' } })
    ).json<{
      paths: Record<string, { get?: { parameters?: { name: string }[]; responses: Record<string, Body> } }>;
    }>();
    type Body = { content?: { 'application/json'?: { schema: { type?: string; properties?: object } } } };
    let lists = 0;
    for (const [path, { get }] of Object.entries(document.paths)) {
      if (!get || !path.startsWith('/api/operator/')) continue;
      const schema = get.responses['200']?.content?.['application/json']?.schema;
      expect(schema?.type, path).not.toBe('array');
      const asked = (get.parameters ?? []).map(({ name }) => name);
      expect(asked, path).not.toContain('after');
      const properties = Object.keys(schema?.properties ?? {});
      if (properties.includes('items')) lists += 1;
      expect(properties.includes('items'), path).toBe(properties.includes('next'));
      if (asked.includes('cursor') || asked.includes('limit')) {
        expect(properties.sort(), path).toEqual(['items', 'next']);
        expect(asked, path).toEqual(expect.arrayContaining(['cursor', 'limit']));
      }
    }
    expect(lists).toBeGreaterThan(18);
  });

  it('says what each route really answers', async () => {
    const document = (
      await world.app.server.inject({ url: '/api/openapi.json', headers: { host: 'login.example.co.jp' } })
    ).json<Document>();
    const statuses = (path: string, method: string): string[] =>
      Object.keys(document.paths[path]?.[method]?.responses ?? {}).sort();
    expect(statuses('/api/console/v1/plan', 'get')).toEqual([
      '200',
      '304',
      '400',
      '401',
      '403',
      '422',
      '500',
      '503',
    ]);
    expect(statuses('/api/console/v1/login-id-changes', 'post')).toEqual(
      expect.arrayContaining(['201', '401', '404', '422', '429']),
    );
    expect(statuses('/api/console/v1/login-id-changes/{id}/confirm', 'post')).toEqual(
      expect.arrayContaining(['200', '401', '404', '409', '410', '422', '429']),
    );
  });
});
