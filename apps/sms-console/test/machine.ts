import { createApiKey } from '#domain/api-keys/api-keys.ts';
import type { ApiScope } from '#support/db/schema.ts';
import type { World } from './world.ts';

/** `body` becomes JSON, `raw` is sent as it is; `key: null` sends no key. */
export type Sent = {
  body?: unknown;
  raw?: Buffer | string;
  headers?: Record<string, string>;
  key?: string | null;
};

export const GOOD = { to: '090-1234-5678', text: '見本のお知らせです。' };

/** A customer's program that calls the machine API; `key` is used where a call names no other. */
export function machineOf(world: World, key: string) {
  const call = (method: 'GET' | 'POST', url: string, sent: Sent = {}) => {
    const payload = sent.raw ?? (sent.body === undefined ? undefined : JSON.stringify(sent.body));
    const bearer = sent.key === null ? {} : { authorization: `Bearer ${sent.key ?? key}` };
    const type = payload === undefined ? {} : { 'content-type': 'application/json' };
    const headers = { ...bearer, ...type, ...sent.headers };
    return world.app.inject({ method, url, headers, ...(payload === undefined ? {} : { payload }) });
  };
  return {
    call,
    send: (body: unknown, sent: Sent = {}) => call('POST', '/api/v1/messages', { body, ...sent }),
  };
}

/** The secret of a new key of this person's company. */
export async function newKey(
  world: World,
  name: string,
  personId: string,
  scopes: readonly ApiScope[] = ['send', 'read'],
): Promise<string> {
  const created = await createApiKey(world.db, { personId, name, scopes }, world.clock.now());
  if (!created.ok) throw new Error(created.reason);
  return created.key.secret;
}

/** The id of somebody of a company of their own. */
export async function personOfAnotherCompany(world: World): Promise<string> {
  const stranger = await world.addPerson({ account: false });
  const company = await world.db
    .insertInto('company')
    .values({ name: `見本物産 ${stranger.id}` })
    .returning('id')
    .executeTakeFirstOrThrow();
  await world.db
    .updateTable('person')
    .set({ company_id: company.id })
    .where('id', '=', stranger.id)
    .execute();
  return stranger.id;
}
