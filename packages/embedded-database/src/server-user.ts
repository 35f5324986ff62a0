import { readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { EmbeddedDatabaseError } from './errors.ts';

/** Who the server runs as. `switches`: we are root and have to become this user. */
export type ServerUser = { uid: number; gid: number; switches: boolean };

/**
 * Who runs the server. PostgreSQL refuses to run as root, so root's servers run as the owner of the cluster that is
 * there, else as `postgres`, else as `nobody`; everybody else's run as themselves.
 * Throws `no-unprivileged-user`, `cluster-of-another-user`.
 */
export function chooseServerUser(existingCluster: string | null): ServerUser {
  const owner = existingCluster ? statSync(existingCluster) : null;
  const me = { uid: process.getuid?.() ?? -1, gid: process.getgid?.() ?? -1 };
  if (me.uid !== 0) {
    if (owner && owner.uid !== me.uid)
      throw new EmbeddedDatabaseError('cluster-of-another-user', existingCluster ?? '');
    return { ...me, switches: false };
  }
  if (owner && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid, switches: true };
  const found = fromPasswd('postgres') ?? fromPasswd('nobody');
  if (!found) throw new EmbeddedDatabaseError('no-unprivileged-user', '');
  return { ...found, switches: true };
}

/** Throws `user-without-name` when initdb would not find a name for the user, as under `docker run --user 1234`. */
export function requireUserName(user: ServerUser): void {
  if (!passwdLines().some((fields) => Number(fields[2]) === user.uid) && !user.switches) {
    throw new EmbeddedDatabaseError('user-without-name', String(user.uid));
  }
}

/**
 * The outermost folder on the way to `path` (or `path` itself) that the user may not enter or read, or `null` when the
 * way is free. Looks at owner, group and others; access control lists are not looked at. `path` must exist and be absolute.
 */
export function firstClosedFolder(path: string, user: Pick<ServerUser, 'uid' | 'gid'>): string | null {
  const parent = dirname(path);
  const above = parent === path ? null : firstClosedFolder(parent, user);
  if (above) return above;
  const { uid, gid, mode } = statSync(path);
  const bits = uid === user.uid ? mode >> 6 : gid === user.gid ? mode >> 3 : mode;
  const wanted = statSync(path).isDirectory() ? 0o1 : 0o4;
  return (bits & wanted) === wanted ? null : path;
}

function fromPasswd(name: string): { uid: number; gid: number } | null {
  const fields = passwdLines().find((line) => line[0] === name);
  return fields ? { uid: Number(fields[2]), gid: Number(fields[3]) } : null;
}

function passwdLines(): string[][] {
  return readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
}
