import { readBehaviour, type Behaviour } from './behaviour.ts';

const SECOND = 1_000;

/** Settings of the program; the only reader of the environment. */
export type CarrierConfig = {
  readonly port: number;
  readonly host: string;
  readonly behaviour: Partial<Behaviour>;
  readonly httpPort?: number;
  readonly credentials?: { readonly systemId: string; readonly password: string };
};

/** Reads the settings or says in one sentence which of them is wrong. */
export function readConfig(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): { ok: true; config: CarrierConfig } | { ok: false; reason: string } {
  const port = wholeNumber(environment.CARRIER_PORT ?? '4475', 65_535);
  if (port === undefined) return { ok: false, reason: 'CARRIER_PORT must be a port number from 0 to 65535.' };
  const receiptDelayMs = wholeNumber(environment.CARRIER_RECEIPT_DELAY_MS ?? '1500', 3600 * SECOND);
  if (receiptDelayMs === undefined) {
    return { ok: false, reason: 'CARRIER_RECEIPT_DELAY_MS must be a number of milliseconds up to one hour.' };
  }
  const read = readBehaviour(environment.CARRIER_BEHAVIOUR ?? '{}');
  if (!read.ok) return { ok: false, reason: `CARRIER_BEHAVIOUR cannot be used. ${read.problem}` };
  const httpPort =
    environment.CARRIER_HTTP_PORT === undefined
      ? undefined
      : (wholeNumber(environment.CARRIER_HTTP_PORT, 65_535) ?? 'wrong');
  if (httpPort === 'wrong')
    return { ok: false, reason: 'CARRIER_HTTP_PORT must be a port number from 0 to 65535.' };
  const systemId = environment.CARRIER_SYSTEM_ID;
  const password = environment.CARRIER_PASSWORD;
  if (Boolean(systemId) !== Boolean(password)) {
    return { ok: false, reason: 'CARRIER_SYSTEM_ID and CARRIER_PASSWORD must be given together.' };
  }
  return {
    ok: true,
    config: {
      port,
      host: environment.CARRIER_HOST ?? '127.0.0.1',
      behaviour: { receiptDelayMs, ...read.behaviour },
      ...(httpPort !== undefined && { httpPort }),
      ...(systemId && password && { credentials: { systemId, password } }),
    },
  };
}

function wholeNumber(text: string, highest: number): number | undefined {
  return /^\d{1,9}$/.test(text) && Number(text) <= highest ? Number(text) : undefined;
}
