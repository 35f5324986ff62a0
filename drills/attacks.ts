import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { grouped, type Report } from './report.ts';

const PROJECT = join(import.meta.dirname, '..');
const LOGIN = 'apps/login';
const KIT = 'packages/console-kit/test';

/** Which tests play each attack of QUALITY.md; the others are drills of their own. */
export const ATTACKS: Readonly<Record<string, { attack: string; tests: readonly string[] }>> = {
  P1: {
    attack: 'redirect tricks',
    tests: [`${LOGIN}/src/web/oidc/redirects.test.ts`, `${KIT}/return-path.test.ts`],
  },
  P2: {
    attack: 'code, refresh, PKCE misuse',
    tests: [`${LOGIN}/src/web/oidc/code-exchange.test.ts`, `${LOGIN}/src/web/oidc/refresh.test.ts`],
  },
  P3: {
    attack: 'altered tokens',
    tests: [
      `${LOGIN}/src/web/oidc/tokens.test.ts`,
      `${KIT}/id-token.test.ts`,
      `${KIT}/logout-token-faults.test.ts`,
    ],
  },
  P4: {
    attack: 'hostile requests',
    tests: [
      `${LOGIN}/test/hostile-input.test.ts`,
      `${LOGIN}/test/hostile-routes.test.ts`,
      `${LOGIN}/test/api-contract.test.ts`,
      'apps/sms-console/test/hostile-routes.test.ts',
      'apps/sms-console/src/web/api/contract.test.ts',
    ],
  },
  C1: { attack: 'guessing in parallel', tests: [`${LOGIN}/src/web/pages/sign-in/throttle.test.ts`] },
  C2: {
    attack: 'counters split or lost',
    tests: [
      `${LOGIN}/src/web/pages/sign-in/throttle.test.ts`,
      `${LOGIN}/src/domain/credentials/sign-in-throttle.test.ts`,
    ],
  },
  C3: { attack: 'locking a victim out', tests: [`${LOGIN}/src/web/pages/sign-in/throttle.test.ts`] },
  C4: {
    attack: 'account discovery',
    tests: [
      `${LOGIN}/src/web/pages/reset/discovery.test.ts`,
      `${LOGIN}/src/web/pages/sign-in/legacy-discovery.test.ts`,
      `${LOGIN}/src/web/pages/sign-in/route.test.ts`,
    ],
  },
  C5: {
    attack: 'discovery by time',
    tests: [
      `${LOGIN}/test/discovery-by-time.test.ts`,
      `${LOGIN}/src/web/pages/sign-in/legacy-discovery.test.ts`,
      `${LOGIN}/src/domain/credentials/password-hash.test.ts`,
    ],
  },
  V1: {
    attack: 'codes guessed, used again, swapped',
    tests: [`${LOGIN}/test/code-attacks.test.ts`, `${LOGIN}/src/web/pages/reset/codes.test.ts`],
  },
  V2: { attack: 'poisoned links', tests: [`${LOGIN}/test/poisoned-links.test.ts`] },
  V3: {
    attack: 'address tricks',
    tests: [`${LOGIN}/test/address-tricks.test.ts`, 'apps/sms-console/test/address-tricks.test.ts'],
  },
  V4: {
    attack: 'secrets in answers, logs, jobs, metrics',
    tests: [
      `${LOGIN}/test/secrets-stay-secret.test.ts`,
      `${LOGIN}/test/cli-secrets.test.ts`,
      'apps/sms-console/test/secrets-stay-secret.test.ts',
      `${LOGIN}/src/web/metrics/metrics.test.ts`,
    ],
  },
  V5: {
    attack: 'mail bombing',
    tests: [`${LOGIN}/test/bulk-mail.test.ts`, `${LOGIN}/src/web/pages/reset/sending-again.test.ts`],
  },
  L4: {
    attack: 'outbound request forgery',
    tests: [`${LOGIN}/test/outbound-forgery.test.ts`, `${LOGIN}/src/support/primitives/outbound.test.ts`],
  },
  L5: {
    attack: 'forced logout, fixation, return race',
    tests: [
      `${LOGIN}/src/web/oidc/forced-logout.test.ts`,
      `${LOGIN}/src/web/oidc/sessions.test.ts`,
      `${KIT}/logout.test.ts`,
    ],
  },
  M6: { attack: 'notice duty', tests: [`${LOGIN}/test/notice-duty.test.ts`] },
  A1: {
    attack: 'rights, mass assignment',
    tests: [`${LOGIN}/src/web/operator/rights.test.ts`, `${LOGIN}/test/api-contract.test.ts`],
  },
  A2: {
    attack: 'cross-site requests, script injection in Chromium',
    tests: [
      `${LOGIN}/src/web/http/refusals.test.ts`,
      `${LOGIN}/test/routes.test.ts`,
      'journeys/operator-every-page.test.ts',
    ],
  },
  A3: {
    attack: 'altered audit log',
    tests: [`${LOGIN}/src/support/audit/chain.test.ts`, `${LOGIN}/test/audit-of-a-day.test.ts`],
  },
};

type Outcome = {
  name: string;
  assertionResults: {
    status: string;
    fullName: string;
    duration?: number | null;
    failureMessages?: string[] | null;
  }[];
};

/**
 * P1–P4, C1–C5, V1–V5, L4, L5, A1–A3, M6: plays the attacks of the tests one file after the other, and says for each row what came of it.
 * @param of.seed what tests that draw at random draw from
 * @param of.full in the full sizes, which take hours; those of CI otherwise
 * @param of.rows only these
 */
export async function drillAttacks(of: {
  full: boolean;
  seed: number;
  rows: readonly string[];
  tell(line: string): void;
}): Promise<Report> {
  const begun = performance.now();
  const rows = Object.entries(ATTACKS).filter(([row]) => of.rows.length === 0 || of.rows.includes(row));
  const files = [...new Set(rows.flatMap(([, { tests }]) => tests))];
  of.tell(`${files.length} files of tests, one after the other${of.full ? ', in full sizes' : ''} …`);
  const unknown = of.rows.filter((row) => !(row in ATTACKS));
  const outcomes = files.length === 0 ? [] : await runTests(files, of);
  const resultsOf = (tests: readonly string[]) =>
    outcomes
      .filter(({ name }) => tests.includes(relative(PROJECT, name)))
      .flatMap((one) => one.assertionResults);
  const failed = rows.flatMap(([row, { tests }]) =>
    resultsOf(tests)
      .filter(({ status }) => status === 'failed')
      // A machine that does much else may miss the time of a test: then that is what this says.
      .map(
        ({ fullName, failureMessages }) =>
          `${row}: ${fullName}: ${failureMessages?.[0]?.split('\n')[0] ?? ''}`,
      ),
  );
  const invariants = outcomes
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(({ fullName }) => fullName.includes('invariants of the database'));
  const silent = rows.filter(([, { tests }]) => !resultsOf(tests).some(({ status }) => status === 'passed'));
  return {
    title: 'Drill: attacks',
    lead: [
      `The attacks that tests play, ${of.full ? 'in full sizes (--full)' : 'in the sizes of CI; --full plays the full ones'}: --seed ${of.seed}.`,
      invariants.length === 0
        ? 'The invariants of the database were not read: that belongs to row P4.'
        : `After the requests to every route the invariants of the database ${invariants.every(({ status }) => status === 'passed') ? 'hold' : 'are broken'}.`,
    ],
    tables: [
      {
        title: 'Rows',
        head: ['row', 'attack', 'tests passed', 'failed'],
        rows: rows.map(([row, { attack, tests }]) => [
          row,
          attack,
          grouped(resultsOf(tests).filter(({ status }) => status === 'passed').length),
          grouped(resultsOf(tests).filter(({ status }) => status === 'failed').length),
        ]),
      },
    ],
    zeros: [
      { what: 'attacks that came through', count: failed.length, samples: failed.slice(0, 20) },
      { what: 'rows of which nothing ran', count: silent.length, samples: silent.map(([row]) => row) },
      { what: 'rows that tests do not play', count: unknown.length, samples: unknown },
      { what: 'files that could not be run', count: files.length - outcomes.length },
    ],
    seconds: (performance.now() - begun) / 1_000,
  };
}

async function runTests(
  files: readonly string[],
  { full, seed }: { full: boolean; seed: number },
): Promise<readonly Outcome[]> {
  const folder = await mkdtemp(join(tmpdir(), 'hitokagi-drill-attacks-'));
  const found = join(folder, 'found.json');
  try {
    const run = spawn(
      process.execPath,
      [
        join(PROJECT, 'node_modules/vitest/vitest.mjs'),
        // What comes of an attack is asked here, not how fast this machine is.
        ...[
          'run',
          '--maxWorkers',
          '1',
          '--testTimeout',
          '300000',
          '--reporter',
          'json',
          '--outputFile',
          found,
        ],
        ...files,
      ],
      {
        cwd: PROJECT,
        stdio: ['ignore', 'ignore', 'inherit'],
        env: {
          ...process.env,
          HITOKAGI_SEED: String(seed),
          ...(full ? { HITOKAGI_FULL_CAMPAIGN: '1' } : {}),
        },
      },
    );
    await once(run, 'exit');
    return (JSON.parse(await readFile(found, 'utf8')) as { testResults: Outcome[] }).testResults;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
