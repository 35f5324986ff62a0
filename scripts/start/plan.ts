import { join } from 'node:path';
import { NODE_ENVIRONMENT, NODE_FLAGS } from '../../apps/login/src/node-flags.ts';
import type { Program } from './children.ts';
import type { Config } from './config.ts';
import { type SampleSecrets, secretsFileOf } from './data-folder.ts';
import { portsFrom } from './ports.ts';

/** What a start consists of. */
export type Plan = {
  databases: readonly string[];
  /** Run before the programs, group after group; the members of a group run side by side. */
  preparation: readonly (readonly Program[])[];
  /**
   * Stopped group after group. All but the first group are started side by side; the first group when those are ready,
   * because it asks them for things as soon as it lives.
   */
  programs: readonly (readonly Program[])[];
};

/** The real plan. `databaseUrl` gives the connection string of a database; `isFirst`: the sample people are not there yet. */
export function planFor(
  config: Config,
  secrets: SampleSecrets,
  databaseUrl: (name: string) => string,
  isFirst: boolean,
): Plan {
  const ports = portsFrom(config.portBase);
  const issuer = localhost(ports.login);
  const smtpUrl = `smtp://localhost:${ports.smtp}`;
  const samples = { sms: 'samples/sms-users.csv', mail: 'samples/mail-users.csv' };
  const loginEnvironment = {
    HITOKAGI_PORT: String(ports.login),
    HITOKAGI_PORT_BASE: String(config.portBase),
    HITOKAGI_ISSUER: issuer,
    HITOKAGI_DATA_DIR: config.dataFolder,
    HITOKAGI_SMTP_URL: smtpUrl,
    HITOKAGI_SAMPLE_SECRETS_FILE: secretsFileOf(config.dataFolder),
    HITOKAGI_SAMPLE_SMS_URL: localhost(ports.smsConsole),
    HITOKAGI_SAMPLE_MAIL_URL: localhost(ports.secondConsole),
    DATABASE_URL: databaseUrl('hitokagi'),
  };

  const loginCommand = (name: string, ...args: string[]): Program => ({
    name,
    args: ['--import', 'tsx', 'apps/login/src/cli/main.ts', ...args],
    environment: loginEnvironment,
  });
  const seed = (name: string, database: string, brand: string, sampleFile: string): Program => ({
    name,
    args: ['--import', 'tsx', 'apps/sms-console/src/seed.ts'],
    environment: {
      DATABASE_URL: databaseUrl(database),
      CONSOLE_BRAND: brand,
      CONSOLE_SAMPLE_FILE: sampleFile,
    },
  });
  const program = (name: string, app: string, environment: Record<string, string>): Program => ({
    name,
    args: ['--import', 'tsx', `apps/${app}/src/main.ts`],
    environment,
  });
  const consoleProgram = (
    name: string,
    brand: string,
    client: keyof SampleSecrets,
    port: number,
    database: string,
    more: Record<string, string> = {},
  ) =>
    program(name, 'sms-console', {
      CONSOLE_PORT: String(port),
      CONSOLE_URL: localhost(port),
      CONSOLE_BRAND: brand,
      CONSOLE_ISSUER: issuer,
      CONSOLE_CLIENT_ID: client,
      CONSOLE_CLIENT_SECRET: secrets[client],
      CONSOLE_SMTP_URL: smtpUrl,
      DATABASE_URL: databaseUrl(database),
      ...more,
    });
  const simulator = {
    name: 'simulator',
    host: '127.0.0.1',
    port: ports.smpp,
    systemId: 'sms',
    password: 'sample',
    sender: 'ZETTAI',
    perSecond: 100,
    window: 20,
  };

  const login: Program = {
    name: 'login',
    args: [...NODE_FLAGS, 'apps/login/bin/serve.js'],
    environment: { ...loginEnvironment, ...NODE_ENVIRONMENT },
  };
  const seeds = [
    seed('seed-sms-console', 'sms_console', 'sms', samples.sms),
    seed('seed-second-console', 'second_console', 'second', samples.mail),
  ];
  const imports = [
    [{ ...loginCommand('import-sms', 'import', samples.sms, '--console', 'sms'), hasReport: true }],
    [{ ...loginCommand('import-mail', 'import', samples.mail, '--console', 'mail'), hasReport: true }],
  ];
  return {
    databases: ['hitokagi', 'sms_console', 'second_console'],
    preparation: [
      [loginCommand('migrate', 'migrate'), ...(isFirst ? seeds : [])],
      [loginCommand('setup-sample', 'setup-sample')],
      ...(isFirst ? imports : []),
    ],
    programs: [
      [
        consoleProgram('sms-console', 'sms', 'sms', ports.smsConsole, 'sms_console', {
          CONSOLE_SMPP_GATEWAYS: JSON.stringify([simulator]),
        }),
        consoleProgram('second-console', 'second', 'mail', ports.secondConsole, 'second_console'),
      ],
      [login],
      [
        program('mailbox', 'mailbox', {
          MAILBOX_PORT: String(ports.mailbox),
          MAILBOX_SMTP_PORT: String(ports.smtp),
          MAILBOX_DATA_DIR: join(config.dataFolder, 'mailbox'),
        }),
      ],
      [program('carrier-simulator', 'carrier-simulator', { CARRIER_PORT: String(ports.smpp) })],
    ],
  };
}

function localhost(port: number): string {
  return `http://localhost:${port}`;
}
