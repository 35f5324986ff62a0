import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { serverPrograms } from './processes.ts';

export type Member = { name: string; port: number; restPort: number; folder: string };

const EXAMPLES = new URL('../../deploy/patroni/', import.meta.url);

/** deploy/patroni/patroni.yml with the addresses and folders of one member of the drill. */
export async function memberSettings(member: Member, etcdPort: number, password: string): Promise<string> {
  const example = parse(await readFile(new URL('patroni.yml', EXAMPLES), 'utf8')) as {
    postgresql: { authentication: { superuser: object } };
  };
  const rest = `127.0.0.1:${member.restPort}`;
  const database = `127.0.0.1:${member.port}`;
  const { authentication } = example.postgresql;
  return stringify({
    ...example,
    name: member.name,
    restapi: { listen: rest, connect_address: rest },
    etcd3: { hosts: [`127.0.0.1:${etcdPort}`] },
    postgresql: {
      ...example.postgresql,
      listen: database,
      connect_address: database,
      data_dir: join(member.folder, 'data'),
      bin_dir: serverPrograms(),
      pgpass: join(member.folder, 'pgpass'),
      parameters: { unix_socket_directories: member.folder },
      authentication: { ...authentication, superuser: { ...authentication.superuser, password } },
      pg_hba: [
        'local all all trust',
        'host replication replicator 127.0.0.1/32 scram-sha-256',
        'host all all 127.0.0.1/32 scram-sha-256',
      ],
    },
  });
}

/** deploy/patroni/haproxy.cfg with the addresses of the drill, and the login servers behind the same HAProxy. */
export async function proxySettings(
  members: readonly Member[],
  databasePort: number,
  web: { port: number; nodes: readonly number[] },
): Promise<string> {
  let text = replaced(
    await readFile(new URL('haproxy.cfg', EXAMPLES), 'utf8'),
    /bind 127\.0\.0\.1:5000$/m,
    `bind 127.0.0.1:${databasePort}`,
  );
  for (const { name, port, restPort } of members)
    text = replaced(
      text,
      new RegExp(`server ${name} \\S+ check port \\d+`),
      `server ${name} 127.0.0.1:${port} check port ${restPort}`,
    );
  return `${text}
listen login
    mode http
    bind 127.0.0.1:${web.port}
    option httpchk GET /readyz
    http-check expect status 200
    default-server inter 1s fall 2 rise 1
${web.nodes.map((port, i) => `    server node${i + 1} 127.0.0.1:${port} check`).join('\n')}
`;
}

function replaced(text: string, what: RegExp, by: string): string {
  if (!what.test(text)) throw new Error(`The example has no ${String(what)}.`);
  return text.replace(what, by);
}
