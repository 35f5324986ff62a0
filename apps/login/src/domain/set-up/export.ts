import { stringify } from 'yaml';
import { PLAIN_SETTINGS, settingsOf, type ConsoleSettings } from '#domain/consoles/settings.ts';
import { listOperators } from '#domain/operators/operators.ts';
import { storedSettings } from '#domain/settings/change.ts';
import { SETTING_KEYS, type EnvironmentSettings } from '#domain/settings/table.ts';
import type { Db } from '#support/db/database.ts';

/**
 * Writes the present state as a file that `applySetUp` takes and finds unchanged. Settings and parts of consoles that have their default are left out; so are secrets, of which only hashes are
 * stored.
 */
export async function describeSetUp(db: Db, environment: EnvironmentSettings): Promise<string> {
  const [{ values, defaults }, consoles, operators] = await Promise.all([
    storedSettings(db, environment),
    db.selectFrom('console').selectAll().orderBy('client_id').execute(),
    listOperators(db),
  ]);
  const given = SETTING_KEYS.filter((key) => values[key] !== defaults[key]);
  return stringify(
    {
      version: 1,
      settings: Object.fromEntries(given.map((key) => [key, values[key]])),
      consoles: consoles.map((row) => ({ clientId: row.client_id, ...described(settingsOf(row)) })),
      operators: operators
        .filter((one) => one.accountState === 'active')
        .map((one) => ({ loginId: one.emailAddress, role: one.role })),
    },
    { lineWidth: 0 },
  );
}

function described(settings: ConsoleSettings): object {
  const { nameJa, nameEn, supportContactJa, supportContactEn, ...rest } = settings;
  const own = Object.entries(rest).filter(
    ([name, value]) =>
      JSON.stringify(value) !== JSON.stringify(PLAIN_SETTINGS[name as keyof ConsoleSettings]),
  );
  const hasContact = supportContactJa !== '' || supportContactEn !== '';
  return {
    name: { ja: nameJa, en: nameEn },
    ...Object.fromEntries(own),
    ...(hasContact ? { supportContact: { ja: supportContactJa, en: supportContactEn } } : {}),
  };
}
