import { keyedHash, secretHash } from '#support/primitives/secrets.ts';

/** The page that a link in the mail to the former mailbox opens. The token stands in the query, which no log of ours has. */
export const UNDO_PATH = '/login-id/undo';

/**
 * The secret of a link: 256 bits that only the installation's key makes from the change. It is stored as a hash, like every bearer secret, and can be written into a mail
 * that is sent a second time.
 */
export function undoToken(key: Buffer, changeId: string): string {
  return keyedHash(key, 'login-id-undo', changeId);
}

/** How the token is stored. */
export function undoHash(key: Buffer, changeId: string): string {
  return secretHash(undoToken(key, changeId));
}

/** The link, always at our own host. */
export function undoUrl(pagesUrl: string, key: Buffer, changeId: string): string {
  return `${pagesUrl}${UNDO_PATH}?token=${undoToken(key, changeId)}`;
}
