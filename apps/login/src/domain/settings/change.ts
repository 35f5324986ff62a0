import { sql } from 'kysely';
import { recordEvent } from '#support/audit/record.ts';
import type { Db } from '#support/db/database.ts';
import { inTransaction } from '#support/db/in-transaction.ts';
import { checkSettings, checkTogether, type SettingProblem, type WantedSettings } from './check.ts';
import {
  defaultSettings,
  SETTING_KEYS,
  type EnvironmentSettings,
  type GivenSettings,
  type SettingKey,
  type SettingValues,
} from './table.ts';

/** The notification that goes out with the commit of a change. */
export const SETTINGS_CHANGED = 'settings_changed';

export type StoredSettings = {
  /** Grows by one with each change. */
  revision: number;
  changedAt: Date | null;
  changedBy: string | null;
  values: SettingValues;
  /** What holds where nothing else was given. A value that is the default is not stored, and follows it. */
  defaults: SettingValues;
};

export type SettingChange = { key: SettingKey; from: string | number; to: string | number };

export type ForeseeSettingsResult =
  | { ok: true; values: SettingValues; changes: readonly SettingChange[]; revision: number }
  | { ok: false; reason: 'setting-unfit'; problems: readonly SettingProblem[] }
  | { ok: false; reason: 'settings-changed'; revision: number };

/** Reads the settings. A stored value that this release does not take counts as not given. */
export async function storedSettings(
  db: Db,
  environment: EnvironmentSettings,
  options: { forUpdate?: boolean } = {},
): Promise<StoredSettings> {
  const row = await db
    .selectFrom('installation_settings')
    .selectAll()
    .$if(options.forUpdate === true, (query) => query.forUpdate())
    .executeTakeFirstOrThrow();
  const defaults = defaultSettings(environment);
  return {
    revision: row.revision,
    changedAt: row.changed_at,
    changedBy: row.changed_by,
    defaults,
    values: { ...defaults, ...takenOf(row.given as object | null) },
  };
}

/** What a change would come to; changes nothing. */
export function foreseeSettings(
  stored: StoredSettings,
  wanted: WantedSettings,
  revision: number | undefined,
): ForeseeSettingsResult {
  if (revision !== undefined && revision !== stored.revision)
    return { ok: false, reason: 'settings-changed', revision: stored.revision };
  const read = checkSettings(wanted);
  if (!read.ok) return { ok: false, reason: 'setting-unfit', problems: read.problems };
  const back = Object.fromEntries(read.back.map((key) => [key, stored.defaults[key]]));
  const values: SettingValues = { ...stored.values, ...read.given, ...back };
  const changes = SETTING_KEYS.filter((key) => values[key] !== stored.values[key]).map((key) => ({
    key,
    from: stored.values[key],
    to: values[key],
  }));
  const problems = changes.length > 0 ? checkTogether(values) : [];
  return problems.length > 0
    ? { ok: false, reason: 'setting-unfit', problems }
    : { ok: true, values, changes, revision: stored.revision };
}

export type ChangeSettingsResult =
  | { ok: true; revision: number; changes: readonly SettingChange[] }
  | Extract<ForeseeSettingsResult, { ok: false }>;

/**
 * Gives settings a value, or (null) lets them follow their default again; all of them or none. In force on every node within seconds. What changes nothing is
 * no change: no revision, no event.
 * @param revision the one that the operator looked at; undefined: whatever it is now
 */
export async function changeSettings(
  db: Db,
  environment: EnvironmentSettings,
  wanted: WantedSettings,
  by: { actor: string; now: Date; revision: number | undefined },
): Promise<ChangeSettingsResult> {
  return inTransaction(db, (trx) => changeSettingsIn(trx, environment, wanted, by));
}

async function changeSettingsIn(
  trx: Db,
  environment: EnvironmentSettings,
  wanted: WantedSettings,
  by: { actor: string; now: Date; revision: number | undefined },
): Promise<ChangeSettingsResult> {
  const stored = await storedSettings(trx, environment, { forUpdate: true });
  const foreseen = foreseeSettings(stored, wanted, by.revision);
  if (!foreseen.ok) return foreseen;
  const { changes } = foreseen;
  if (changes.length === 0) return { ok: true, revision: stored.revision, changes };
  const isBack = ({ key, to }: SettingChange): boolean => to === stored.defaults[key];
  const added = JSON.stringify(
    Object.fromEntries(changes.filter((change) => !isBack(change)).map(({ key, to }) => [key, to])),
  );
  const back = changes.filter(isBack).map(({ key }) => key);
  // What a newer release has stored stays where it is.
  const { revision } = await trx
    .updateTable('installation_settings')
    .set({
      given: sql`(given || ${added}::jsonb) - ${back}::text[]`,
      revision: stored.revision + 1,
      changed_at: by.now,
      changed_by: by.actor,
    })
    .returning('revision')
    .executeTakeFirstOrThrow();
  await recordEvent(trx, {
    at: by.now,
    action: 'settings.changed',
    actor: by.actor,
    detail: {
      revision,
      settings: Object.fromEntries(changes.map(({ key, from, to }) => [key, { from, to }])),
    },
  });
  await sql`select pg_notify(${SETTINGS_CHANGED}, '')`.execute(trx);
  return { ok: true, revision, changes };
}

function takenOf(given: object | null): GivenSettings {
  const taken: Partial<Record<SettingKey, string | number>> = {};
  for (const [key, value] of Object.entries((given ?? {}) as Readonly<Record<string, unknown>>)) {
    const read = checkSettings({ [key]: value });
    if (read.ok) Object.assign(taken, read.given);
  }
  return taken as GivenSettings;
}
