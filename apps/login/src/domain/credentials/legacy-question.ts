import { hash } from 'node:crypto';
import { z } from 'zod';
import type { ConsoleRow } from '#support/db/schema.ts';
import { signJwt, type SigningKeys } from '#support/keys/signing-keys.ts';
import { SECOND } from '#support/primitives/durations.ts';
import type { Outbound } from '#support/primitives/outbound.ts';
import { newSecret } from '#support/primitives/secrets.ts';

export type QuestionSender = { keys: SigningKeys; issuer: string; outbound: Outbound };

/** A person waits for the answer. */
const TIMEOUT = 3 * SECOND;
const TOKEN_LIFE = 60 * SECOND;

const ANSWER = z.object({ matches: z.literal(true), consoleUserId: z.string().min(1).max(200) });

/**
 * Asks a console whether a legacy password is right (R21): one POST to its registered address with a token that is signed as logout tokens are, lives for 60 seconds, is used once and
 * holds the SHA-256 of the body, so that nobody else can ask and no question can be changed on its way.
 * @returns the console's own user id whose password it is; null for a wrong one and for an answer that did not come in time
 */
export async function askLegacyPassword(
  sender: QuestionSender,
  console: ConsoleRow,
  question: { emailAddress: string; password: string },
  now: Date,
): Promise<string | null> {
  if (console.legacy_password_uri === null) return null;
  const body = JSON.stringify(question);
  const seconds = Math.floor(now.getTime() / SECOND);
  const bearer = await signJwt(sender.keys, console.id_token_alg, 'legacy-password-check+jwt', {
    iss: sender.issuer,
    aud: console.client_id,
    iat: seconds,
    exp: seconds + TOKEN_LIFE / SECOND,
    jti: newSecret(),
    body_sha256: hash('sha256', body, 'base64url'),
  });
  const answer = await sender.outbound.postJson(console.legacy_password_uri, body, {
    timeout: TIMEOUT,
    bearer,
  });
  if (!answer.ok || answer.status !== 200) return null;
  const read = ANSWER.safeParse(answer.json);
  return read.success ? read.data.consoleUserId : null;
}
