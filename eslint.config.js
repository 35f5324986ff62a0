import js from '@eslint/js';
import tseslint from 'typescript-eslint';

const ENVIRONMENT = {
  selector: "MemberExpression[object.name='process'][property.name='env']",
  message:
    'Only config.ts reads the environment, so that every setting has one name, one check and one default. Take it from the Config.',
};
const ANY_CLOCK = [
  {
    selector: "CallExpression[callee.object.name='Date'][callee.property.name='now']",
    message: 'Time is a parameter: take `now` or the clock.',
  },
  {
    selector: "NewExpression[callee.name='Date'][arguments.length=0]",
    message: 'Time is a parameter: take `now` or the clock.',
  },
];

export default tseslint.config(
  {
    ignores: [
      '**/node_modules/',
      '**/.data/',
      '**/dist/',
      '**/browser/*.js',
      'test-results/',
      'interop/*.mjs',
      'interop/node-red/',
    ],
  },
  js.configs.recommended,
  ...tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        projectService: {
          allowDefaultProject: [
            '*.js',
            '*.cjs',
            'scripts/*.js',
            'apps/*/bin/*.js',
            'samples/consoles/express/*.js',
          ],
          // Ten small files start programs before anything can be compiled; the default is eight.
          maximumDefaultProjectFileMatchCount_THIS_WILL_SLOW_DOWN_LINTING: 12,
        },
        tsconfigRootDir: import.meta.dirname,
      },
    },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', destructuredArrayIgnorePattern: '^_' },
      ],
      // The compiler is TypeScript 7, the lint asks TypeScript 6: they differ on which assertions are needed, and the compiler is right.
      '@typescript-eslint/no-unnecessary-type-assertion': 'off',
      '@typescript-eslint/require-await': 'off',
      // Kysely's expression builder and the protocol engine are meant to be taken apart.
      '@typescript-eslint/unbound-method': 'off',
      '@typescript-eslint/prefer-promise-reject-errors': 'off',
      'no-control-regex': 'off',
      'no-restricted-syntax': ['error', ENVIRONMENT],
      eqeqeq: ['error', 'always', { null: 'ignore' }],
    },
  },
  {
    files: ['apps/*/src/{domain,support,web}/**', 'packages/console-kit/src/**'],
    ignores: ['**/*.test.*', '**/test-*.ts'],
    rules: { 'no-restricted-syntax': ['error', ENVIRONMENT, ...ANY_CLOCK] },
  },
  {
    files: ['apps/login/src/{domain,web,support}/**'],
    ignores: ['apps/login/src/support/primitives/**', '**/*.test.*'],
    rules: {
      'no-restricted-globals': [
        'error',
        { name: 'fetch', message: 'Outbound requests leave through support/primitives/outbound.ts.' },
      ],
    },
  },
  {
    files: [
      '**/config.ts',
      '**/config/*.ts',
      '**/*.test.{ts,tsx}',
      '**/test/**',
      'test-support/**',
      'journeys/**',
      'bench/**',
      'drills/**',
      'interop/**',
      '**/gallery/**',
      'vitest.config.ts',
    ],
    rules: { 'no-restricted-syntax': 'off' },
  },
  {
    files: ['**/*.js', '**/*.cjs'],
    ...tseslint.configs.disableTypeChecked,
    languageOptions: {
      globals: { process: 'readonly', console: 'readonly', module: 'writable', URL: 'readonly' },
    },
    rules: { ...tseslint.configs.disableTypeChecked.rules, 'no-restricted-syntax': 'off' },
  },
  {
    files: ['**/*.test.{ts,tsx}', '**/test/**', '**/test-*.ts', 'journeys/**'],
    rules: {
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/no-base-to-string': 'off',
      '@typescript-eslint/no-implied-eval': 'off',
      '@typescript-eslint/await-thenable': 'off',
      'no-irregular-whitespace': 'off',
    },
  },
);
