import { readFile } from 'node:fs/promises';
import { ensureAccount } from '#domain/accounts/accounts.ts';
import { registerConsole } from '#domain/consoles/consoles.ts';
import { changingPlan } from '#domain/migration/change.ts';
import { planOf, setLinkTime } from '#domain/migration/plans.ts';
import { addOperator, listOperators } from '#domain/operators/operators.ts';
import type { Db } from '#support/db/database.ts';
import { parseEmailAddress } from '#support/primitives/email-address.ts';
import type { SampleConfig } from '../../config.ts';

/** Signs in to the operator pages of `npm start`, whose table names it; sets a password first, as everybody does. */
const SAMPLE_OPERATOR = 'operator@example.co.jp';

/**
 * Registers the two sample consoles and makes a sample operator. 絶対リーチ!SMS stands in its parallel period since 21 November 2026 22:00 Japan time; the second one has
 * been cut over, so that one machine shows both phases. A plan that was changed since is left as it is.
 */
export async function setUpSample(
  db: Db,
  sample: SampleConfig,
  allowedInternalHosts: readonly string[],
  now: Date,
): Promise<void> {
  const secrets = JSON.parse(await readFile(sample.secretsFile, 'utf8')) as { sms: string; mail: string };
  await register(
    'sms',
    sample.smsUrl,
    secrets.sms,
    { ja: '絶対リーチ!SMS', en: 'Zettai Reach! SMS' },
    { linkAt: '2026-11-21T22:00:00+09:00', cutOverAt: null },
  );
  await register(
    'mail',
    sample.mailUrl,
    secrets.mail,
    { ja: '絶対リーチ!メール', en: 'Zettai Reach! Mail' },
    { linkAt: '2026-08-01T10:00:00+09:00', cutOverAt: '2026-10-01T10:00:00+09:00' },
  );

  // Staff, whom no console knows; who took the role away has done so knowingly.
  const address = parseEmailAddress(SAMPLE_OPERATOR);
  if (address.ok && (await listOperators(db)).length === 0) {
    await ensureAccount(db, address, '見本 管理者', now);
    await addOperator(db, { emailAddress: SAMPLE_OPERATOR, role: 'administrator' }, { actor: 'system', now });
  }

  async function register(
    clientId: string,
    url: string,
    clientSecret: string,
    name: { ja: string; en: string },
    plan: { linkAt: string; cutOverAt: string | null },
  ): Promise<void> {
    const registered = await registerConsole(
      db,
      {
        clientId,
        clientSecret,
        nameJa: name.ja,
        nameEn: name.en,
        homeUrl: `${url}/`,
        initiateLoginUri: `${url}/auth/start`,
        legacyLoginUrl: `${url}/login`,
        redirectUris: [`${url}/auth/callback`],
        postLogoutRedirectUris: [`${url}/`],
        backchannelLogoutUri: `${url}/auth/backchannel-logout`,
        eventUri: `${url}/auth/events`,
        idTokenAlg: 'ES256',
      },
      { actor: 'system', now, allowedInternalHosts },
    );
    if (!registered.ok)
      throw new Error(
        `The sample console ${clientId} cannot be registered: ${registered.reason} ${registered.detail}`,
      );
    // The seeds of the consoles make this user.
    await db
      .updateTable('console')
      .set({ check_user_id: '1' })
      .where('id', '=', registered.consoleId)
      .where('check_user_id', 'is', null)
      .execute();
    if ((await planOf(db, registered.consoleId)).revision > 1) return;
    const by = { actor: 'system', now };
    await setLinkTime(db, registered.consoleId, new Date(plan.linkAt), by, 'sample data');
    const { cutOverAt } = plan;
    if (cutOverAt === null) return;
    // Of the past, before anybody was linked: there was nobody to announce it to.
    await changingPlan(db, registered.consoleId, by, ({ store }) =>
      store('cut-over-set', { cutOverAt: new Date(cutOverAt), cutOverSetAt: now }, { note: 'sample data' }),
    );
  }
}
