import { brokenInvariants } from '../invariants.ts';
import { MASTER_SECRET } from '../master-secret.ts';
import type { Zero } from '../report.ts';
import type { DrilledPerson, Tally } from './person.ts';
import { CONSOLE_IDS, type ConsoleId, type LoginIdWorld } from './world.ts';

type Told = { id: string; version: number; address: string };

/** What the databases say at the end, each against the others and against what people asked for. */
export async function findingsOf(
  world: LoginIdWorld,
  people: readonly DrilledPerson[],
  tally: Tally,
): Promise<{ zeros: Zero[]; changes: number; undone: number; takenOver: number; overtaken: number }> {
  const { pool } = world.login.database;
  const accounts = new Map<string, { id: string; address: string; version: number }>();
  for (const row of (
    await pool.query<{ user_id: string; id: string; address: string; version: number }>(
      `select link.console_user_id as user_id, account.id, account.email_address as address, account.login_id_version as version
       from account join console_link link on link.account_id = account.id
       join console on console.id = link.console_id where console.client_id = 'sms'`,
    )
  ).rows)
    accounts.set(row.user_id, row);
  const events = (
    await pool.query<Told>(
      `select account_id as id, (detail->>'version')::int as version, detail->>'emailAddress' as address
       from account_event where kind = 'login-id-changed' order by number`,
    )
  ).rows;
  const changes = (
    await pool.query<{
      id: string;
      client_id: string;
      account_id: string;
      new_address: string;
      version: number | null;
      undone: boolean;
      key: string;
    }>(
      `select change.id, console.client_id, change.account_id, change.new_address, change.version,
         change.undone_at is not null as undone, change.idempotency_key as key
       from login_id_change change join console on console.id = change.console_id`,
    )
  ).rows;
  const confirmed = changes.filter((one) => one.version !== null);
  const found = {
    apart: [] as string[],
    outOfOrder: [] as string[],
    doubled: [] as string[],
    wrong: [] as string[],
    lost: [] as string[],
    madeUp: [] as string[],
    stuck: [] as string[],
    unproved: [] as string[],
  };
  const personOfAccount = new Map<string, DrilledPerson>();
  for (const person of people) {
    const account = accounts.get(person.ids.sms);
    if (account) personOfAccount.set(account.id, person);
  }

  const told = new Map<string, string>();
  const versions = new Map<string, number>();
  for (const { id, version, address } of events) {
    if (version !== (versions.get(id) ?? 0) + 1) found.outOfOrder.push(`${id}: version ${version}`);
    versions.set(id, version);
    told.set(`${id} ${version}`, address);
    const person = personOfAccount.get(id);
    if (address !== person?.firstAddress && !person?.wished.has(address.toLowerCase()))
      found.wrong.push(`${id}: ${address} was never asked for`);
  }
  for (const { id, version } of accounts.values())
    if ((versions.get(id) ?? 0) !== version) found.lost.push(`${id}: no event of version ${version}`);
  for (const one of confirmed)
    if (!world.codesWentTo.has(one.new_address.toLowerCase()))
      found.unproved.push(`${one.id}: no code went to ${one.new_address}`);
  const wishedByAnybody = new Set(people.flatMap((one) => [...one.wished]));
  for (const address of world.codesWentTo)
    if (!wishedByAnybody.has(address))
      found.unproved.push(`a code went to ${address}, which nobody asked for`);

  let takenOver = 0;
  for (const id of CONSOLE_IDS)
    takenOver += await lookAtConsole(world, id, { people, accounts, told, confirmed, found });

  const deaths = [world.login, ...CONSOLE_IDS.map((id) => world.consoles[id])].flatMap(
    ({ program }) => program.deaths,
  );
  const undone = changes.filter((one) => one.undone).length;
  return {
    changes: confirmed.length,
    undone,
    takenOver,
    overtaken: events.length * CONSOLE_IDS.length - takenOver,
    zeros: [
      { what: 'people whose address is not the same everywhere', ...counted(found.apart) },
      { what: 'changes lost', ...counted(found.lost) },
      { what: 'changes doubled', ...counted(found.doubled) },
      { what: 'changes out of order', ...counted(found.outOfOrder) },
      { what: 'addresses that nobody asked for', ...counted(found.wrong) },
      { what: 'changes that a console has and the login server has not', ...counted(found.madeUp) },
      { what: 'codes to a wrong mailbox, addresses without a code', ...counted(found.unproved) },
      { what: 'changes that never end', ...counted([...found.stuck, ...tally.stuck]) },
      { what: 'console sessions lost', ...counted(tally.lostSessions) },
      { what: 'programs that ended by themselves', ...counted(deaths) },
      ...(await brokenInvariants(world.login.database, { masterSecret: MASTER_SECRET, now: new Date() })),
    ],
  };
}

type Known = {
  people: readonly DrilledPerson[];
  accounts: ReadonlyMap<string, { id: string; address: string; version: number }>;
  told: ReadonlyMap<string, string>;
  confirmed: readonly { id: string; client_id: string; undone: boolean }[];
  found: Record<'apart' | 'outOfOrder' | 'doubled' | 'wrong' | 'lost' | 'madeUp' | 'stuck', string[]>;
};

async function lookAtConsole(world: LoginIdWorld, id: ConsoleId, known: Known): Promise<number> {
  const { people, accounts, told, confirmed, found } = known;
  const { db } = world.consoles[id];
  const records = new Map(
    (
      await db
        .selectFrom('person')
        .select(['id', 'email_address', 'login_id_version', 'waiting_address'])
        .execute()
    ).map((row) => [row.id, row]),
  );
  const history = await db
    .selectFrom('login_id_history')
    .select(['person_id', 'version', 'address'])
    .orderBy('id')
    .execute();
  const outbox = await db
    .selectFrom('login_id_outbox')
    .select(['key', 'person_id', 'number', 'state', 'reason', 'change_id'])
    .execute();
  const accountOf = new Map<string, { id: string; address: string; version: number }>();
  for (const person of people) {
    const account = accounts.get(person.ids.sms);
    if (account) accountOf.set(person.ids[id], account);
  }

  for (const [userId, account] of accountOf) {
    const record = records.get(userId);
    if (record?.email_address !== account.address || (record.login_id_version ?? 0) !== account.version)
      found.apart.push(
        `${id}: ${record?.email_address} (${record?.login_id_version}), login ID ${account.address} (${account.version})`,
      );
  }
  const last = new Map<string, number>();
  for (const { person_id: userId, version, address } of history) {
    const before = last.get(userId) ?? 0;
    if (version === before) found.doubled.push(`${id}: ${userId} version ${version}`);
    else if (version < before) found.outOfOrder.push(`${id}: ${userId} version ${version} after ${before}`);
    last.set(userId, version);
    if (told.get(`${accountOf.get(userId)?.id} ${version}`) !== address)
      found.wrong.push(`${id}: ${userId} has ${address} as version ${version}`);
  }
  const rows = new Map(outbox.filter((row) => row.change_id !== null).map((row) => [row.change_id, row]));
  if (rows.size !== outbox.filter((row) => row.change_id !== null).length)
    found.doubled.push(`${id}: one change in two rows`);
  for (const change of confirmed.filter((one) => one.client_id === id)) {
    const row = rows.get(change.id);
    const done = row?.state === 'applied' || (change.undone && row?.state === 'ended');
    // A newer change that came first ends the row; its own address was in force at the login server in between.
    if (!done && !(row?.state === 'ended' && row.reason === 'changed-meanwhile'))
      found.lost.push(
        `${id}: ${change.id} was confirmed, its row is ${row?.state ?? 'missing'} ${row?.reason ?? ''}`,
      );
  }
  const ids = new Set(confirmed.map((one) => one.id));
  for (const row of outbox) {
    if (row.state === 'noted' || row.state === 'confirming')
      found.stuck.push(`${id}: change ${row.number} of ${row.person_id} is ${row.state}`);
    if (row.state === 'applied' && !(row.change_id !== null && ids.has(row.change_id)))
      found.madeUp.push(`${id}: change ${row.number} of ${row.person_id}`);
  }
  return history.length;
}

function counted(samples: readonly string[]): { count: number; samples: readonly string[] } {
  return { count: samples.length, samples: samples.slice(0, 5) };
}
