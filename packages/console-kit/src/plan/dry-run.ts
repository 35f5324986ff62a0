import { AsyncLocalStorage } from 'node:async_hooks';
import { jwtVerify } from 'jose';
import type { CheckedOptions } from '../checked-options.ts';
import { SECOND } from '../durations.ts';
import type { FindLoginServer } from '../login-server.ts';
import { allowedAlgorithms } from '../sign-out/logout-token.ts';
import type { Phase } from './plan.ts';

/** The header of a request that is to be answered as in another phase, and of the answer that was. */
export const DRY_RUN = 'hitokagi-dry-run';

const TYPE = 'dry-run+jwt';
const OLDEST_SECONDS = 120;
const CLOCK_TOLERANCE_SECONDS = 30;
const PHASES: readonly string[] = ['prepared', 'parallel', 'unified'] satisfies Phase[];

const trying = new AsyncLocalStorage<{ phase: Phase | null }>();

/** The phase in which the request that is being answered is tried; null for all others. */
export function phaseOnTrial(): Phase | null {
  return trying.getStore()?.phase ?? null;
}

/**
 * Lets the rest of a request see another phase through `kit.gate` (R12, R19): the readiness check looks at the legacy page as it will be. Call it synchronously where the request comes in. Only pages
 * that are asked for are tried, never what is sent; and only the login server can ask, by a token that it has signed for this console a moment ago.
 * @returns the phase, or null where none is tried
 */
export async function tryPhase(
  asked: { method: string | undefined; header: string | string[] | undefined },
  verify: (token: string) => Promise<Phase | null>,
): Promise<Phase | null> {
  if (asked.method !== 'GET' || typeof asked.header !== 'string') return null;
  const trial: { phase: Phase | null } = { phase: null };
  // Before anything is waited for: so the request that goes on after this has it, and no other one.
  trying.enterWith(trial);
  trial.phase = await verify(asked.header);
  return trial.phase;
}

/** The same where what follows is a callback. */
export function withPhase(phase: Phase, act: () => void): void {
  trying.run({ phase }, act);
}

/** The phase that a token of the login server names; null for a token that is not right. */
export async function verifyDryRun(
  options: CheckedOptions,
  findLoginServer: FindLoginServer,
  token: string,
): Promise<Phase | null> {
  const server = await findLoginServer();
  if (server === null) return null;
  const metadata = server.configuration.serverMetadata();
  try {
    const { payload, protectedHeader } = await jwtVerify(token, server.keys, {
      algorithms: allowedAlgorithms(metadata.id_token_signing_alg_values_supported),
      issuer: metadata.issuer,
      audience: options.clientId,
      requiredClaims: ['iat', 'exp', 'phase'],
      maxTokenAge: OLDEST_SECONDS,
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
      currentDate: new Date(Math.floor(options.clock().getTime() / SECOND) * SECOND),
    });
    if (protectedHeader.typ !== TYPE) return null;
    return typeof payload['phase'] === 'string' && PHASES.includes(payload['phase'])
      ? (payload['phase'] as Phase)
      : null;
  } catch {
    options.log.warn({}, 'dry run: the token was refused');
    return null;
  }
}
