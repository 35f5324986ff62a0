import { resolve } from 'node:path';
import { type Complaint, complaint } from './texts.ts';

/** Everything that the start is told by its arguments and environment, read once. */
export type Config = {
  readonly projectFolder: string;
  readonly dataFolder: string;
  readonly portBase: number;
  /** Begin anew: remove what is in the data folder first. */
  readonly fresh: boolean;
  /** Whether npm runs this as a script, with a shell between it and us. */
  readonly isNpmScript: boolean;
  /** What the programs inherit. */
  readonly environment: Readonly<Record<string, string | undefined>>;
};

export type ReadConfig =
  { ok: true; config: Config } | { ok: false; help: true } | { ok: false; help: false; complaint: Complaint };

/** The only reader of the environment. The data folder is relative to the current directory, `.data` by default. */
export function readConfig(
  args: readonly string[] = process.argv.slice(2),
  environment: Readonly<Record<string, string | undefined>> = process.env,
): ReadConfig {
  if (args.includes('--help') || args.includes('-h')) return { ok: false, help: true };
  const unknown = args.find((argument) => argument !== '--fresh');
  if (unknown !== undefined)
    return { ok: false, help: false, complaint: complaint('argumentUnknown', unknown) };
  const portBase = environment['HITOKAGI_PORT_BASE'] || '4100';
  if (!isPortBase(portBase))
    return { ok: false, help: false, complaint: complaint('portBaseMalformed', portBase) };
  const config = {
    projectFolder: resolve(import.meta.dirname, '..', '..'),
    dataFolder: resolve(environment['HITOKAGI_DATA_DIR'] || '.data'),
    portBase: Number(portBase),
    fresh: args.includes('--fresh'),
    isNpmScript: environment['npm_lifecycle_event'] === 'start',
    environment,
  };
  return { ok: true, config: Object.freeze(config) };
}

// The highest port is 375 above the base, and no port is above 65535.
function isPortBase(text: string): boolean {
  return /^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65_535 - 375;
}
