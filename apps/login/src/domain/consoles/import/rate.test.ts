import { afterAll, beforeAll, test } from 'vitest';
import { openImportWorld, type ImportWorld } from './test-world.ts';

let world: ImportWorld;
beforeAll(async () => {
  world = await openImportWorld();
});
afterAll(() => world.close());

test(
  'R20: 100,000 people are imported, and imported again; the times are printed',
  { timeout: 300_000 },
  async ({ expect }) => {
    const file = peopleFile(100_000);
    const first = await timed('first import', () => world.imported(file));
    expect(first.report).toMatchObject({ rowsRead: 100_000, created: 100_000, refused: 0 });
    const again = await timed('the same again', () => world.imported(file));
    expect(again.report).toMatchObject({ rowsRead: 100_000, unchanged: 100_000, created: 0 });
  },
);

function peopleFile(rows: number): Buffer {
  const lines = Array.from(
    { length: rows },
    (_, index) =>
      `${100_000 + index},user${index}@mihon-${index % 997}.example.co.jp,見本 太郎 ${index},"見本商事 ${index % 997} 株式会社",ja`,
  );
  return Buffer.from(['ユーザーID,メールアドレス,氏名,会社名,言語', ...lines, ''].join('\r\n'));
}

async function timed<T extends { report: { rowsRead: number } }>(
  what: string,
  work: () => Promise<T>,
): Promise<T> {
  const started = performance.now();
  const result = await work();
  const seconds = (performance.now() - started) / 1_000;
  console.log(`${what}: ${seconds.toFixed(1)} s, ${Math.round(result.report.rowsRead / seconds)} rows/s`);
  return result;
}
