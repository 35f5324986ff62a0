import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';

const common = {
  exclude: ['**/node_modules/**', '**/.data/**'],
  globalSetup: ['test-support/database.ts'],
  pool: 'forks' as const,
  // The drill of the attacks names a seed for everything that is drawn at random.
  setupFiles: process.env.HITOKAGI_SEED === undefined ? [] : ['test-support/seed.ts'],
} satisfies TestProjectInlineConfiguration['test'];

export default defineConfig({
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  test: {
    // On a loaded machine a browser test may miss its moment; the report shows which needed a second try.
    retry: process.env.CI ? 1 : 0,
    projects: [
      {
        extends: true,
        test: {
          ...common,
          name: 'units',
          include: [
            ...['apps/**/*.test.{ts,tsx}', 'packages/**/*.test.{ts,tsx}', 'scripts/**/*.test.ts'],
            'test-support/**/*.test.ts',
            'interop/*.test.ts',
          ],
          testTimeout: 30_000,
          hookTimeout: 90_000,
          sequence: { groupOrder: 1 },
          // Most tests wait for a mail, a clock or a database: three at once keep two processors at work.
          maxWorkers: 3,
        },
      },
      {
        extends: true,
        test: {
          ...common,
          name: 'journeys',
          include: ['journeys/**/*.test.ts', 'drills/**/*.test.ts'],
          testTimeout: 180_000,
          hookTimeout: 180_000,
          sequence: { groupOrder: 2 },
          // Browsers wait for pages, and pages for mails: three at once keep two processors at work.
          maxWorkers: 3,
        },
      },
    ],
  },
});
