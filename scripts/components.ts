import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';

/** One entry of the lock file, as far as it is told here. */
export type Locked = {
  version?: string;
  license?: string;
  integrity?: string;
  dev?: boolean;
  optional?: boolean;
  link?: boolean;
  /** Where it comes from, where that is not the registry. */
  resolved?: string;
  hasInstallScript?: boolean;
};

/** The packages of the lock file by their place. */
export function lockedPackages(): Readonly<Record<string, Locked>> {
  const file = new URL('../package-lock.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { packages: Record<string, Locked> }).packages;
}

/** Packages of others that an installation runs, without those of development: name and entry. */
export function deployedPackages(): readonly (Locked & { name: string })[] {
  return Object.entries(lockedPackages())
    .filter(([place, { dev, link }]) => place.includes('node_modules/') && dev !== true && link !== true)
    .map(([place, locked]) => ({ name: place.slice(place.lastIndexOf('node_modules/') + 13), ...locked }));
}

/**
 * The list of components in CycloneDX 1.6, from the lock file. `npm sbom` cannot write it: it takes the pair of TypeScript versions of development for a broken tree.
 */
export function componentList(): object {
  const packages = new Map(deployedPackages().map((one) => [`${one.name}@${one.version ?? ''}`, one]));
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {
      component: { type: 'application', name: 'hitokagi', licenses: [{ license: { id: 'MIT' } }] },
    },
    components: [...packages.values()]
      .toSorted((one, other) => one.name.localeCompare(other.name))
      .map(({ name, version = '', license, integrity, optional }) => ({
        type: 'library',
        'bom-ref': purl(name, version),
        name,
        version,
        purl: purl(name, version),
        scope: optional === true ? 'optional' : 'required',
        ...(license === undefined ? {} : { licenses: [{ expression: license }] }),
        ...(integrity?.startsWith('sha512-')
          ? {
              hashes: [
                { alg: 'SHA-512', content: Buffer.from(integrity.slice(7), 'base64').toString('hex') },
              ],
            }
          : {}),
      })),
  };
}

function purl(name: string, version: string): string {
  return `pkg:npm/${name.replace(/^@/, '%40')}@${version}`;
}

if (basename(process.argv[1] ?? '') === basename(fileURLToPath(import.meta.url)))
  process.stdout.write(`${JSON.stringify(componentList(), null, 2)}\n`);
