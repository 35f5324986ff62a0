import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { MINUTE, SECOND } from '#support/primitives/durations.ts';
import { seal, unseal } from '#support/primitives/secrets.ts';
import type { Front } from './front.ts';

/** A sign-in may take so long (QUALITY.md: pending sign-in 60 min). */
export const PENDING_LIFETIME = 60 * MINUTE;
/** Tabs that sign in at once; a further one takes the place of the first. */
const MOST_AT_ONCE = 5;

const SESSION = z.object({
  /** Of which console: a cookie that was carried to another host is nothing there. */
  consoleId: z.string(),
  uid: z.string(),
  accountId: z.string(),
  sid: z.string(),
  /** In milliseconds: when it began, and when it was last used as far as the cookie knows. */
  beganAt: z.number(),
  seenAt: z.number(),
});
export type ConsoleSession = z.infer<typeof SESSION>;

const PENDING = z.object({
  consoleId: z.string(),
  state: z.string(),
  nonce: z.string(),
  verifier: z.string(),
  target: z.string(),
  startedAt: z.number(),
});
export type PendingSignIn = z.infer<typeof PENDING>;

/** The session that a request brings, sealed by this installation for this console; time-outs are not looked at. */
export async function sessionOf(
  key: Buffer,
  front: Front,
  request: FastifyRequest,
): Promise<ConsoleSession | undefined> {
  const session = await opened(key, SESSION, request.cookies[sessionName(front)]);
  return session?.consoleId === front.console.id ? session : undefined;
}

export async function keepSession(
  key: Buffer,
  front: Front,
  session: ConsoleSession,
  reply: FastifyReply,
): Promise<void> {
  reply.setCookie(sessionName(front), await seal(key, JSON.stringify(session)), attributes(front));
}

export function dropSession(front: Front, reply: FastifyReply): void {
  reply.setCookie(sessionName(front), '', { ...attributes(front), maxAge: 0 });
}

export async function keepPending(
  key: Buffer,
  front: Front,
  pending: PendingSignIn,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const names = Object.keys(request.cookies).filter((name) => name.startsWith(pendingName(front, '')));
  for (const name of names.slice(0, Math.max(0, names.length - MOST_AT_ONCE + 1)))
    reply.setCookie(name, '', { ...attributes(front), maxAge: 0 });
  reply.setCookie(pendingName(front, pending.state), await seal(key, JSON.stringify(pending)), {
    ...attributes(front),
    maxAge: PENDING_LIFETIME / SECOND,
  });
}

/** Takes the pending sign-in with this `state`, if this browser began one at this console; the answer has it forgotten. */
export async function takePending(
  key: Buffer,
  front: Front,
  state: string,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<PendingSignIn | undefined> {
  const name = pendingName(front, state);
  const pending = await opened(key, PENDING, request.cookies[name]);
  if (request.cookies[name] !== undefined) reply.setCookie(name, '', { ...attributes(front), maxAge: 0 });
  return pending?.consoleId === front.console.id && pending.state === state ? pending : undefined;
}

async function opened<T>(
  key: Buffer,
  shape: z.ZodType<T>,
  sealed: string | undefined,
): Promise<T | undefined> {
  if (sealed === undefined || sealed === '') return undefined;
  try {
    return shape.safeParse(JSON.parse(await unseal(key, sealed))).data;
  } catch {
    // Sealed by another key, altered, or none of ours: as if there were none.
    return undefined;
  }
}

/** Of this host alone: no Domain, and on https the prefix that keeps other hosts of the domain from planting one (RFC 6265bis §4.1.3.2). */
function attributes({ secure }: Front) {
  return { path: '/', httpOnly: true, sameSite: 'lax', secure } as const;
}

function sessionName({ secure }: Front): string {
  return secure ? '__Host-hitokagi' : 'hitokagi';
}

function pendingName({ secure }: Front, state: string): string {
  return `${secure ? '__Host-' : ''}hitokagi-signin-${state}`;
}
