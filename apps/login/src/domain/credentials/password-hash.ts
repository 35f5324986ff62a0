import { availableParallelism } from 'node:os';
import { hash, parseOptions, verify } from '@node-rs/argon2';
import { newSecret } from '#support/primitives/secrets.ts';

/** Argon2id with OWASP's smallest recommended cost (19 MiB, 2 passes, 1 lane) and a server key (pepper). */
const PARAMETERS = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

export type PasswordHasher = {
  /** A PHC string (`$argon2id$…`) for a new password. */
  hash(password: string): Promise<string>;
  /**
   * Whether the password is the one of this hash. Without a hash it does the same work on a decoy and answers false, so that an account
   * without a password and no account at all take the same time.
   */
  verify(passwordHash: string | undefined, password: string): Promise<boolean>;
  /** Whether a hash was made with other parameters than today's and should be made anew at the next sign-in. */
  isOutdated(passwordHash: string): boolean;
};

/**
 * Hashing runs on the thread pool, never on the event loop, and never more at once than there are processors: more costs every single hash
 * 13–50 %, and memory.
 * @param pepper server key, so that a stolen table alone cannot be searched
 */
export async function createPasswordHasher(
  pepper: Buffer,
  parallel = availableParallelism(),
): Promise<PasswordHasher> {
  const options = { ...PARAMETERS, secret: pepper };
  const inTurn = turns(parallel);
  const decoy = await hash(newSecret(), options);
  return {
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
function turns(limit: number): <T>(work: () => Promise<T>) => Promise<T> {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (running >= limit) await new Promise<void>((resolve) => waiting.push(resolve));
    else running++;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running--;
    }
  };
}
