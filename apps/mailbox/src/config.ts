/** Settings of the program; the only reader of the environment. */
export type MailboxConfig = {
  readonly smtpPort: number;
  readonly httpPort: number;
  readonly host: string;
  readonly dataFolder: string;
};

/** Reads the settings or says in one sentence which of them is wrong. */
export function readConfig(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): { ok: true; config: MailboxConfig } | { ok: false; reason: string } {
  const httpPort = portNumber(environment.MAILBOX_PORT ?? '4400');
  const smtpPort = portNumber(environment.MAILBOX_SMTP_PORT ?? '4425');
  if (httpPort === undefined)
    return { ok: false, reason: 'MAILBOX_PORT must be a port number from 0 to 65535.' };
  if (smtpPort === undefined)
    return { ok: false, reason: 'MAILBOX_SMTP_PORT must be a port number from 0 to 65535.' };
  return {
    ok: true,
    config: {
      smtpPort,
      httpPort,
      host: environment.MAILBOX_HOST ?? '127.0.0.1',
      dataFolder: environment.MAILBOX_DATA_DIR ?? '.data/mailbox',
    },
  };
}

function portNumber(text: string): number | undefined {
  return /^\d{1,5}$/.test(text) && Number(text) <= 65_535 ? Number(text) : undefined;
}
