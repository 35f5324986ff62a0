import { availableParallelism } from 'node:os';
import { hash, parseOptions, verify } from '@node-rs/argon2';
import { newSecret } from '#support/primitives/secrets.ts';

/** Argon2id with OWASP's smallest recommended cost (19 MiB, 2 passes, 1 lane) and a server key (pepper). */
const PARAMETERS = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

/** Each processor checks about 75 passwords a second; who would wait longer than two seconds is better told so at once (O1). */
const PLACES_A_PROCESSOR = 150;

/** So many people are having a password checked that another one would wait too long. Nothing was done; trying again helps. */
export class TooBusy extends Error {}

export type PasswordHasher = {
  /**
   * Takes a place among those who are having a password checked, until it is disposed of. Ask before anything is counted or looked up. Throws `TooBusy` when all are taken;
   * what a code or a proof was used up for is hashed without a place.
   */
  admit(): Disposable;
  /** A PHC string (`$argon2id$…`) for a new password. */
  hash(password: string): Promise<string>;
  /**
   * Whether the password is the one of this hash. Without a hash it does the same work on a decoy and answers false, so that an account
   * without a password and no account at all take the same time.
   */
  verify(passwordHash: string | undefined, password: string): Promise<boolean>;
  /** Whether a hash was made with other parameters than today's and should be made anew at the next sign-in. */
  isOutdated(passwordHash: string): boolean;
  /** How many hashes are computed at this moment, and how many wait for their turn. */
  load(): { running: number; waiting: number };
};

/**
 * Hashing runs on the thread pool, never on the event loop, and never more at once than there are processors: more costs every single hash
 * 13–50 %, and memory.
 * @param pepper server key, so that a stolen table alone cannot be searched
 * @param onWaited hears how long each waited for its turn
 */
export async function createPasswordHasher(
  pepper: Buffer,
  parallel = availableParallelism(),
  onWaited: (milliseconds: number) => void = () => undefined,
): Promise<PasswordHasher> {
  const options = { ...PARAMETERS, secret: pepper };
  const { inTurn, load } = turns(parallel, onWaited);
  const decoy = await hash(newSecret(), options);
  let places = parallel * PLACES_A_PROCESSOR;
  return {
    load,
    admit() {
      if (places === 0) throw new TooBusy('Too many passwords wait to be checked.');
      places--;
      return { [Symbol.dispose]: () => void places++ };
    },
    hash: (password) => inTurn(() => hash(normalised(password), options)),
    verify: (passwordHash, password) =>
      inTurn(async () => {
        const matches = await verify(passwordHash ?? decoy, normalised(password), { secret: pepper });
        return passwordHash !== undefined && matches;
      }),
    isOutdated(passwordHash) {
      const used = parseOptions(passwordHash);
      return (
        used.memoryCost !== PARAMETERS.memoryCost ||
        used.timeCost !== PARAMETERS.timeCost ||
        used.parallelism !== PARAMETERS.parallelism
      );
    },
  };
}

/** One typed text has one form however the keyboard composed it (NIST SP 800-63B §3.1.1.2): NFKC. */
export function normalised(password: string): string {
  return password.normalize('NFKC');
}

/** Lets at most `limit` pieces of work run at once; the rest waits in order. */
function turns(
  limit: number,
  onWaited: (milliseconds: number) => void,
): { inTurn<T>(work: () => Promise<T>): Promise<T>; load(): { running: number; waiting: number } } {
  let running = 0;
  const waiting: (() => void)[] = [];
  const load = () => ({ running, waiting: waiting.length });
  async function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const asked = performance.now();
    if (running >= limit) await new Promise<void>((resolve) => waiting.push(resolve));
    else running++;
    onWaited(performance.now() - asked);
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running--;
    }
  }
  return { inTurn, load };
}
