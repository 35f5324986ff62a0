import { accountAndPassword, replaceHash } from '#domain/credentials/passwords.ts';
import { clearSignInAttempts, countSignInAttempt } from '#domain/credentials/sign-in-throttle.ts';
import type { PasswordHasher } from '#domain/credentials/password-hash.ts';
import { eventStatement, recordEvent } from '#support/audit/record.ts';
import type { Db } from '#support/db/database.ts';
import type { AccountRow } from '#support/db/schema.ts';
import { parseEmailAddress } from '#support/primitives/email-address.ts';

/** Where a request comes from, for limits and the audit log. */
export type Client = { ip: string; network: string; requestId: string };

export type AuthenticateResult =
  | { ok: true; account: AccountRow }
  | { ok: false; reason: 'address-missing' | 'address-malformed' | 'password-missing' }
  | { ok: false; reason: 'wrong-credentials' }
  | { ok: false; reason: 'wait' | 'network-wait'; until: Date }
  | { ok: false; reason: 'only-reset' };

/**
 * Verifies a login ID and password (R2). A wrong password, an unknown login ID, an account without a password (R3) and a suspended one
 * get the same answer after the same work: one counter, one look-up, one hash.
 */
export async function authenticate(
  deps: { db: Db; hasher: PasswordHasher },
  typed: { emailAddress: string; password: string },
  client: Client,
  now: Date,
): Promise<AuthenticateResult> {
  if (typed.emailAddress.trim() === '') return { ok: false, reason: 'address-missing' };
  const address = parseEmailAddress(typed.emailAddress);
  if (!address.ok) return address;
  if (typed.password === '') return { ok: false, reason: 'password-missing' };

  const attempt = await countSignInAttempt(deps.db, address.key, client.network, now);
  if (!attempt.ok) return attempt;

  const found = await accountAndPassword(deps.db, address.key);
  const matches = await deps.hasher.verify(found?.passwordHash, typed.password);
  if (!found?.passwordHash || !matches) {
    await recordEvent(deps.db, {
      at: now,
      action: 'account.sign-in-refused',
      actor: 'anonymous',
      accountId: found?.account.id ?? null,
      clientIp: client.ip,
      requestId: client.requestId,
    });
    return { ok: false, reason: 'wrong-credentials' };
  }

  const { account, passwordHash } = found;
  const together = eventStatement({
    at: now,
    action: 'account.signed-in',
    actor: account.id,
    accountId: account.id,
    clientIp: client.ip,
    requestId: client.requestId,
    detail: { method: 'password' },
  });
  const current = deps.hasher.isOutdated(passwordHash) ? await deps.hasher.hash(typed.password) : undefined;
  if (current) await replaceHash(deps.db, account.id, passwordHash, current);
  await clearSignInAttempts(deps.db, address.key, { clientNetwork: client.network, together });
  return { ok: true, account };
}
