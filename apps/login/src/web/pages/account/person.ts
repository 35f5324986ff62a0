import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Provider } from 'oidc-provider';
import { activeAccount } from '#domain/accounts/accounts.ts';
import type { AccountRow } from '#support/db/schema.ts';
import type { Locale } from '#support/primitives/locale.ts';
import { browserSession } from '#web/oidc/browser-session.ts';
import type { WebContext } from '#web/http/context.ts';
import { field, localeOf, shellOf, signInPathTo } from '#web/http/request.ts';
import type { Shell } from '#web/http/shell.tsx';

/** Who is looking at their own page, in which of their browsers. */
export type PersonHere = {
  account: AccountRow;
  sessionUid: string;
  locale: Locale;
  shell: Shell;
  /** The form that was sent is of someone who used this browser before: nothing of it may be carried out. */
  formIsAnothers: boolean;
};

/** The hidden field of every form here, with the account that it was made for. */
export const ACCOUNT_FIELD = 'account';

/**
 * The person who is signed in in this browser. When there is none, the browser has been led to the sign-in page, and from there comes back.
 * @param returnPath of the page to come back to
 */
export async function personHere(
  context: WebContext,
  provider: Provider,
  request: FastifyRequest,
  reply: FastifyReply,
  returnPath: '/account' | '/account/password' | '/account/activity',
): Promise<PersonHere | undefined> {
  const session = await browserSession(provider, request, reply);
  const account = session && (await activeAccount(context.db, session.accountId));
  const isForm = request.method === 'POST';
  if (!session || !account) {
    void reply.redirect(signInPathTo(returnPath, { interrupted: isForm }), 303);
    return undefined;
  }
  const locale = localeOf(request, { account: account.locale });
  return {
    account,
    sessionUid: session.uid,
    locale,
    // The language switch of an answer to a form leads to the page that the form was on.
    shell: { ...shellOf(context, request, locale), ...(isForm ? { path: returnPath } : {}) },
    formIsAnothers: isForm && field(request, ACCOUNT_FIELD) !== account.id,
  };
}
