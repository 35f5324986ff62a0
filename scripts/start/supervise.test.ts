import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openEmbeddedDatabase, removeEmbeddedDatabase } from '@hitokagi/embedded-database';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

// The real supervisor in a process of its own, with small programs in the place of ours.

const port = 5190;
const here = import.meta.dirname;
let home: string;
let dataFolder: string;
let starts: ChildProcess[];

beforeEach(() => {
  home = mkdtempSync('/tmp/hitokagi-start-');
  chmodSync(home, 0o755); // or the database of a start by root would lie elsewhere, and be missed by `processes`
  dataFolder = join(home, 'data');
  starts = [];
});

afterEach(async () => {
  for (const start of starts) if (start.exitCode === null) start.kill('SIGKILL');
  for (const pid of processes()) process.kill(pid, 'SIGKILL');
  await removeEmbeddedDatabase(dataFolder).catch(() => undefined);
  rmSync(home, { recursive: true, force: true });
});

describe('npm start', { timeout: 90_000 }, () => {
  test('starts everything, says so, and ends it in order on a Ctrl-C that the whole terminal gets', async () => {
    const start = await started();
    expect(start.output()).toContain('welcome');
    expect(happenings().slice(0, 3)).toEqual(['planned', 'login ready', 'console ready']);

    process.kill(-(start.process.pid ?? 0), 'SIGINT');
    expect(await start.exitCode()).toBe(0);
    expect(happenings().slice(3)).toEqual([
      'console stops',
      'console stopped',
      'login stops',
      'login stopped',
    ]);
    expect(start.output()).toContain('終了しました。');
    expect(processes()).toEqual([]);
    expect(existsSync(join(dataFolder, 'running.json'))).toBe(false);
  });

  test('prepares the sample data once and keeps the data from one start to the next', async () => {
    for (const expected of [['first', 'every'], ['every']]) {
      writeFileSync(join(home, 'happenings'), '');
      const start = await started({ preparation: true });
      expect(happenings().filter((line) => ['first', 'every'].includes(line))).toEqual(expected);
      start.process.kill('SIGTERM');
      expect(await start.exitCode()).toBe(0);
    }
  });

  test('with --fresh begins anew', async () => {
    const first = await started();
    first.process.kill('SIGTERM');
    await first.exitCode();
    writeFileSync(join(dataFolder, 'something'), '');
    const fresh = await started({ fresh: true });
    expect(existsSync(join(dataFolder, 'something'))).toBe(false);
    expect(happenings().filter((line) => line === 'planned')).toHaveLength(2);
    fresh.process.kill('SIGTERM');
    expect(await fresh.exitCode()).toBe(0);
  });

  test('with --fresh leaves a folder alone that it has not made', async () => {
    mkdirSync(dataFolder);
    writeFileSync(join(dataFolder, 'letters'), '');
    const start = launched({ fresh: true });
    expect(await start.exitCode()).toBe(1);
    expect(start.output()).toContain('holds things that npm start did not make');
    expect(existsSync(join(dataFolder, 'letters'))).toBe(true);
  });

  test('ends everything and says what a program said last when that program dies', async () => {
    const start = await started({
      login: 'setTimeout(() => { console.error("no paper left"); process.exit(7); }, 300)',
    });
    expect(await start.exitCode()).toBe(1);
    expect(start.output()).toContain('login が終了しました (exit code 7)');
    expect(start.output()).toContain('login ended (exit code 7)');
    expect(start.output()).toContain('| no paper left');
    expect(start.output()).toContain(join(dataFolder, 'logs', 'login.log'));
    expect(processes()).toEqual([]);
  });

  test('says which step of the preparation failed, and starts no program', async () => {
    const start = launched({ preparation: true, firstStep: 'console.error("a bad row"); process.exit(3)' });
    expect(await start.exitCode()).toBe(1);
    expect(start.output()).toContain('The preparing step "first" failed');
    expect(start.output()).toContain('| a bad row');
    expect(happenings().join()).not.toContain('ready');
    expect(processes()).toEqual([]);
  });

  test('ends early on a signal in the middle of the preparation', async () => {
    const start = launched({
      preparation: true,
      firstStep: 'console.log("at work"); setInterval(() => {}, 1000)',
    });
    await expect
      .poll(() => existsSync(join(dataFolder, 'logs', 'first.log')), { timeout: 60_000 })
      .toBe(true);
    start.process.kill('SIGINT');
    expect(await start.exitCode()).toBe(0);
    expect(processes()).toEqual([]);
  });

  test('ends when the shell that npm puts before it dies of the SIGTERM that npm passes on', async () => {
    const start = await started({ inShell: true });
    expect(processes().length).toBeGreaterThan(4);
    start.process.kill('SIGTERM');
    await expect.poll(processes, { timeout: 20_000 }).toEqual([]);
  });

  test('ends at once on a second Ctrl-C, also what does not listen', async () => {
    const start = await started({ login: 'process.on("SIGTERM", () => {})' });
    start.process.kill('SIGINT');
    await sleep(1500);
    expect(start.process.exitCode).toBe(null);
    const asked = performance.now();
    start.process.kill('SIGINT');
    expect(await start.exitCode()).toBe(0);
    expect(performance.now() - asked).toBeLessThan(3000);
    expect(processes()).toEqual([]);
  });

  test('after kill -9 the next start ends what was left and takes the database over', async () => {
    const killed = await started();
    killed.process.kill('SIGKILL');
    await killed.exitCode();
    const left = processes();
    expect(left.length).toBeGreaterThan(2);

    const next = await started();
    expect(next.output()).toContain('took over a running PostgreSQL');
    next.process.kill('SIGTERM');
    expect(await next.exitCode()).toBe(0);
    expect(processes()).toEqual([]);
  });

  test('a second start with the same data folder is refused and leaves the first alone', async () => {
    const first = await started();
    const second = launched({ port: port + 1 });
    expect(await second.exitCode()).toBe(1);
    expect(second.output()).toContain(`is in use by a running start (process ${first.process.pid})`);
    first.process.kill('SIGTERM');
    expect(await first.exitCode()).toBe(0);
  });

  test('a database that another program keeps is not relied on', async () => {
    const other = await openEmbeddedDatabase({ dataFolder });
    const start = launched();
    expect(await start.exitCode()).toBe(1);
    expect(start.output()).toContain(`The database in ${dataFolder} is kept by another program`);
    expect(await other.createDatabase('still_there')).toBe(true);
    await other.stop();
  });

  test('a port that is taken is named before anything is made', async () => {
    const other = createServer().listen(port, '0.0.0.0');
    await once(other, 'listening');
    const start = launched();
    expect(await start.exitCode()).toBe(1);
    other.close();
    expect(start.output()).toContain(`ポート ${port} (login) はほかのプログラムが使っています`);
    expect(start.output()).toContain(`Port ${port} (login) is used by another program`);
    expect(start.output()).toContain('HITOKAGI_PORT_BASE');
    expect(existsSync(dataFolder)).toBe(false);
  });

  test('a data folder that cannot be written is named', async () => {
    writeFileSync(dataFolder, '');
    const start = launched();
    expect(await start.exitCode()).toBe(1);
    expect(start.output()).toContain(`データフォルダー ${dataFolder} に書き込めません`);
    expect(start.output()).toContain(`The data folder ${dataFolder} cannot be written`);
  });
});

type StandIn = {
  port?: number;
  fresh?: boolean;
  preparation?: boolean;
  firstStep?: string;
  login?: string;
  inShell?: boolean;
};

async function started(options: StandIn = {}) {
  const start = launched(options);
  await expect.poll(start.output, { timeout: 60_000 }).toContain('welcome');
  return start;
}

function launched(options: StandIn = {}) {
  const file = join(home, 'stand-in.ts');
  writeFileSync(file, standIn(options));
  const shell = ['/bin/sh', '-c', `${process.execPath} ${file}; true`];
  const [command = '', ...args] = options.inShell ? shell : [process.execPath, file];
  const child = spawn(command, args, { detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  starts.push(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (text: Buffer) => (output += text.toString()));
  const exited = once(child, 'close') as Promise<[number | null]>;
  return { process: child, output: () => output, exitCode: async () => (await exited)[0] };
}

/** What the stand-ins wrote down, in the order in which it happened. */
function happenings(): string[] {
  return readFileSync(join(home, 'happenings'), 'utf8').split('\n').filter(Boolean);
}

/** All living processes that have something to do with this test's folder, without zombies. */
function processes(): number[] {
  return execFileSync('ps', ['-eo', 'pid,stat,args', '-ww'], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line.includes(home) && !/^ *\d+ Z/.test(line))
    .map((line) => Number.parseInt(line, 10));
}

/** A program that calls the supervisor with stand-ins: a console that is slow to stop, and a login. */
function standIn(options: StandIn): string {
  const note = (what: string) =>
    `require("fs").appendFileSync(${JSON.stringify(join(home, 'happenings'))}, "${what}\\n");`;
  const program = (name: string, more = '') =>
    `${note(`${name} ready`)} setInterval(() => {}, 1000); console.log("ready ${name} x"); ${more};`;
  const stops = (name: string, after: number) =>
    `process.on("SIGTERM", () => { ${note(`${name} stops`)} setTimeout(() => { ${note(`${name} stopped`)} process.exit(0) }, ${after}) })`;
  const code = {
    console: program('console', stops('console', 300)),
    login: program('login', options.login ?? stops('login', 10)),
    first: options.firstStep ? `${note('at work')} ${options.firstStep}` : note('first'),
    every: note('every'),
  };
  const config = {
    projectFolder: home,
    dataFolder,
    portBase: 1,
    fresh: options.fresh ?? false,
    isNpmScript: true,
    environment: {},
  };
  return `
    import { createRequire } from 'node:module';
    import { chmodSync, existsSync, writeFileSync } from 'node:fs';
    import { listenForStop } from ${JSON.stringify(join(here, 'stop-signals.ts'))};
    import { supervise } from ${JSON.stringify(join(here, 'supervise.ts'))};
    const require = createRequire(import.meta.url);
    const code = ${JSON.stringify(code)};
    const program = (name) => ({ name, args: ['--eval', code[name]], environment: {} });
    const done = ${JSON.stringify(join(dataFolder, 'done'))};
    process.exitCode = await supervise(${JSON.stringify(config)}, {
      ports: { login: ${options.port ?? port} },
      plan: async (databaseUrl) => {
        ${note('planned')}
        const first = existsSync(done) ? [] : [[program('first')]];
        return {
          databases: ['one', 'two', 'three'],
          preparation: ${options.preparation ?? false} ? [...first, [program('every')]] : [],
          programs: [[program('console')], [program('login')]],
        };
      },
      prepared: async () => writeFileSync(done, ''),
      welcome: async () => 'welcome',
    }, listenForStop({ endsWithParent: true }), { say: console.log, complain: console.error });
    process.exit();
  `;
}
