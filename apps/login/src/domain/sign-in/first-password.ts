import { storeFirstPassword } from '#domain/credentials/passwords.ts';
import { clearSignInAttempts } from '#domain/credentials/sign-in-throttle.ts';
import { roleOf } from '#domain/operators/operators.ts';
import { recordEvent } from '#support/audit/record.ts';
import type { Trx } from '#support/db/database.ts';
import type { AccountRow } from '#support/db/schema.ts';
import type { Jobs } from '#support/jobs/jobs.ts';
import { queueMail } from '#support/mail/mail.ts';
import type { Locale } from '#support/primitives/locale.ts';
import type { Client } from './client.ts';
import { PASSWORD_SET_MAIL } from './password-set-mail.ts';

/**
 * Sets the first password of an account whose person proved the legacy one (R21), with mail and audit events, and counts it as their sign-in; false, and nothing done, where another one was
 * faster, or the person was made an operator meanwhile: no console says what an operator's password is. Called with the account locked.
 */
export async function setFirstPassword(
  trx: Trx,
  jobs: Jobs,
  of: { account: AccountRow; consoleId: string; passwordHash: string; locale: Locale },
  client: Client,
  now: Date,
): Promise<boolean> {
  const { account, consoleId } = of;
  if (await roleOf(trx, account.id)) return false;
  if (!(await storeFirstPassword(trx, account.id, of.passwordHash, now))) return false;
  await clearSignInAttempts(trx, account.email_key, { clientNetwork: client.network });
  await queueMail(
    trx,
    jobs,
    {
      template: PASSWORD_SET_MAIL,
      recipient: account.email_address,
      locale: of.locale,
      params: { at: now.toISOString() },
      accountId: account.id,
    },
    now,
  );
  for (const action of ['password.set', 'account.signed-in'] as const)
    await recordEvent(trx, {
      at: now,
      action,
      actor: account.id,
      accountId: account.id,
      consoleId,
      clientIp: client.ip,
      requestId: client.requestId,
      detail: { method: 'legacy-password', userAgent: client.userAgent },
    });
  return true;
}
