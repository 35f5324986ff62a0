import { availableParallelism } from 'node:os';
import { hash, verify } from '@node-rs/argon2';
import { CompactSign, generateKeyPair } from 'jose';
import pg from 'pg';
import { runLoad } from './load.ts';

/** Checks of a password a second when nothing else is done: as many in flight as there are processors, with the login server's parameters. */
export async function argonAlone(seconds: number): Promise<number> {
  const secret = Buffer.alloc(32, 1);
  const passwordHash = await hash('Kawa-no-oto 41 desu', {
    memoryCost: 19_456,
    timeCost: 2,
    parallelism: 1,
    secret,
  });
  const load = await runLoad(
    async () => {
      if (!(await verify(passwordHash, 'Kawa-no-oto 41 desu', { secret })))
        throw new Error('The hash does not verify.');
    },
    { clients: availableParallelism(), seconds },
  );
  return load.perSecond;
}

/** Signatures of an ID token a second, one after the other, made as the engine makes them. */
export async function signatures(algorithm: 'ES256' | 'RS256', seconds: number): Promise<number> {
  const { privateKey } = await generateKeyPair(algorithm, { modulusLength: 2_048 });
  const payload = Buffer.alloc(400, 'a');
  const load = await runLoad(
    async () => {
      await new CompactSign(payload).setProtectedHeader({ alg: algorithm, kid: 'bench' }).sign(privateKey);
    },
    { clients: 1, seconds },
  );
  return load.perSecond;
}

/** Rows of the size of a stored code a second, each committed durably by itself, over this many connections. */
export async function commits(databaseUrl: string, connections: number, seconds: number): Promise<number> {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: connections });
  await pool.query(
    'create table if not exists bench_floor (id bigint generated always as identity primary key, payload jsonb not null)',
  );
  const payload = JSON.stringify({ text: 'a'.repeat(500) });
  const insert = { name: 'floor', text: 'insert into bench_floor (payload) values ($1)', values: [payload] };
  try {
    const load = await runLoad(async () => void (await pool.query(insert)), {
      clients: connections,
      seconds,
    });
    return load.perSecond;
  } finally {
    await pool.query('drop table bench_floor');
    await pool.end();
  }
}
