import { spawnSync } from 'node:child_process';

/**
 * Makes sure that a program of Debian is there, for tests with peers that nobody here wrote: undefined when it is, else the sentence that says why the
 * test is skipped. It is installed only when HITOKAGI_INTEROP=1 says so and apt-get may: an ordinary test run changes nothing on its machine.
 * @param probe a command that succeeds when the program is there
 */
export function missingFromDebian(
  packageName: string,
  probe: readonly [string, ...string[]],
): string | undefined {
  const [command, ...args] = probe;
  const isThere = (): boolean => spawnSync(command, args, { stdio: 'ignore' }).status === 0;
  if (isThere()) return undefined;
  if (process.env.HITOKAGI_INTEROP === '1') {
    const options = ['install', '--yes', '--no-install-recommends', packageName];
    spawnSync('apt-get', options, {
      stdio: 'ignore',
      timeout: 240_000,
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    });
    if (isThere()) return undefined;
  }
  return `skipped: ${packageName} is not installed (Debian: apt-get install ${packageName}, or HITOKAGI_INTEROP=1 as root)`;
}
