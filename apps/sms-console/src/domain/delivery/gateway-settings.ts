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

const httpUrl = z
  .string()
  .refine((text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol), {
    error: 'is an http or https address',
    abort: true,
  })
  .transform((text) => new URL(text))
  .refine((url) => url.username === '' && url.password === '' && url.hash === '', {
    error: 'holds no name, password or fragment',
    abort: true,
  });

/** What gateways of every kind have; docs/sms-delivery.md has the same tables with their reasons. */
const common = {
  /** Its name in the database, on pages and in logs; it must not change while messages are on their way. */
  name: z.string().regex(/^[a-z0-9-]{1,40}$/, { error: 'is of 1 to 40 letters a-z, digits and hyphens' }),
  /** How large a share it gets of what several could take; 0: only when no other can. */
  weight: z.number().int().min(0).max(1_000).default(1),
  /** Submits a second, at most. */
  perSecond: z.number().int().min(1).max(10_000).default(20),
  /** Submits without an answer, at most. */
  window: z.number().int().min(1).max(1_000).default(10),
  /** What the phone shows as the sender. */
  sender: z.string().max(20).default(''),
  /** How it wants numbers: 819012345678 or 09012345678. */
  numbers: z.enum(['international', 'national']).default('international'),
  /** False: it gives no receipts, a message that it took is as far as we know. */
  receipts: z.boolean().default(true),
  /** What becomes of a message that was written to it without an answer (docs/decisions/0037). */
  inDoubt: z.enum(['resend', 'settle']).default('resend'),
  answerSeconds: seconds(30),
};

/** A carrier's gateway that speaks SMPP 3.4: what an entry is that names no kind. */
const smppGateway = z.strictObject({
  ...common,
  kind: z.literal('smpp').optional(),
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
  senderTon: typeOfNumber(5),
  senderNpi: typeOfNumber(0),
  longMessages: z.enum(['udh-8', 'udh-16', 'sar', 'payload']).default('udh-8'),
  /** How its ids stand in its answers and in its receipts. */
  messageIds: z.enum(['same', 'hex-then-decimal', 'decimal-then-hex']).default('same'),
  enquireLinkSeconds: seconds(30),
});

/** Kannel, by the HTTP interface of its smsbox. */
const kannelGateway = z.strictObject({
  ...common,
  kind: z.literal('kannel'),
  /** Where its smsbox takes messages, such as http://kannel:13013/cgi-bin/sendsms. */
  url: httpUrl.refine((url) => url.search === '', { error: 'has no query' }).transform(String),
  username: z.string().min(1),
  password: z.string().min(1),
  /** Kannel's smsc-id, where it is to choose among several. */
  smsc: z.string().min(1).max(64).optional(),
  /** This console as Kannel reaches it, for receipts. */
  receiptsTo: httpUrl
    .refine((url) => url.pathname === '/' && url.search === '', { error: 'is an address without a path' })
    .transform(({ origin }) => origin),
  /** Whoever knows it can say what became of messages: at random, a gateway's own. */
  receiptSecret: z
    .string()
    .regex(/^[A-Za-z0-9_-]{32,80}$/, { error: 'is of 32 to 80 letters, digits, hyphens and underscores' }),
});

export type SmppSettings = Omit<z.infer<typeof smppGateway>, 'kind' | 'caFile' | 'tls' | 'carrier'> & {
  readonly kind: 'smpp';
  readonly carrier: string;
  readonly tls: { readonly ca?: string } | null;
};
export type KannelSettings = z.infer<typeof kannelGateway> & { readonly carrier: string };
export type GatewaySettings = SmppSettings | KannelSettings;

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
  const read = z.array(z.discriminatedUnion('kind', [smppGateway, kannelGateway])).safeParse(parsed);
  if (!read.success) {
    const faults = read.error.issues.map(
      (issue) => `${issue.path.join('.') || 'the list'}: ${issue.message}`,
    );
    return { ok: false, problem: `cannot be used (${faults.join('; ')})` };
  }
  if (new Set(read.data.map(({ name }) => name)).size < read.data.length)
    return { ok: false, problem: 'has two gateways of one name' };
  const gateways: GatewaySettings[] = [];
  for (const one of read.data) {
    if (one.kind === 'kannel') {
      gateways.push({ ...one, carrier: one.name });
      continue;
    }
    const { tls, caFile, ...rest } = one;
    const settings = { ...rest, kind: 'smpp' as const, carrier: rest.carrier ?? rest.name };
    if (!tls) {
      gateways.push({ ...settings, tls: null });
      continue;
    }
    try {
      gateways.push({ ...settings, tls: caFile === undefined ? {} : { ca: readFile(caFile) } });
    } catch {
      return { ok: false, problem: `names a file that cannot be read (${rest.name}: caFile)` };
    }
  }
  return { ok: true, gateways };
}
