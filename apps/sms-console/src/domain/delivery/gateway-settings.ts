import { z } from 'zod';
import { SECOND } from '#support/primitives/durations.ts';

const seconds = (fallback: number) =>
  z
    .number()
    .positive()
    .max(3_600)
    .default(fallback)
    .transform((value) => value * SECOND);
const typeOfNumber = (fallback: number) => z.number().int().min(0).max(255).default(fallback);

/** One gateway as CONSOLE_SMPP_GATEWAYS describes it. docs/sms-delivery.md has the same table with its reasons. */
const gateway = z.strictObject({
  /** Its name in the database, on pages and in logs; it must not change while messages are on their way. */
  name: z.string().regex(/^[a-z0-9-]{1,40}$/, { error: 'is of 1 to 40 letters a-z, digits and hyphens' }),
  host: z.string().min(1),
  port: z.number().int().min(1).max(65_535),
  systemId: z.string().min(1).max(15),
  password: z.string().min(1),
  systemType: z.string().max(12).default(''),
  tls: z.boolean().default(false),
  /** A file with the certificate authority in PEM; with `tls` only. */
  caFile: z.string().optional(),
  /** Gateways of one carrier give ids from one list: a receipt may come over any of them. Its own name if it has none. */
  carrier: z.string().max(40).optional(),
  /** How large a share it gets of what several could take; 0: only when no other can. */
  weight: z.number().int().min(0).max(1_000).default(1),
  /** Submits a second, at most. */
  perSecond: z.number().int().min(1).max(10_000).default(20),
  /** Submits without an answer, at most. */
  window: z.number().int().min(1).max(1_000).default(10),
  /** What the phone shows as the sender. */
  sender: z.string().max(20).default(''),
  senderTon: typeOfNumber(5),
  senderNpi: typeOfNumber(0),
  /** How it wants numbers: 819012345678 or 09012345678. */
  numbers: z.enum(['international', 'national']).default('international'),
  longMessages: z.enum(['udh-8', 'udh-16', 'sar', 'payload']).default('udh-8'),
  /** How its ids stand in its answers and in its receipts. */
  messageIds: z.enum(['same', 'hex-then-decimal', 'decimal-then-hex']).default('same'),
  /** False: it gives no receipts, a message that it took is as far as we know. */
  receipts: z.boolean().default(true),
  /** What becomes of a message that was written to it without an answer (docs/decisions/0037). */
  inDoubt: z.enum(['resend', 'settle']).default('resend'),
  enquireLinkSeconds: seconds(30),
  answerSeconds: seconds(30),
});

export type GatewaySettings = Omit<z.infer<typeof gateway>, 'caFile' | 'tls' | 'carrier'> & {
  readonly carrier: string;
  readonly tls: { readonly ca?: string } | null;
};

/**
 * Reads the list of gateways out of JSON. `readFile` gives the text of a file. The problem that it returns is a sentence part that
 * names field and fault, and holds none of the values: there are passwords among them.
 */
export function readGatewaySettings(
  json: string,
  readFile: (path: string) => string,
): { ok: true; gateways: readonly GatewaySettings[] } | { ok: false; problem: string } {
  let parsed: unknown;
  try {
    parsed = JSON.parse(json);
  } catch {
    return { ok: false, problem: 'is not JSON' };
  }
  const read = z.array(gateway).safeParse(parsed);
  if (!read.success) {
    const faults = read.error.issues.map(
      (issue) => `${issue.path.join('.') || 'the list'}: ${issue.message}`,
    );
    return { ok: false, problem: `cannot be used (${faults.join('; ')})` };
  }
  if (new Set(read.data.map(({ name }) => name)).size < read.data.length)
    return { ok: false, problem: 'has two gateways of one name' };
  const gateways: GatewaySettings[] = [];
  for (const { tls, caFile, ...rest } of read.data) {
    const carrier = rest.carrier ?? rest.name;
    if (!tls) {
      gateways.push({ ...rest, carrier, tls: null });
      continue;
    }
    try {
      gateways.push({ ...rest, carrier, tls: caFile === undefined ? {} : { ca: readFile(caFile) } });
    } catch {
      return { ok: false, problem: `names a file that cannot be read (${rest.name}: caFile)` };
    }
  }
  return { ok: true, gateways };
}
