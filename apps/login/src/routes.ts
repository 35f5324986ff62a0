import type { FastifyInstance } from 'fastify';
import type { Provider } from 'oidc-provider';
import { registerConsoleApi } from '#web/api/console-api.ts';
import { registerForwardAuth } from '#web/api/forward-auth/forward-auth.ts';
import { registerLink } from '#web/api/link/link.ts';
import { registerOperatorApi } from '#web/api/operator/operator-api.ts';
import { planArea } from '#web/api/operator/plans.ts';
import { mergeArea } from '#web/api/operator/merge.ts';
import { noticeDraftArea } from '#web/api/operator/notice-drafts.ts';
import { noticeWordsArea } from '#web/api/operator/notice-words.ts';
import { noticeArea } from '#web/api/operator/notices.ts';
import { progressArea } from '#web/api/operator/progress.ts';
import { rehearsalArea } from '#web/api/operator/rehearsal.ts';
import { mailArea } from '#web/api/operator/mails.ts';
import { importArea } from '#web/api/operator/imports.ts';
import { auditArea } from '#web/api/operator/audit.ts';
import { consoleArea } from '#web/api/operator/consoles.ts';
import { consoleCheckArea } from '#web/api/operator/console-checks.ts';
import { consoleSecretArea } from '#web/api/operator/console-secrets.ts';
import { domainListArea } from '#web/api/operator/domain-lists.ts';
import { directoryArea } from '#web/api/operator/directories.ts';
import { eventArea } from '#web/api/operator/events.ts';
import { accountArea } from '#web/api/operator/accounts.ts';
import { accountSessionArea } from '#web/api/operator/account-sessions.ts';
import { loginIdArea } from '#web/api/operator/login-ids.ts';
import { logoutArea } from '#web/api/operator/logouts.ts';
import { suspensionArea } from '#web/api/operator/suspension.ts';
import { operatorsArea } from '#web/api/operator/operators.ts';
import { signingKeyArea } from '#web/api/operator/signing-keys.ts';
import { settingsApiArea } from '#web/api/operator/settings.ts';
import { operatorTokenArea } from '#web/api/operator/tokens.ts';
import { registerReference } from '#web/api/openapi/reference.ts';
import { registerProblemsPage } from '#web/api/problems/page.tsx';
import { registerScim } from '#web/api/scim/scim.ts';
import { registerSsf } from '#web/api/ssf/ssf.ts';
import type { WebContext } from '#web/http/context.ts';
import { mountProvider } from '#web/oidc/mount.ts';
import { registerAccountPassword } from '#web/pages/account/password-route.ts';
import { registerAccount } from '#web/pages/account/route.ts';
import { actsArea } from '#web/operator/migration/acts/route.ts';
import { importPagesArea } from '#web/operator/imports/route.ts';
import { deliveryPagesArea } from '#web/operator/deliveries/route.ts';
import { mailPagesArea } from '#web/operator/mail/route.ts';
import { accountMergeArea } from '#web/operator/accounts/merge/route.ts';
import { accountsArea } from '#web/operator/accounts/route.ts';
import { directoryPagesArea } from '#web/operator/consoles/directory-route.ts';
import { domainListsArea } from '#web/operator/domain-lists/route.ts';
import { consoleEditArea } from '#web/operator/consoles/edit-route.ts';
import { consolesArea } from '#web/operator/consoles/route.ts';
import { consoleSecretPagesArea } from '#web/operator/consoles/secret-route.ts';
import { auditPagesArea } from '#web/operator/audit/route.ts';
import { migrationArea } from '#web/operator/migration/route.ts';
import { bouncesArea } from '#web/operator/notices/bounces-route.ts';
import { noticesArea } from '#web/operator/notices/route.ts';
import { settleArea } from '#web/operator/notices/settle-route.ts';
import { noticeWordsPagesArea } from '#web/operator/notices/words-route.ts';
import { overviewArea } from '#web/operator/overview/route.ts';
import { keysArea } from '#web/operator/keys/route.ts';
import { settingsArea } from '#web/operator/settings/route.ts';
import { tokenPagesArea } from '#web/operator/tokens/route.ts';
import { registerOperatorPages } from '#web/operator/visit.ts';
import { registerConnectionTest } from '#web/pages/connection-test/route.ts';
import { registerHome } from '#web/pages/home/route.ts';
import { registerLanguage } from '#web/pages/language/route.ts';
import { registerChangeCode } from '#web/pages/login-id/code.ts';
import { registerUndo } from '#web/pages/login-id/undo.ts';
import { registerNewPassword } from '#web/pages/new-password/route.ts';
import { registerReset } from '#web/pages/reset/route.ts';
import { registerSignedOut } from '#web/pages/signed-out/route.ts';
import { sampleSignInPage } from '#web/pages/sign-in/sample.ts';
import { registerSignIn } from '#web/pages/sign-in/route.ts';

/** Every URL of the login server, by the folder that answers it. */
export async function registerRoutes(
  app: FastifyInstance,
  context: WebContext,
  provider: Provider,
): Promise<void> {
  // /  /sign-out
  registerHome(app, context, provider);
  // /account  /account/browsers/…  /account/ended/:moment  /account/activity
  registerAccount(app, context, provider);
  // /account/password
  registerAccountPassword(app, context, provider);
  // /sign-in  /sign-in/:uid
  registerSignIn(app, context, provider);
  // /reset  /reset/:request  /reset/done, and the same under /sign-in/:uid
  registerReset(app, context, provider);
  // /new-password/:proof, and the same under /sign-in/:uid
  registerNewPassword(app, context, provider);
  // /login-id/code/:request
  registerChangeCode(app, context);
  // /login-id/undo
  registerUndo(app, context);
  // /signed-out  /signed-out/:logout
  registerSignedOut(app, context, provider);
  // /connection-test  /connection-test/:clientId  /connection-test/:clientId/domains.json  …/domains.txt  /reachable  /reachable/mark.svg
  registerConnectionTest(app, context);
  // /operator  /operator/…
  await registerOperatorPages(app, context, provider, [
    overviewArea,
    migrationArea,
    actsArea,
    noticesArea,
    bouncesArea,
    settleArea,
    noticeWordsPagesArea,
    consolesArea,
    consoleEditArea,
    consoleSecretPagesArea,
    directoryPagesArea,
    domainListsArea,
    accountsArea,
    accountMergeArea,
    importPagesArea,
    mailPagesArea,
    deliveryPagesArea,
    auditPagesArea,
    keysArea,
    tokenPagesArea,
    settingsArea(sampleSignInPage),
  ]);
  // /language
  registerLanguage(app, context, provider);
  // /authorize  /token  /userinfo  /jwks  /logout  /revoke  /introspect  /.well-known/…
  await mountProvider(app, context, provider);
  // /api/docs
  registerReference(app);
  // /api/problems
  registerProblemsPage(app, context);
  // /api/console/v1/…
  await registerConsoleApi(app, context);
  // /consoles/:clientId/link.js  /consoles/:clientId/link.html
  registerLink(app, context);
  // /forward-auth/check  /forward-auth/start  /forward-auth/callback  /forward-auth/sign-out
  await registerForwardAuth(app, context);
  // /.well-known/ssf-configuration  /ssf/…
  await registerSsf(app, context);
  // /scim/v2/…
  await registerScim(app, context);
  // /api/operator/v1/…
  await registerOperatorApi(app, context, [
    consoleArea,
    consoleSecretArea,
    consoleCheckArea,
    planArea,
    noticeArea,
    noticeDraftArea,
    noticeWordsArea,
    progressArea,
    rehearsalArea,
    importArea,
    mailArea,
    logoutArea,
    accountArea,
    accountSessionArea,
    loginIdArea,
    eventArea,
    suspensionArea,
    mergeArea,
    auditArea,
    operatorsArea,
    operatorTokenArea,
    settingsApiArea,
    directoryArea,
    domainListArea,
    signingKeyArea,
  ]);
}
