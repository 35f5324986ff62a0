import { hkdfSync } from 'node:crypto';
import { CompactEncrypt, compactDecrypt } from 'jose';
import { MINUTE } from '../durations.ts';

/** How long a sign-in may take from its start (QUALITY.md: pending sign-in 60 min). */
export const PENDING_LIFETIME = 60 * MINUTE;

/** What the console's browser carries while the person is at the login server. */
export type PendingSignIn = {
  state: string;
  nonce: string;
  verifier: string;
  returnPath: string;
  /** Milliseconds since the epoch. */
  startedAt: number;
  silent: boolean;
};

export type PendingSealer = {
  seal(pending: PendingSignIn): Promise<string>;
  /** The pending sign-in, or null if it is not one of ours or was altered. */
  open(sealed: string): Promise<PendingSignIn | null>;
};

/** Encrypts and authenticates pending sign-ins (JWE, RFC 7516: direct key, A256GCM) with a key derived from `cookieKey` (HKDF-SHA-256). */
export function pendingSealer(cookieKey: string): PendingSealer {
  const key = new Uint8Array(hkdfSync('sha256', cookieKey, '', 'hitokagi console-kit: pending sign-in', 32));
  return {
    seal: (pending) =>
      new CompactEncrypt(new TextEncoder().encode(JSON.stringify(pending)))
        .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
        .encrypt(key),
    open: async (sealed) => {
      try {
        const { plaintext } = await compactDecrypt(sealed, key, {
          keyManagementAlgorithms: ['dir'],
          contentEncryptionAlgorithms: ['A256GCM'],
        });
        return JSON.parse(new TextDecoder().decode(plaintext)) as PendingSignIn;
      } catch {
        return null;
      }
    },
  };
}
