/**
 * The boundaries of the house. Each rule says why it stands and what to do instead; `npm run check` runs them, and
 * scripts/check/boundaries.test.ts shows that each one fails on a forbidden import.
 */
const login = (folder) => `^apps/login/src/${folder}/`;
const DOMAIN = [
  'set-up',
  'person',
  'merge',
  'settings',
  'sign-in',
  'readiness',
  'migration',
  'domain-lists',
  'notices',
  'provisioning',
  'login-id',
  'suspension',
  'logout',
  'sessions',
  'credentials',
  'verification',
  'events',
  'delivery',
  'consoles',
  'operators',
  'search',
  'accounts',
  'signing-keys',
  'master-key',
];
const SUPPORT = ['mail', 'jobs', 'audit', 'keys', 'nodes', 'db', 'primitives'];
const WEB = ['oidc', 'pages', 'operator', 'api'];

/** Inside a stratum a folder may import only those that stand after it. */
const downward = (stratum, order) =>
  order.slice(1).map((folder, i) => ({
    name: `${stratum}-order-${folder}`,
    comment: `Inside ${stratum} imports point down (${order.join(' → ')}). ${folder} may not know ${order.slice(0, i + 1).join(', ')}: move what both need below, or call from above.`,
    severity: 'error',
    from: { path: login(`${stratum}/${folder}`) },
    to: { path: `^apps/login/src/${stratum}/(${order.slice(0, i + 1).join('|')})/` },
  }));

module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      comment: 'Two files that need each other are one file, or miss a third one below them.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-orphans',
      comment: 'A file that nobody imports is dead, or is a program that belongs into this list.',
      severity: 'error',
      from: {
        orphan: true,
        pathNot: [
          '\\.test\\.tsx?$',
          '\\.d\\.ts$',
          '(^|/)(vitest|eslint)\\.config\\.',
          '/browser/[^/]+\\.js$',
          '^scripts/[^/]+\\.js$',
          '^\\.dependency-cruiser',
        ],
      },
      to: {},
    },
    {
      name: 'not-resolvable',
      comment: 'An import must lead to a file or to a package that the package.json beside it names.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'domain-does-not-know-web',
      comment: 'Strata point down: the domain never knows who asks. Pass what it needs as a parameter.',
      severity: 'error',
      from: { path: login('domain'), pathNot: '\\.test\\.tsx?$' },
      to: { path: [login('web'), '^apps/login/src/(app|config|routes|schedule|serve)\\.ts$'] },
    },
    {
      name: 'support-does-not-know-the-product',
      comment:
        'Strata point down: support is what any server needs. Hand the product in (a template, a handler) from app.ts.',
      severity: 'error',
      from: { path: login('support'), pathNot: '\\.test\\.tsx?$' },
      to: {
        path: [login('domain'), login('web'), '^apps/login/src/(app|config|routes|schedule|serve)\\.ts$'],
      },
    },
    {
      name: 'web-does-not-wire',
      comment: 'app.ts hands out what routes need; a route never reaches up for it.',
      severity: 'error',
      from: { path: login('web'), pathNot: '\\.test\\.tsx?$' },
      to: { path: '^apps/login/src/(app|config|routes|schedule|serve)\\.ts$' },
    },
    ...WEB.map((folder) => ({
      name: `web-siblings-${folder}`,
      comment:
        'Siblings in web do not import each other, except http; pages may ask oidc to sign a browser in, operator who is signed in. What both need belongs into domain.',
      severity: 'error',
      from: { path: login(`web/${folder}`), pathNot: '\\.test\\.tsx?$' },
      to: {
        path: login('web/[^/]+'),
        pathNot: [
          login(`web/${folder}`),
          login('web/http'),
          ...(folder === 'pages' || folder === 'operator' ? [login('web/oidc')] : []),
        ],
      },
    })),
    {
      name: 'web-http-stands-alone',
      comment: 'http is what the other web folders share, so it knows none of them.',
      severity: 'error',
      from: { path: login('web/http'), pathNot: '\\.test\\.tsx?$' },
      to: { path: login('web'), pathNot: login('web/http') },
    },
    ...downward('domain', DOMAIN),
    ...downward('support', SUPPORT),
    {
      name: 'apps-do-not-know-apps',
      comment: 'Programs talk by HTTP, SMTP and SMPP. What two programs share is a package.',
      severity: 'error',
      from: { path: '^apps/([^/]+)/src/', pathNot: '\\.test\\.tsx?$' },
      to: { path: '^apps/([^/]+)/', pathNot: '^apps/$1/' },
    },
    {
      name: 'machine-api-stands-alone',
      comment:
        'The machine API of the SMS console works whatever the migration does (R30): nothing that it needs, however far down, may know the kit, the plan, sessions or the legacy login.',
      severity: 'error',
      from: { path: '^apps/sms-console/src/web/api/', pathNot: '\\.test\\.tsx?$' },
      to: {
        path: '^(packages/console-kit/|apps/sms-console/src/(domain/(unified-login|legacy-login|login-id-change|console-sessions)/|web/(pages|mails)/|app\\.ts|web/http/(web|visitor|view)\\.tsx?))',
        reachable: true,
      },
    },
    {
      name: 'packages-do-not-know-apps',
      comment: 'A package is below every app.',
      severity: 'error',
      from: { path: '^packages/' },
      to: { path: '^apps/' },
    },
    {
      name: 'kit-stands-alone',
      comment:
        'Strangers install the console kit: it imports no other package of ours. What it shares with the login server is HTTP.',
      severity: 'error',
      from: { path: '^packages/console-kit/' },
      to: { path: '^packages/', pathNot: '^packages/console-kit/' },
    },
    {
      name: 'packages-through-their-entry',
      comment: 'A package is used through its public exports only.',
      severity: 'error',
      from: { path: '^(apps|scripts|journeys|bench|drills)/' },
      to: {
        path: '^packages/([^/]+)/src/',
        pathNot:
          '^packages/(console-kit/src/(index|adapters/fastify)|design-system/src/(index|assets)|embedded-database/src/(index|processes))\\.ts$',
      },
    },
    {
      name: 'only-db-opens-a-database',
      comment:
        'One place opens connections, so that pool, prepared statements and migrations are the same for all. Take Db as a parameter.',
      severity: 'error',
      from: { path: '^apps/[^/]+/src/', pathNot: ['^apps/[^/]+/src/support/db/', '\\.test\\.tsx?$'] },
      to: { path: 'node_modules/(pg|pg-pool)/' },
    },
    {
      name: 'only-primitives-go-outside',
      comment:
        'Outbound requests leave through support/primitives/outbound.ts, which knows the allowed addresses.',
      severity: 'error',
      from: { path: '^apps/login/src/', pathNot: ['^apps/login/src/support/primitives/', '\\.test\\.tsx?$'] },
      to: { path: '^(node:)?(http|https|net|tls|dgram)$', dependencyTypes: ['core'] },
    },
    {
      name: 'no-tests-in-programs',
      comment: 'Programs do not need their tests to run.',
      severity: 'error',
      from: {
        path: '^(apps|packages)/[^/]+/src/',
        pathNot: ['\\.test\\.tsx?$', 'test-[^/]*\\.ts$', '/gallery/'],
      },
      to: { path: ['\\.test\\.tsx?$', '^test-support/', '^(apps|packages)/[^/]+/test/'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: ['\\.data/', '/dist/'] },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      extensions: ['.ts', '.tsx', '.js', '.json', '.d.ts'],
    },
  },
};
