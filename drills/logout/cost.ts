import { newId } from '../../apps/login/src/support/primitives/ids.ts';
import { quantile } from './tally.ts';
import type { LogoutWorld } from './world.ts';

/** What it costs that a console asks which of its sessions have ended. */
export type Cost = { sessions: number; rows: readonly (readonly string[])[] };

const QUESTIONS = 200;

type Asked = { took: number; status: number; bytes: number };

/** Fills the login server with live sessions of one console, and asks as that console: nothing new, and a page of 500. */
export async function costOfAsking(world: LogoutWorld, sessions: number): Promise<Cost> {
  const { database, consoles, issuer, people } = world;
  const [console] = consoles;
  const [person] = people;
  if (!console || !person) throw new Error('There is a console.');
  const now = new Date();
  await database.pool.query(
    `insert into sso_session (uid, id_hash, account_id, payload, created_at, expires_at)
     select 'cost-' || n, 'cost-' || n, $1, jsonb_build_object('authorizations', jsonb_build_object($2::text, jsonb_build_object('sid', 'cost-' || n))), $3::timestamptz, $3::timestamptz + interval '1 hour'
     from generate_series(1, $4::int) n`,
    [person.accountId, console.clientId, now, sessions],
  );
  await database.pool.query('analyze sso_session, logout_delivery');
  const ask = async (after: string, etag?: string) => {
    const began = performance.now();
    const answer = await fetch(`${issuer}/api/console/v1/ended-sessions?after=${after}`, {
      headers: {
        authorization: `Basic ${Buffer.from(`${console.clientId}:${console.secret}`).toString('base64')}`,
        ...(etag === undefined ? {} : { 'if-none-match': etag }),
      },
    });
    const body = await answer.text();
    const head = [...answer.headers].reduce((sum, [name, value]) => sum + name.length + value.length + 4, 17);
    return {
      took: performance.now() - began,
      status: answer.status,
      bytes: head + body.length,
      answer,
      body,
    };
  };
  let place = '0';
  for (let more = true; more;) {
    const { body } = await ask(place);
    ({ next: place, more } = JSON.parse(body) as { next: string; more: boolean });
  }
  const etag = (await ask(place)).answer.headers.get('etag') ?? '';
  const idle: Asked[] = [];
  for (let i = 0; i < QUESTIONS; i += 1) idle.push(await ask(place, etag));

  const { rows } = await database.pool.query<{ id: string; console_id: string }>(
    `select single_logout_id as id, console_id from logout_delivery join console c on c.id = console_id where c.client_id = $1 limit 1`,
    [console.clientId],
  );
  const [logout] = rows;
  if (!logout) throw new Error('There was a logout.');
  const pages: Asked[] = [];
  for (let i = 0; i < QUESTIONS / 10; i += 1) {
    await database.pool.query(
      `insert into logout_delivery (id, single_logout_id, console_id, account_id, sid, state, created_at, ended_at)
       select $1::text || '-' || n, $2, $3, $4, 'cost-' || n, 'delivered', $5::timestamptz, $5::timestamptz from generate_series(1, 500) n`,
      [newId('lod', now), logout.id, logout.console_id, person.accountId, new Date()],
    );
    const page = await ask(place);
    pages.push(page);
    ({ next: place } = JSON.parse(page.body) as { next: string });
  }
  const row = (name: string, all: readonly Asked[]) => [
    name,
    ...[0.5, 0.99].map(
      (share) =>
        `${quantile(
          all.map(({ took }) => took),
          share,
        ).toFixed(1)} ms`,
    ),
    `${all[0]?.status}, ${all[0]?.bytes} bytes`,
  ];
  return { sessions, rows: [row('nothing new', idle), row('500 have ended', pages)] };
}
