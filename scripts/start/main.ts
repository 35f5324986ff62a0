import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Config, readConfig } from './config.ts';
import { hasSampleData, logFolderOf, noteSampleData, sampleSecrets } from './data-folder.ts';
import { planFor } from './plan.ts';
import { portsFrom } from './ports.ts';
import { listenForStop } from './stop-signals.ts';
import { supervise, type Terminal } from './supervise.ts';
import { type SampleAccounts, welcome } from './table.ts';
import { help } from './texts.ts';

/** Everything on one machine, with sample data: what `npm start` does. Ends the process with the exit code. */
export async function main(): Promise<void> {
  const terminal: Terminal = { say: (line) => console.log(line), complain: (line) => console.error(line) };
  const read = readConfig();
  if (read.ok)
    process.exit(
      await supervise(
        read.config,
        realUndertaking(read.config),
        listenForStop({ endsWithParent: read.config.isNpmScript }),
        terminal,
      ),
    );
  if (read.help) return terminal.say(help);
  terminal.complain(read.complaint.ja);
  terminal.complain(read.complaint.en);
  process.exit(1);
}

function realUndertaking(config: Config): Parameters<typeof supervise>[1] {
  const { dataFolder, projectFolder, portBase } = config;
  const ports = portsFrom(portBase);
  return {
    ports,
    plan: async (databaseUrl) =>
      planFor(config, await sampleSecrets(dataFolder), databaseUrl, !(await hasSampleData(dataFolder))),
    prepared: () => noteSampleData(dataFolder),
    welcome: async () => welcome(ports, logFolderOf(dataFolder), await sampleAccounts(projectFolder)),
  };
}

async function sampleAccounts(projectFolder: string): Promise<SampleAccounts | null> {
  const text = await readFile(join(projectFolder, 'samples', 'accounts.json'), 'utf8').catch(() => null);
  return text === null ? null : (JSON.parse(text) as SampleAccounts);
}
