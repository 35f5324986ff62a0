import { afterAll, beforeAll, expect, test } from 'vitest';
import { receiveFile } from '#domain/consoles/import/receive.ts';
import { judgeHash, NOW, openImportWorld, type ImportWorld } from '#domain/consoles/import/test-world.ts';
import { workOnUpload } from '#domain/consoles/import/upload-work.ts';
import { importsCommand } from './imports.ts';

let world: ImportWorld;
beforeAll(async () => {
  world = await openImportWorld();
});
afterAll(() => world.close());

const jobs = { enqueue: async () => undefined };

async function run(...args: string[]): Promise<{ output: string; errors: string; code: number }> {
  let output = '';
  let errors = '';
  process.exitCode = 0;
  const command = importsCommand({
    openDatabase: async () => world.database,
    clock: () => NOW,
    locale: 'ja',
    output: { write: (text: string) => (output += text) },
    errors: { write: (text: string) => (errors += text) },
  });
  await command.parseAsync(args, { from: 'user' });
  const code = Number(process.exitCode);
  process.exitCode = 0;
  return { output, errors, code };
}

test('R26: hitokagi imports shows what was handed in anywhere, starts and cancels it; control characters do nothing', async () => {
  expect((await run('list')).output).toContain('Nothing was imported yet');
  await world.imported('id,email\n1,a@example.co.jp\n', { fileName: 'cli\u001b[2J.csv' });
  const of = { consoleId: world.mail, fileName: 'up.csv', actor: 'operator:acc_x', clock: () => NOW };
  const file = async function* () {
    yield Buffer.from('id,email\n2,b@@example.co.jp\n3,c@example.co.jp\n');
  };
  const received = await receiveFile(world.database.db, jobs, of, file());
  const id = received.ok ? received.id : '';
  const work = { db: world.database.db, jobs, judgeHash, clock: () => NOW, isStopping: () => false };
  expect((await run('start', id)).errors).toContain('cannot be started');
  await workOnUpload(work, id);
  const list = await run('list');
  expect(list.output.trim().split('\n')).toHaveLength(2);
  expect(list.output).not.toContain('\u001b');
  expect(list.output).toContain('would be new 1');
  expect((await run('list', '--console', 'sms')).output).not.toContain('up.csv');
  expect(await run('list', '--console', 'none')).toMatchObject({ code: 1 });
  expect((await run('show', id)).output).toContain('2\t「b@@example.co.jp」は');
  expect(JSON.parse((await run('show', id, '--json')).output)).toMatchObject({
    state: 'checked',
    refusals: [{ line: 2 }],
  });
  expect((await run('start', id)).output).toContain('is imported in the background');
  await workOnUpload(work, id);
  expect(JSON.parse((await run('list', '--console', 'mail', '--json')).output)).toMatchObject([
    { id, state: 'imported', startedBy: 'operator:cli' },
  ]);
  expect(await run('cancel', id)).toMatchObject({ code: 1, errors: `${id} has ended already.\n` });
  expect(await run('cancel', 'imp_none')).toMatchObject({ code: 1 });
  expect(await run('show', 'imp_none')).toMatchObject({ code: 1 });
});
