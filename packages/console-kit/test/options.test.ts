import { expect, test } from 'vitest';
import { createConsoleKit } from '../src/index.ts';
import type { ConsoleKitOptions } from '../src/index.ts';

test('R33: options that cannot be right are refused at once, with the option named', () => {
  const good: ConsoleKitOptions = {
    issuer: 'https://login.example.co.jp',
    clientId: 'sms',
    clientSecret: 'secret',
    consoleUrl: 'https://console.example.co.jp',
    cookieKey: 'x'.repeat(32),
    clock: () => new Date(0),
    sessions: { endBySid: async () => 0, endBySub: async () => 0 },
    logoutTokens: { firstUse: async () => true },
    plan: { load: async () => null, save: async () => undefined },
    log: console,
  };
  expect(() => createConsoleKit(good)).not.toThrow();
  const wrong: Partial<ConsoleKitOptions>[] = [
    { issuer: 'http://login.example.co.jp' },
    { issuer: 'login' },
    { issuer: 'https://login.example.co.jp/?x=1' },
    { consoleUrl: 'https://console.example.co.jp/app' },
    { consoleUrl: 'ftp://console.example.co.jp' },
    { clientId: '' },
    { clientSecret: '' },
    { cookieKey: 'short' },
    { timeoutMilliseconds: 0 },
    { planIntervalMilliseconds: 0 },
    { planWaitSeconds: -1 },
    { planWaitSeconds: 26 },
    { planWaitSeconds: 1.5 },
  ];
  for (const one of wrong)
    expect(() => createConsoleKit({ ...good, ...one })).toThrow(`option ${Object.keys(one)[0]}`);
  for (const issuer of ['http://localhost:4100', 'http://127.0.0.1:4100', 'http://[::1]:4100']) {
    expect(() => createConsoleKit({ ...good, issuer })).not.toThrow();
  }
});
