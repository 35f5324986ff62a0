import { describe, expect, test } from 'vitest';
import { ConfigError, readConfig } from './config.ts';

const complete = {
  CONSOLE_PORT: '4200',
  CONSOLE_URL: 'http://localhost:4200/',
  CONSOLE_BRAND: 'sms',
  DATABASE_URL: 'postgres://localhost/sms',
  CONSOLE_ISSUER: 'http://localhost:4100',
  CONSOLE_CLIENT_ID: 'sms',
  CONSOLE_CLIENT_SECRET: 'sample',
  CONSOLE_SMTP_URL: 'smtp://localhost:4425',
};

describe('the configuration', () => {
  test('is read once into values with units', () => {
    const config = readConfig({
      ...complete,
      CONSOLE_SESSION_IDLE_SECONDS: '900',
      CONSOLE_SESSION_ABSOLUTE_SECONDS: '3600',
    });
    expect(config.url).toBe('http://localhost:4200');
    expect(config.storedSecretsKeys).toEqual([complete.CONSOLE_CLIENT_SECRET]);
    const CONSOLE_STORED_SECRETS_KEYS = 'sample-key-in-use-01,sample-key-before-02';
    expect(readConfig({ ...complete, CONSOLE_STORED_SECRETS_KEYS }).storedSecretsKeys).toEqual([
      'sample-key-in-use-01',
      'sample-key-before-02',
      complete.CONSOLE_CLIENT_SECRET,
    ]);
    expect(() => readConfig({ ...complete, CONSOLE_STORED_SECRETS_KEYS: 'short' })).toThrow(
      'CONSOLE_STORED_SECRETS_KEYS must be keys of at least 16',
    );
    expect(config.timeouts).toEqual({ idle: 900_000, absolute: 3_600_000 });
    expect(readConfig(complete).timeouts).toEqual({ idle: 1_800_000, absolute: 43_200_000 });
    expect(readConfig({ ...complete, CONSOLE_TRUSTED_PROXIES: '10.0.0.1, 10.0.0.2' }).trustedProxies).toEqual(
      ['10.0.0.1', '10.0.0.2'],
    );
  });

  for (const name of Object.keys(complete)) {
    test(`without ${name} the start is refused by a sentence that names it`, () => {
      const { [name as keyof typeof complete]: _left, ...rest } = complete;
      expect(() => readConfig(rest)).toThrow(ConfigError);
      expect(() => readConfig(rest)).toThrow(name);
    });
  }

  test('a value that cannot be is refused with what it should be', () => {
    expect(() => readConfig({ ...complete, CONSOLE_BRAND: 'third' })).toThrow(
      'CONSOLE_BRAND must be one of sms, second',
    );
    expect(() => readConfig({ ...complete, CONSOLE_SESSION_IDLE_SECONDS: '0' })).toThrow(
      'CONSOLE_SESSION_IDLE_SECONDS must be at least 1',
    );
    expect(() => readConfig({ ...complete, DATABASE_URL: 'mysql://x' })).toThrow(
      'DATABASE_URL must begin with postgres://',
    );
  });
});

describe('U2: in production', () => {
  const production = {
    ...complete,
    NODE_ENV: 'production',
    CONSOLE_URL: 'https://sms.example.co.jp',
    CONSOLE_ISSUER: 'https://login.example.co.jp',
    CONSOLE_CLIENT_SECRET: 'yU3vQb0m8nR5tK1xWc7ePz',
  };

  test('it starts with secrets of its own', () => {
    expect(readConfig(production).clientSecret).toBe(production.CONSOLE_CLIENT_SECRET);
  });

  test.each([
    ['CONSOLE_CLIENT_SECRET', 'sample-secret-of-sms-0123456789abcdef'],
    ['CONSOLE_CLIENT_SECRET', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'],
    ['CONSOLE_CODES_KEY', 'change-me-change-me-change-me-change-me'],
    ['CONSOLE_STORED_SECRETS_KEYS', 'yU3vQb0m8nR5tK1xWc7ePz,sample-key-before-02'],
  ])('%s of an example is refused, and not repeated', (name, value) => {
    expect(() => readConfig({ ...production, [name]: value })).toThrow(`${name} is a sample`);
    expect(() => readConfig({ ...production, [name]: value })).not.toThrow(value);
  });

  test.each(['CONSOLE_URL', 'CONSOLE_ISSUER'])('%s without https is refused', (name) => {
    expect(() => readConfig({ ...production, [name]: 'http://sms.example.co.jp' })).toThrow(
      `${name} must begin with https://`,
    );
  });
});
