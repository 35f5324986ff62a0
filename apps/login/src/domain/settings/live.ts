import type { Db } from '#support/db/database.ts';
import { storedSettings } from './change.ts';
import { inForce, type SettingsInForce } from './in-force.ts';
import type { EnvironmentSettings } from './table.ts';

/** The settings as this node has them in memory: every request reads them, and none asks the database. */
export type LiveSettings = {
  current(): SettingsInForce;
  /** Reads them anew; called when they were changed, on whichever node (see SETTINGS_CHANGED), and every few seconds in case that was lost. */
  reload(): Promise<void>;
};

/** Reads the settings once, and keeps them until told to read anew; what cannot be read leaves those that are there. */
export async function liveSettings(
  db: Db,
  environment: EnvironmentSettings,
  onError: (error: unknown) => void,
): Promise<LiveSettings> {
  let known = await storedSettings(db, environment);
  let current = inForce(known.values);
  return {
    current: () => current,
    async reload() {
      try {
        const read = await storedSettings(db, environment);
        // Two readings may overtake each other. The same revision is the same content, and what depends on its identity stays.
        if (read.revision <= known.revision) return;
        known = read;
        current = inForce(read.values);
      } catch (error) {
        onError(error);
      }
    },
  };
}
