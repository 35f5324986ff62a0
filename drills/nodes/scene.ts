import pg from 'pg';
import type { Chance } from '../login-id/chance.ts';
import type { NodesWorld } from './world.ts';

/** What a fault has to do with. */
export type Scene = {
  readonly world: NodesWorld;
  readonly chance: Chance;
  /** The file that names a step to the nodes. */
  readonly stepFile: string;
  /** People whom nobody else signs in; the first is left alone by those who come in crowds. */
  readonly crowd: readonly { emailAddress: string }[];
};

/** Something that is asked of PostgreSQL by a connection of its own, which may break. */
export async function asAdmin(
  databaseUrl: string,
  act: (admin: pg.Client) => Promise<unknown>,
): Promise<void> {
  const admin = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: 1_000 });
  admin.on('error', () => undefined);
  try {
    await admin.connect();
    await act(admin);
  } finally {
    await admin.end().catch(() => undefined);
  }
}
