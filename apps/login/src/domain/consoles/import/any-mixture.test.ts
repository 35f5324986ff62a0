import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RefusalReason } from './refusals.ts';
import { openImportWorld, type ImportWorld } from './test-world.ts';

let world: ImportWorld;
beforeAll(async () => {
  world = await openImportWorld();
});
afterAll(() => world.close());

type Cells = { id: string; address: string; name: string };
type File = { console: 'sms' | 'mail'; rows: Cells[] };

/** Few ids and addresses, so that they meet; spellings of one address, and rows with faults of their own. */
const cells: fc.Arbitrary<Cells> = fc.record({
  id: fc.oneof(
    { weight: 9, arbitrary: fc.constantFrom('1', '2', '3', '4', '5', 'A', 'a') },
    fc.constantFrom('', ' '),
  ),
  address: fc.oneof(
    {
      weight: 9,
      arbitrary: fc
        .tuple(
          fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
          fc.constantFrom('@example.co.jp', '@EXAMPLE.co.jp', '＠example.co.jp', '@example.co.jp '),
        )
        .chain(([local, domain]) => fc.constantFrom(`${local}${domain}`, `${local.toUpperCase()}${domain}`)),
    },
    fc.constantFrom('', 'none', 'a@@example.co.jp', 'a b@example.co.jp'),
  ),
  name: fc.constantFrom('', '見本', '別名'),
});
const files: fc.Arbitrary<File[]> = fc.array(
  fc.record({ console: fc.constantFrom('sms', 'mail'), rows: fc.array(cells, { maxLength: 15 }) }),
  { minLength: 1, maxLength: 4 },
);

test(
  'R20: any mixture of rows and files ends with one account an address and one link an id, as the rules say',
  { timeout: 120_000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(files, async (mixture) => {
        await world.clear();
        const model = rules();
        for (const file of mixture) {
          const text = [
            'id,email,name',
            ...file.rows.map((row) => `${row.id},${row.address},${row.name}`),
            '',
          ].join('\n');
          const dry = await world.imported(text, { consoleId: world[file.console], dryRun: true });
          const real = await world.imported(text, { consoleId: world[file.console] });
          const wanted = model.take(file);
          expect(counts(real)).toEqual(wanted);
          expect(counts(dry)).toEqual(wanted);
          expect(
            (await world.people()).map(({ address, name, links }) => [address.toLowerCase(), name, links]),
          ).toEqual(model.people());

          const before = await world.people();
          const again = await world.imported(text, { consoleId: world[file.console] });
          expect(counts(again)).toEqual({
            ...wanted,
            created: 0,
            linked: 0,
            filled: 0,
            unchanged: wanted.created + wanted.linked + wanted.filled + wanted.unchanged,
          });
          expect(await world.people()).toEqual(before);
        }
      }),
      { numRuns: 60 },
    );
  },
);

type Outcome = { created: number; linked: number; filled: number; unchanged: number; refusals: string[] };

function counts({ report, refusals }: Awaited<ReturnType<ImportWorld['imported']>>): Outcome {
  const { created, linked, filled, unchanged } = report;
  return {
    created,
    linked,
    filled,
    unchanged,
    refusals: refusals.map(({ line, reason }) => `${line} ${reason}`),
  };
}

/** R20 once more, row by row and in memory. */
function rules() {
  const accounts = new Map<string, { name: string; links: Map<string, string> }>();
  return {
    take(file: File): Outcome {
      const outcome: Outcome = { created: 0, linked: 0, filled: 0, unchanged: 0, refusals: [] };
      const seen = new Set<string>();
      for (const [index, row] of file.rows.entries()) {
        if (row.id.trim() === '' && row.address === '' && row.name === '') continue;
        const reasons = refusalsOf(file.console, row, seen);
        outcome.refusals.push(...reasons.map((reason) => `${index + 2} ${reason}`));
        if (reasons.length === 0) outcome[apply(file.console, row)]++;
      }
      return outcome;
    },
    people: () =>
      [...accounts]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, { name, links }]) => [
          key,
          name,
          [...links].map(([console, id]) => `${console}:${id}`).sort(),
        ]),
  };

  function refusalsOf(console: string, row: Cells, seen: Set<string>): RefusalReason[] {
    const faults: RefusalReason[] = [];
    const key = keyOf(row);
    if (row.id.trim() === '') faults.push('id-missing');
    if (row.address === '') faults.push('address-missing');
    else if (!/^[a-f]@example\.co\.jp$/.test(key)) faults.push('address-malformed');
    if (faults.length > 0) return faults;
    if (seen.has(row.id)) return ['id-repeated'];
    if (seen.has(key)) return ['address-repeated'];
    seen.add(row.id).add(key);
    const known = [...accounts].find(([, account]) => account.links.get(console) === row.id)?.[0];
    if (known !== undefined) return known === key ? [] : ['address-differs'];
    return accounts.get(key)?.links.has(console) ? ['address-of-another-user'] : [];
  }

  function apply(console: string, row: Cells): 'created' | 'linked' | 'filled' | 'unchanged' {
    const account = accounts.get(keyOf(row));
    if (!account) {
      accounts.set(keyOf(row), { name: row.name, links: new Map([[console, row.id]]) });
      return 'created';
    }
    const isFilled = account.name === '' && row.name !== '';
    account.name ||= row.name;
    const isLinked = account.links.has(console);
    account.links.set(console, row.id);
    return !isLinked ? 'linked' : isFilled ? 'filled' : 'unchanged';
  }
}

function keyOf(row: Cells): string {
  return row.address.normalize('NFKC').trim().toLowerCase();
}
