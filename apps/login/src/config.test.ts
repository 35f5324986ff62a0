import { describe, expect, it } from 'vitest';
import { readCliLocale, readConfig, readSampleConfig } from './config.ts';

const PRODUCTION = {
  NODE_ENV: 'production',
  HITOKAGI_ISSUER: 'https://login.example.co.jp',
  DATABASE_URL: 'postgresql://hitokagi@db.example.co.jp/hitokagi',
  HITOKAGI_SECRET: 'a master secret of more than 32 characters',
  HITOKAGI_SMTP_URL: 'smtps://mail.example.co.jp',
  HITOKAGI_SENDER_ADDRESS: 'no-reply@login.example.co.jp',
};

const problemsOf = (environment: Record<string, string | undefined>): readonly string[] => {
  const read = readConfig(environment);
  return read.ok ? [] : read.problems;
};

describe('U2: production', () => {
  it('starts with everything that it needs', () => {
    const read = readConfig(PRODUCTION);
    expect(read).toMatchObject({
      ok: true,
      config: {
        production: true,
        issuer: 'https://login.example.co.jp',
        secret: PRODUCTION.HITOKAGI_SECRET,
        allowedInternalHosts: [],
        trustedProxies: [],
      },
    });
    if (read.ok) expect(Object.isFrozen(read.config)).toBe(true);
  });

  it.each([
    'HITOKAGI_ISSUER',
    'DATABASE_URL',
    'HITOKAGI_SECRET',
    'HITOKAGI_SMTP_URL',
    'HITOKAGI_SENDER_ADDRESS',
  ])('refuses to start without %s, naming it', (name) => {
    for (const nothing of [undefined, ''])
      expect(problemsOf({ ...PRODUCTION, [name]: nothing })).toEqual(
        expect.arrayContaining([`${name} must be set in production.`]),
      );
  });

  it('names everything that is missing at once', () => {
    const problems = problemsOf({ NODE_ENV: 'production' });
    for (const name of [
      'HITOKAGI_ISSUER',
      'DATABASE_URL',
      'HITOKAGI_SECRET',
      'HITOKAGI_SMTP_URL',
      'HITOKAGI_SENDER_ADDRESS',
    ])
      expect(problems.join('\n')).toContain(name);
  });

  it('refuses a secret that stands in an example, or that nobody drew', () => {
    for (const secret of ['sample-master-secret-0123456789abcdef', 'changeme'.repeat(5), 'a'.repeat(40)])
      expect(problemsOf({ ...PRODUCTION, HITOKAGI_SECRET: secret }).join()).toContain(
        'HITOKAGI_SECRET is a sample',
      );
  });

  it('refuses an issuer without https, and a short secret', () => {
    expect(problemsOf({ ...PRODUCTION, HITOKAGI_ISSUER: 'http://login.example.co.jp' })).toEqual([
      'HITOKAGI_ISSUER must begin with https:// in production.',
    ]);
    expect(problemsOf({ ...PRODUCTION, HITOKAGI_SECRET: 'x'.repeat(31) })).toEqual([
      'HITOKAGI_SECRET: must have at least 32 characters',
    ]);
  });

  it('takes a former master key beside the present one, of 32 characters, which is another', () => {
    const former = 'the former master secret of more than 32 characters';
    const read = readConfig({ ...PRODUCTION, HITOKAGI_SECRET_PREVIOUS: former });
    expect(read).toMatchObject({ ok: true, config: { previousSecrets: [former] } });
    expect(readConfig(PRODUCTION)).toMatchObject({ ok: true, config: { previousSecrets: [] } });
    const refused = (HITOKAGI_SECRET_PREVIOUS: string, more = {}): string =>
      problemsOf({ ...PRODUCTION, HITOKAGI_SECRET_PREVIOUS, ...more }).join();
    expect(refused('x'.repeat(31))).toContain('HITOKAGI_SECRET_PREVIOUS: must have at least 32');
    expect(refused(PRODUCTION.HITOKAGI_SECRET)).toContain('the same as HITOKAGI_SECRET');
    expect(refused(former, { HITOKAGI_SECRET: undefined })).toContain('HITOKAGI_SECRET_PREVIOUS needs');
  });

  it('never says what a secret is', () => {
    const problems = problemsOf({
      ...PRODUCTION,
      HITOKAGI_SECRET: 'short-secret-value',
      HITOKAGI_PORT: 'rubbish',
    });
    expect(problems.join('\n')).not.toContain('short-secret-value');
    expect(problems).toHaveLength(2);
  });

  it('has no sample configuration', () => {
    expect(readSampleConfig({ NODE_ENV: 'production', HITOKAGI_SAMPLE_SECRETS_FILE: 'x' })).toBeUndefined();
    expect(readSampleConfig({})).toBeUndefined();
    expect(readSampleConfig({ HITOKAGI_SAMPLE_SECRETS_FILE: 'x' })).toEqual({
      smsUrl: 'http://localhost:4200',
      mailUrl: 'http://localhost:4300',
      secretsFile: 'x',
    });
  });
});

describe('configuration', () => {
  it('needs nothing in development', () => {
    expect(readConfig({})).toMatchObject({
      ok: true,
      config: {
        production: false,
        port: 4100,
        host: 'localhost',
        issuer: 'http://localhost:4100',
        databaseUrl: undefined,
        dataFolder: '.data',
        secret: undefined,
        smtpUrl: 'smtp://localhost:4425',
        allowedInternalHosts: ['localhost', '127.0.0.1'],
        logLevel: 'info',
      },
    });
  });

  it.each([
    [{ HITOKAGI_PORT: '70000' }, 'HITOKAGI_PORT'],
    [{ HITOKAGI_PORT: 'x' }, 'HITOKAGI_PORT'],
    [{ HITOKAGI_ISSUER: 'not a URL' }, 'HITOKAGI_ISSUER'],
    [{ HITOKAGI_ISSUER: 'ftp://login.example.co.jp' }, 'HITOKAGI_ISSUER'],
    [
      { HITOKAGI_ISSUER: 'http://login.example.co.jp/path' },
      'HITOKAGI_ISSUER must be an origin without a path.',
    ],
    [{ HITOKAGI_SMTP_URL: 'http://mail.example.co.jp' }, 'HITOKAGI_SMTP_URL'],
    [{ HITOKAGI_BRAND_COLOUR: 'blue' }, 'HITOKAGI_BRAND_COLOUR'],
    [{ HITOKAGI_BRAND_COLOUR: '#fff;}body{display:none' }, 'HITOKAGI_BRAND_COLOUR'],
    [{ HITOKAGI_SENDER_ADDRESS: 'x' }, 'HITOKAGI_SENDER_ADDRESS'],
    [{ HITOKAGI_LOG_LEVEL: 'loud' }, 'HITOKAGI_LOG_LEVEL'],
    [{ HITOKAGI_DATABASE_CONNECTIONS: '1' }, 'HITOKAGI_DATABASE_CONNECTIONS'],
  ])('%j is refused by name', (environment, name) => {
    const problems = problemsOf(environment);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(name);
  });

  describe('R22: one URL, or one for pages and one for the API', () => {
    const UI = 'https://common-ui.example.co.jp';
    const API = 'https://common-api.example.co.jp';
    const read = (environment: Record<string, string>) => {
      const found = readConfig(environment);
      return found.ok
        ? { issuer: found.config.issuer, pagesUrl: found.config.pagesUrl }
        : found.problems.join('\n');
    };

    it.each<[Record<string, string>, { issuer: string; pagesUrl: string }]>([
      [{}, { issuer: 'http://localhost:4100', pagesUrl: 'http://localhost:4100' }],
      [{ HITOKAGI_ISSUER: API }, { issuer: API, pagesUrl: API }],
      [{ HITOKAGI_API_URL: API }, { issuer: API, pagesUrl: API }],
      [
        { HITOKAGI_PAGES_URL: `${UI}/`, HITOKAGI_API_URL: API },
        { issuer: API, pagesUrl: UI },
      ],
      [
        { HITOKAGI_PAGES_URL: UI, HITOKAGI_ISSUER: API },
        { issuer: API, pagesUrl: UI },
      ],
      [
        { HITOKAGI_PAGES_URL: UI, HITOKAGI_API_URL: API, HITOKAGI_ISSUER: API },
        { issuer: API, pagesUrl: UI },
      ],
      [
        { HITOKAGI_PAGES_URL: UI, HITOKAGI_API_URL: UI },
        { issuer: UI, pagesUrl: UI },
      ],
      [
        { PAGES_URL: UI, API_URL: API },
        { issuer: API, pagesUrl: UI },
      ],
      // One of the short names alone may be another program's.
      [{ API_URL: API }, { issuer: 'http://localhost:4100', pagesUrl: 'http://localhost:4100' }],
      [
        { PAGES_URL: UI, HITOKAGI_ISSUER: API },
        { issuer: API, pagesUrl: API },
      ],
      [
        { PAGES_URL: UI, API_URL: UI, HITOKAGI_PAGES_URL: UI, HITOKAGI_API_URL: API },
        { issuer: API, pagesUrl: UI },
      ],
    ])('%j', (environment, addresses) => {
      expect(read(environment)).toEqual(addresses);
    });

    it.each([
      [
        { HITOKAGI_PAGES_URL: `${UI}/path`, HITOKAGI_API_URL: API },
        'HITOKAGI_PAGES_URL must be an origin without a path.',
      ],
      [
        { HITOKAGI_PAGES_URL: UI, HITOKAGI_API_URL: `${API}/?v=1` },
        'HITOKAGI_API_URL must be an origin without a path.',
      ],
      [
        { HITOKAGI_PAGES_URL: 'https://a:b@common-ui.example.co.jp', HITOKAGI_API_URL: API },
        'HITOKAGI_PAGES_URL must hold no user name or password.',
      ],
      [{ HITOKAGI_PAGES_URL: 'rubbish', HITOKAGI_API_URL: API }, 'HITOKAGI_PAGES_URL'],
      [
        { HITOKAGI_ISSUER: 'https://login.example.co.jp', HITOKAGI_API_URL: API },
        'HITOKAGI_API_URL and HITOKAGI_ISSUER differ: consoles look for the API at the issuer. Leave one of them out, or give both the same URL.',
      ],
      [
        { HITOKAGI_PAGES_URL: UI.replace('https', 'http'), HITOKAGI_API_URL: API },
        'HITOKAGI_PAGES_URL and HITOKAGI_API_URL must both begin with https://, or both with http://: cookies are for one of them only.',
      ],
      [
        { HITOKAGI_PAGES_URL: `${UI}:8443`, HITOKAGI_ISSUER: UI },
        'HITOKAGI_PAGES_URL and HITOKAGI_ISSUER name the same host with another port: browsers keep cookies by host name. Give pages and API host names of their own, or the same URL.',
      ],
    ])('%j is refused in a sentence', (environment, sentence) => {
      const problems = problemsOf(environment);
      expect(problems).toHaveLength(1);
      expect(problems[0]).toContain(sentence);
    });

    it('production takes the URL of the API for the issuer, and wants https of both', () => {
      const { HITOKAGI_ISSUER: _one, ...others } = PRODUCTION;
      expect(read({ ...others, HITOKAGI_API_URL: API, HITOKAGI_PAGES_URL: UI })).toEqual({
        issuer: API,
        pagesUrl: UI,
      });
      expect(
        problemsOf({
          ...others,
          HITOKAGI_API_URL: API.replace('https', 'http'),
          HITOKAGI_PAGES_URL: UI.replace('https', 'http'),
        }),
      ).toEqual([
        'HITOKAGI_API_URL must begin with https:// in production.',
        'HITOKAGI_PAGES_URL must begin with https:// in production.',
      ]);
    });
  });

  it('reads lists, and an issuer with a slash at its end', () => {
    expect(
      readConfig({
        HITOKAGI_ALLOWED_INTERNAL_HOSTS: ' console.internal , 10.0.0.5,',
        HITOKAGI_TRUSTED_PROXIES: '10.0.0.0/8',
        HITOKAGI_ISSUER: 'https://Login.Example.co.jp/',
      }),
    ).toMatchObject({
      ok: true,
      config: {
        allowedInternalHosts: ['console.internal', '10.0.0.5'],
        trustedProxies: ['10.0.0.0/8'],
        issuer: 'https://login.example.co.jp',
      },
    });
  });

  it('R8: the command line speaks Japanese where the terminal does', () => {
    expect([
      readCliLocale({ LANG: 'ja_JP.UTF-8' }),
      readCliLocale({ LC_ALL: 'en_US.UTF-8', LANG: 'ja_JP.UTF-8' }),
      readCliLocale({ LC_MESSAGES: 'ja' }),
      readCliLocale({}),
    ]).toEqual(['ja', 'en', 'ja', 'en']);
  });
});

describe('S2: behind a connection pooler', () => {
  const configOf = (environment: Record<string, string>) => {
    const read = readConfig(environment);
    if (!read.ok) throw new Error(read.problems.join('\n'));
    return read.config;
  };
  const POOLER = 'postgresql://pooler.example.co.jp/hitokagi';
  const DIRECT = 'postgresql://db.example.co.jp/hitokagi';

  it('what keeps its connection goes to PostgreSQL itself, and no statement stays prepared', () => {
    expect(configOf({ DATABASE_URL: POOLER, HITOKAGI_DATABASE_DIRECT_URL: DIRECT })).toMatchObject({
      databaseUrl: POOLER,
      databaseDirectUrl: DIRECT,
      namedStatements: false,
    });
  });

  it('statements stay prepared without one, and where it is said to carry them', () => {
    expect(configOf({ DATABASE_URL: DIRECT })).toMatchObject({
      databaseDirectUrl: DIRECT,
      namedStatements: true,
    });
    const carrying = { HITOKAGI_DATABASE_DIRECT_URL: DIRECT, HITOKAGI_DATABASE_NAMED_STATEMENTS: 'yes' };
    expect(configOf({ DATABASE_URL: POOLER, ...carrying }).namedStatements).toBe(true);
    expect(configOf({ DATABASE_URL: DIRECT, HITOKAGI_DATABASE_NAMED_STATEMENTS: 'no' }).namedStatements).toBe(
      false,
    );
  });

  it('a direct address alone is refused, and so is a word that is neither yes nor no', () => {
    expect(problemsOf({ HITOKAGI_DATABASE_DIRECT_URL: DIRECT })).toEqual([
      'HITOKAGI_DATABASE_DIRECT_URL needs DATABASE_URL, which leads to the pooler before it.',
    ]);
    expect(problemsOf({ HITOKAGI_DATABASE_NAMED_STATEMENTS: 'maybe' }).join()).toContain(
      'HITOKAGI_DATABASE_NAMED_STATEMENTS',
    );
  });
});
