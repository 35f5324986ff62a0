import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import type { Config } from '#app/config.ts';

/**
 * Says in a form whose form it is, so that what is written in it reaches that person even when it is sent after the session has
 * ended. It opens nothing: only that person, signed in again in the same browser, gets the content back.
 */
export function ownerToken(config: Config, personId: string): string {
  return `${personId}.${sign(config, personId)}`;
}

/** The person whom a form's token names; null for a token that this console did not make. */
export function readOwner(config: Config, token: string): string | null {
  const [personId = '', signature = ''] = token.split('.');
  const expected = Buffer.from(sign(config, personId));
  const given = Buffer.from(signature);
  return given.length === expected.length && timingSafeEqual(given, expected) ? personId : null;
}

function sign({ clientId, clientSecret }: Config, personId: string): string {
  const key = hkdfSync('sha256', clientSecret, clientId, 'owners of forms of this console', 32);
  return createHmac('sha256', Buffer.from(key)).update(personId).digest('base64url');
}
