import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const PROJECT = resolve(import.meta.dirname, '../..');

/** A forbidden import for each rule: the file that imports, and what it imports. */
const FORBIDDEN: Readonly<Record<string, readonly [from: string, to: string]>> = {
  'domain-does-not-know-web': ['apps/login/src/domain/accounts/a.ts', 'apps/login/src/web/http/b.ts'],
  'support-does-not-know-the-product': [
    'apps/login/src/support/mail/a.ts',
    'apps/login/src/domain/accounts/b.ts',
  ],
  'web-does-not-wire': ['apps/login/src/web/pages/a.ts', 'apps/login/src/app.ts'],
  'web-siblings-oidc': ['apps/login/src/web/oidc/c.ts', 'apps/login/src/web/pages/b.ts'],
  'web-siblings-pages': ['apps/login/src/web/pages/c.ts', 'apps/login/src/web/api/b.ts'],
  'web-siblings-api': ['apps/login/src/web/api/c.ts', 'apps/login/src/web/oidc/b.ts'],
  'web-http-stands-alone': ['apps/login/src/web/http/c.ts', 'apps/login/src/web/pages/d.ts'],
  'domain-order-accounts': ['apps/login/src/domain/accounts/c.ts', 'apps/login/src/domain/logout/b.ts'],
  'domain-order-verification': [
    'apps/login/src/domain/verification/c.ts',
    'apps/login/src/domain/sign-in/b.ts',
  ],
  'support-order-primitives': ['apps/login/src/support/primitives/c.ts', 'apps/login/src/support/db/b.ts'],
  'apps-do-not-know-apps': ['apps/sms-console/src/a.ts', 'apps/login/src/domain/accounts/d.ts'],
  'machine-api-stands-alone': [
    'apps/sms-console/src/web/api/a.ts',
    'apps/sms-console/src/domain/legacy-login/b.ts',
  ],
  'packages-do-not-know-apps': ['packages/design-system/src/a.ts', 'apps/mailbox/src/b.ts'],
  'kit-stands-alone': ['packages/console-kit/src/a.ts', 'packages/design-system/src/b.ts'],
  'packages-through-their-entry': ['apps/sms-console/src/c.ts', 'packages/console-kit/src/inner.ts'],
  'no-tests-in-programs': ['apps/mailbox/src/c.ts', 'apps/mailbox/test/helper.ts'],
};

type Violation = { rule: { name: string }; from: string; to: string };

describe('the boundary rules', () => {
  let folder: string;
  let violations: readonly Violation[];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hitokagi-boundaries-'));
    for (const file of ['.dependency-cruiser.cjs', 'tsconfig.json'])
      await copyFile(join(PROJECT, file), join(folder, file));
    for (const [from, to] of Object.values(FORBIDDEN)) {
      await place(to, 'export const there = 1;\n');
      await place(
        from,
        `import { there } from '/${to}';\nexport const here = there;\n`.replace(
          "'/",
          `'${'../'.repeat(from.split('/').length - 1)}`,
        ),
      );
    }
    await place(
      'apps/login/src/domain/logout/circle-a.ts',
      "import { b } from './circle-b.ts';\nexport const a = () => b;\n",
    );
    await place(
      'apps/login/src/domain/logout/circle-b.ts',
      "import { a } from './circle-a.ts';\nexport const b = () => a;\n",
    );
    await place('apps/login/src/domain/logout/alone.ts', 'export const alone = 1;\n');
    await place(
      'apps/login/src/domain/logout/outside.ts',
      "import { request } from 'node:https';\nexport const send = request;\n",
    );
    violations = await cruise();
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it.each(Object.keys(FORBIDDEN))('%s fails on a forbidden import', (rule) => {
    const [from, to] = FORBIDDEN[rule] as readonly [string, string];
    expect(violations).toContainEqual(
      expect.objectContaining({ rule: expect.objectContaining({ name: rule }), from, to }),
    );
  });

  it('no-cycles, no-orphans and only-primitives-go-outside fail too', () => {
    const names = new Set(violations.map((one) => one.rule.name));
    expect(names).toContain('no-cycles');
    expect(names).toContain('no-orphans');
    expect(names).toContain('only-primitives-go-outside');
  });

  async function place(path: string, content: string): Promise<void> {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content, { flag: 'w' });
  }

  function cruise(): Promise<readonly Violation[]> {
    const program = join(PROJECT, 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs');
    return new Promise((found, failed) =>
      execFile(
        process.execPath,
        [program, '--config', '.dependency-cruiser.cjs', '--output-type', 'json', 'apps', 'packages'],
        { cwd: folder, maxBuffer: 1 << 26 },
        (error, stdout, stderr) => {
          if (stdout === '') failed(new Error(stderr, { cause: error }));
          else found((JSON.parse(stdout) as { summary: { violations: Violation[] } }).summary.violations);
        },
      ),
    );
  }
});
