import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freshDatabase } from '../../../test-support/fresh-database.ts';

const DOCS = new URL('../../../docs/operators/', import.meta.url);
const PROGRAM = fileURLToPath(new URL('../bin/hitokagi.js', import.meta.url));
const ISSUER = 'https://login.example.co.jp';

type Example = { script: string; exit: number; output: string | undefined };

let server: ChildProcess;
let folder: string;
let environment: NodeJS.ProcessEnv;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'hitokagi-examples-'));
  const { url } = await freshDatabase();
  const port = await freePort();
  environment = {
    ...process.env,
    DATABASE_URL: url,
    HITOKAGI_ISSUER: `http://localhost:${port}`,
    HITOKAGI_PORT: String(port),
    HITOKAGI_DATA_DIR: folder,
    HITOKAGI_SECRET: 'sample-master-secret-for-examples-0123456789',
    HITOKAGI_SMTP_URL: 'smtp://127.0.0.1:1',
    HITOKAGI_LOG_LEVEL: 'silent',
    LANG: 'en_US.UTF-8',
  };
  server = spawn(process.execPath, [PROGRAM, 'serve'], {
    env: environment,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(server.stdout ?? server, 'data')) as [Buffer];
  expect(line.toString()).toContain('ready login');
}, 60_000);
afterAll(async () => {
  server.kill('SIGTERM');
  await once(server, 'exit');
  rmSync(folder, { recursive: true });
});

/** The fenced examples of a page that are marked as run, each with what it says that comes of it. */
function examplesIn(page: string): Example[] {
  const text = readFileSync(new URL(page, DOCS), 'utf8');
  const fences = [...text.matchAll(/^```(.+)\n([\s\S]*?)^```$/gm)].map(([, words = '', body = '']) => ({
    words,
    body,
  }));
  return fences.flatMap(({ words, body }, at) => {
    if (!words.startsWith('sh run')) return [];
    const next = fences[at + 1];
    return {
      script: body,
      exit: Number(/exit=(\d+)/.exec(words)?.[1] ?? 0),
      output: next?.words === 'text output' ? next.body : undefined,
    };
  });
}

/** Runs examples in one shell, so that a later one has what an earlier one made. */
function run(examples: readonly Example[]): { exit: number; out: string; error: string }[] {
  const read = (name: string) => readFileSync(join(folder, name), 'utf8');
  const parts = examples.map(({ script }, at) => {
    writeFileSync(
      join(folder, `example${at}.sh`),
      script.replaceAll(ISSUER, String(environment.HITOKAGI_ISSUER)),
    );
    return `. ./example${at}.sh > ${at}.out 2> ${at}.error; echo $? > ${at}.exit`;
  });
  const npx = `npx() { shift; "${process.execPath}" "${PROGRAM}" "$@"; }`;
  spawnSync('bash', ['-c', [npx, ...parts].join('\n')], { cwd: folder, env: environment });
  return examples.map((_, at) => ({
    exit: Number(read(`${at}.exit`)),
    out: read(`${at}.out`),
    error: read(`${at}.error`),
  }));
}

describe('R26: the examples of the documentation do what it says', () => {
  it.each(['cli.md', 'api.md'])(
    '%s',
    (page) => {
      const examples = examplesIn(page);
      expect(examples.length).toBeGreaterThan(5);
      for (const [at, { exit, out, error }] of run(examples).entries()) {
        const example = examples[at];
        const told = `${example?.script ?? ''}\n${out}\n${error}`;
        expect(exit, told).toBe(example?.exit);
        if (exit === 0) expect(error.replace(/^npm warn.*$/gm, '').trim(), told).toBe('');
        if (example?.output !== undefined) expect(out, told).toMatch(patternOf(example.output));
      }
    },
    120_000,
  );

  it.each(['cli', 'api'])('%s.ja.md has the same examples', (page) => {
    expect(examplesIn(`${page}.ja.md`)).toEqual(examplesIn(`${page}.md`));
  });
});

/** An output in which … stands for anything. */
function patternOf(output: string): RegExp {
  const parts = output
    .trim()
    .split('…')
    .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(parts.join('[\\s\\S]*'));
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((listening) => probe.listen(0, '127.0.0.1', listening));
  const { port } = probe.address() as AddressInfo;
  await new Promise((closed) => probe.close(closed));
  return port;
}
