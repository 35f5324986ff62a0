import { foundIn } from '../../test-support/secret-forms.ts';
import { MASTER_SECRET } from '../master-secret.ts';
import { UNIFIED_PASSWORD } from '../people.ts';
import type { Zero } from '../report.ts';
import type { NodesWorld } from './world.ts';

/** Of secrets of one kind so many are looked for in all their forms; each form is a search through everything. */
const OF_A_KIND = 12;
const MAILS = 'the mails';
const PAGES = 'the pages';

/**
 * V4: searches what the nodes have logged, every row of the database, jobs and audit log included, the mails and the pages for what the campaign used: passwords, codes, cookies, the console's secret, the
 * master secret, in clear, escaped, in hex and in Base64. A code belongs into its mail, and one that was typed stays in its field.
 * @param used secrets by what they are
 */
export async function secretsFound(
  { nodes, database, console, mail, balancer }: NodesWorld,
  used: ReadonlyMap<string, string>,
): Promise<{ zero: Zero; said: string }> {
  const places: [string, string][] = [
    ['the logs', nodes.map((node) => node.said()).join('\n')],
    [MAILS, mail.taken.map(({ text }) => text).join('\n')],
    [PAGES, balancer.pages()],
    ...(await tablesOf(database)),
  ];
  const secrets = [
    ['the password', UNIFIED_PASSWORD],
    ['the console’s secret', console.clientSecret],
    ['the master secret', MASTER_SECRET],
    ...fewOfEach(used),
  ] as const;
  const found: string[] = [];
  for (const [what, secret] of secrets)
    for (const [place, text] of places) {
      const isCode = /^\d{8}$/.test(secret);
      if (isCode && (place === MAILS || place === PAGES)) continue;
      if (isCode ? hasCode(text, secret) : foundIn(text, secret) !== undefined)
        found.push(`${what} in ${place}`);
    }
  const length = places.reduce((sum, [, text]) => sum + text.length, 0);
  const empty = places.slice(0, 3).filter(([, text]) => text === '');
  return {
    zero: {
      what: 'secrets in logs, tables, mails and pages',
      count: found.length + empty.length,
      samples: [...found.slice(0, 5), ...empty.map(([place]) => `there is nothing in ${place}`)],
    },
    said: `Secrets: ${secrets.length} were looked for in ${(length / 1024 / 1024).toFixed(1)} MiB of logs, rows, mails and pages.`,
  };
}

/** Codes are digits, and other numbers hold the same by chance: it counts where it stands by itself. */
function hasCode(text: string, code: string): boolean {
  return new RegExp(`(?<![\\w.:-])${code.slice(0, 4)} ?${code.slice(4)}(?![\\w.:-])`).test(text);
}

function fewOfEach(used: ReadonlyMap<string, string>): [string, string][] {
  const kinds = new Map<string, [string, string][]>();
  for (const [what, secret] of used) {
    const kind = what.split(' of ')[0] ?? what;
    kinds.set(kind, [...(kinds.get(kind) ?? []), [what, secret]]);
  }
  return [...kinds.values()].flatMap((all) => all.slice(-OF_A_KIND));
}

async function tablesOf({ pool }: NodesWorld['database']): Promise<[string, string][]> {
  const { rows: tables } = await pool.query<{ name: string }>(
    `select quote_ident(table_schema) || '.' || quote_ident(table_name) as name from information_schema.tables
     where table_schema in ('public', 'jobs') and table_type = 'BASE TABLE' order by 1`,
  );
  const found: [string, string][] = [];
  for (const { name } of tables) {
    const { rows } = await pool.query<{ text: string }>(`select t::text as text from ${name} t`);
    found.push([name, rows.map(({ text }) => text).join('\n')]);
  }
  return found;
}
